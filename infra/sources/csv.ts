import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Entry, Fit } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { Faults } from './faults.ts';
import { givenLabel } from './given-label.ts';
import { readHeader, widthFault, type Columns } from './header.ts';
import { manifestIdentity } from './identity.ts';
import { normalise, openRoot, resolveInside, type Root } from './inside.ts';
import { readRows, type Row } from './rows.ts';
import { streamedSource } from './streamed.ts';
import { show, storable } from './text.ts';
import { parseTime } from './time.ts';
import { FILE_FIT, type OpenedSource } from './types.ts';

type Name = 'path' | 'stream' | 'time' | 'label';

/** How the rows of a file are read. */
interface Layout {
  readonly columns: Columns<Name>;
  /** What the column of paths is called. */
  readonly path: 'path' | 'id';
}

interface Manifest extends Layout {
  readonly name: string;
  readonly root: Root;
}

/**
 * A CSV manifest: one row an item, in stream order. Columns `path`, and where they are there `stream`, `time` (ISO 8601 with a zone), `label`
 * (a class, or boxes as JSON). What `export --format csv` writes is such a manifest, with the paths in `id`. Read as `streamedSource` says; held is what `readRows` holds.
 * @param root what paths are relative to; by default the folder of the manifest
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX, SLUICE_E_CONFIG_INVALID (root)
 */
export async function openCsv(file: string, root?: string, fit: Fit = FILE_FIT): Promise<OpenedSource> {
  const real = await realpath(file);
  const { layout, total, timed } = await survey(real);
  const manifest: Manifest = { name: basename(real), root: await openRoot(root ?? dirname(file)), ...layout };
  return streamedSource({ name: manifest.name, identity: manifestIdentity('csv', real, manifest.root), fit, total, timed, items: () => pastHeader(real), entry: (row) => entryOf(row, manifest) });
}

/** The first reading: everything that would stop the second one. */
async function survey(file: string): Promise<{ layout: Layout; total: number; timed: boolean }> {
  const faults = new Faults(basename(file));
  let layout: Layout | null = null;
  let total = 0;
  let timed = false;
  for await (const row of readRows(file)) {
    if (layout !== null) {
      total += 1;
      timed ||= (row.fields[layout.columns.place.time] ?? '') !== '';
    } else {
      layout = layoutOf(row, faults);
      faults.raise();
    }
  }
  layout ??= { columns: readHeader<Name>(null, ['path'], [], faults), path: 'path' };
  faults.raise();
  return { layout, total, timed };
}

/** An export has no column `path`: the id is the path that it came with. */
function layoutOf(header: Row, faults: Faults): Layout {
  const names = new Set(header.fields.map((name) => name.trim()));
  if (names.has('path') || !names.has('id') || !names.has('verdict')) return { columns: readHeader<Name>(header, ['path'], ['stream', 'time', 'label'], faults), path: 'path' };
  const { place, width } = readHeader(header, ['id'], ['stream', 'time', 'label'], faults);
  return { columns: { place: { ...place, path: place.id }, width }, path: 'id' };
}

async function* pastHeader(file: string): AsyncGenerator<Row> {
  const rows = readRows(file);
  await rows.next();
  yield* rows;
}

async function entryOf(row: Row, { name, root, columns, path: key }: Manifest): Promise<Entry> {
  // An export puts a ' before what a spreadsheet might run, and before another '.
  const field = (column: Name): string => {
    const text = row.fields[columns.place[column]] ?? '';
    return key === 'id' && text.startsWith("'") ? text.slice(1) : text;
  };
  const path = field('path');
  const bad = (cause: string): Entry => {
    const id = path === '' ? `${name}:${row.line}` : storable(normalise(path) || path);
    return { id, error: new SluiceError('SLUICE_E_ROW_INVALID', `${name}, ${cause}`) };
  };
  const width = widthFault(row, columns);
  if (width !== null) return bad(width.join(': '));
  if (path === '') return bad(`line ${row.line}, column "${key}": the path is empty.`);
  const when = field('time');
  const time = when === '' ? null : parseTime(when);
  if (when !== '' && time === null) return bad(`line ${row.line}, column "time": ${show(when)} is no time of the form 2026-01-31T12:00:00Z (ISO 8601 with Z or an offset).`);
  const given = givenLabel(boxesIn(field('label')) ?? field('label'), `${name}, line ${row.line}, label`);
  if (given === null) return bad(`line ${row.line}, column "label": expected a class or a list of boxes, found ${show(field('label'))}.`);
  const item = await resolveInside(root, path);
  if ('error' in item) return item;
  return { sample: { id: item.id, uri: item.uri, stream: field('stream') || 'default', time, label: given.label, ...(given.faults.length > 0 ? { faults: given.faults } : {}), origin: null } };
}

/** A list of objects as JSON; null: any other text is a class. */
function boxesIn(text: string): readonly unknown[] | null {
  if (!text.startsWith('[') || !text.endsWith(']')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((box) => typeof box === 'object' && box !== null) ? value : null;
  } catch {
    return null;
  }
}
