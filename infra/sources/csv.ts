import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Entry, Fit } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { Faults } from './faults.ts';
import { readHeader, widthFault, type Columns } from './header.ts';
import { manifestIdentity } from './identity.ts';
import { normalise, openRoot, resolveInside, type Root } from './inside.ts';
import { readRows, type Row } from './rows.ts';
import { streamedSource } from './streamed.ts';
import { show, storable } from './text.ts';
import { parseTime } from './time.ts';
import { FILE_FIT, type OpenedSource } from './types.ts';

type Name = 'path' | 'stream' | 'time' | 'label';

interface Manifest {
  readonly name: string;
  readonly root: Root;
  readonly columns: Columns<Name>;
}

/**
 * A CSV manifest: one row an item, in stream order. Columns `path`, and where they are there `stream`, `time` (ISO 8601 with a zone), `label`.
 * Read as `streamedSource` says; held is what `readRows` holds.
 * @param root what paths are relative to; by default the folder of the manifest
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX, SLUICE_E_CONFIG_INVALID (root)
 */
export async function openCsv(file: string, root?: string, fit: Fit = FILE_FIT): Promise<OpenedSource> {
  const real = await realpath(file);
  const { columns, total, timed } = await survey(real);
  const manifest: Manifest = { name: basename(real), root: await openRoot(root ?? dirname(file)), columns };
  return streamedSource({ name: manifest.name, identity: manifestIdentity('csv', real, manifest.root), fit, total, timed, items: () => pastHeader(real), entry: (row) => entryOf(row, manifest) });
}

/** The first reading: everything that would stop the second one. */
async function survey(file: string): Promise<{ columns: Columns<Name>; total: number; timed: boolean }> {
  const faults = new Faults(basename(file));
  let columns: Columns<Name> | null = null;
  let total = 0;
  let timed = false;
  for await (const row of readRows(file)) {
    if (columns !== null) {
      total += 1;
      timed ||= (row.fields[columns.place.time] ?? '') !== '';
    } else {
      columns = readHeader<Name>(row, ['path'], ['stream', 'time', 'label'], faults);
      faults.raise();
    }
  }
  columns ??= readHeader<Name>(null, ['path'], [], faults);
  faults.raise();
  return { columns, total, timed };
}

async function* pastHeader(file: string): AsyncGenerator<Row> {
  const rows = readRows(file);
  await rows.next();
  yield* rows;
}

async function entryOf(row: Row, { name, root, columns }: Manifest): Promise<Entry> {
  const field = (column: Name): string => row.fields[columns.place[column]] ?? '';
  const path = field('path');
  const bad = (cause: string): Entry => {
    const id = path === '' ? `${name}:${row.line}` : storable(normalise(path) || path);
    return { id, error: new SluiceError('SLUICE_E_ROW_INVALID', `${name}, ${cause}`) };
  };
  const width = widthFault(row, columns);
  if (width !== null) return bad(width.join(': '));
  if (path === '') return bad(`line ${row.line}, column "path": the path is empty.`);
  const when = field('time');
  const time = when === '' ? null : parseTime(when);
  if (when !== '' && time === null) return bad(`line ${row.line}, column "time": ${show(when)} is no time of the form 2026-01-31T12:00:00Z (ISO 8601 with Z or an offset).`);
  const item = await resolveInside(root, path);
  if ('error' in item) return item;
  return { sample: { id: item.id, uri: item.uri, stream: field('stream') || 'default', time, label: field('label') || null, origin: null } };
}
