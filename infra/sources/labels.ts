import { basename } from 'node:path';
import { stat } from 'node:fs/promises';
import type { Entry } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { Faults } from './faults.ts';
import { readHeader, widthFault, type Columns } from './header.ts';
import { normalise } from './inside.ts';
import { readRows } from './rows.ts';
import { errno, firstFive, plural, show } from './text.ts';
import type { OpenedSource } from './types.ts';

interface Given {
  readonly label: string;
  readonly line: number;
}

/**
 * Gives the samples of a source the labels of a CSV `path,label`, whose paths equal the ids. A label given here takes the place of the source's own; an empty
 * one says nothing. All labels are held in memory. What names no item of the source is told in `warnings` at the end.
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX naming all faults of the file, SLUICE_E_CONFIG_INVALID when it is not there
 */
export async function withLabels(source: OpenedSource, file: string): Promise<OpenedSource> {
  const given = await readLabels(file);
  const unused = new Set(given.keys());
  let ended = false;
  const relabel = (entry: Entry): Entry => {
    const id = 'sample' in entry ? entry.sample.id : entry.id;
    unused.delete(id);
    const own = given.get(id);
    return 'sample' in entry && own !== undefined ? { ...entry, sample: { ...entry.sample, label: own.label } } : entry;
  };
  return {
    identity: source.identity,
    total: source.total,
    fit: source.fit,
    header: source.header,
    timed: source.timed,
    faults: source.faults,
    async next(limit) {
      const entries = await source.next(limit);
      ended = entries.length === 0;
      return entries.map(relabel);
    },
    close: () => source.close(),
    warnings() {
      if (!ended || unused.size === 0) return source.warnings();
      const first: string[] = [];
      for (const id of unused) if (first.push(id) === 5) break;
      const names = firstFive(first, unused.size);
      if (unused.size === given.size) {
        return [...source.warnings(), `not one of the ${plural(given.size, 'label')} in ${basename(file)} names an item of the source, so nothing was labelled; paths must equal the ids. The file has ${names}.`];
      }
      return [...source.warnings(), `${plural(unused.size, 'label')} in ${basename(file)} ${unused.size === 1 ? 'names an item' : 'name items'} that the source does not have: ${names}.`];
    },
  };
}

async function readLabels(file: string): Promise<ReadonlyMap<string, Given>> {
  const stats = await stat(file).catch((thrown: unknown) => errno(thrown) || String(thrown));
  if (typeof stats === 'string' || !stats.isFile()) {
    throw new SluiceError('SLUICE_E_CONFIG_INVALID', `--labels: ${show(file)} ${typeof stats === 'string' ? `cannot be reached (${stats})` : 'is no regular file'}.`);
  }
  const faults = new Faults(basename(file));
  const given = new Map<string, Given>();
  let columns: Columns<'path' | 'label'> | null = null;
  for await (const row of readRows(file)) {
    if (columns === null) {
      columns = readHeader(row, ['path', 'label'], [], faults);
      faults.raise();
      continue;
    }
    const path = row.fields[columns.place.path] ?? '';
    const label = row.fields[columns.place.label] ?? '';
    const width = widthFault(row, columns);
    const id = normalise(path) ?? path;
    const before = given.get(id);
    if (width !== null) faults.add(...width);
    else if (path === '') faults.add(`line ${row.line}, column "path"`, 'the path is empty.');
    else if (label === '') continue;
    else if (before === undefined) given.set(id, { label, line: row.line });
    else if (before.label !== label) faults.add(`line ${row.line}, column "label"`, `${show(id)} is ${show(label)} here and ${show(before.label)} in line ${before.line}.`);
  }
  if (columns === null) readHeader(null, ['path', 'label'], [], faults);
  faults.raise();
  return given;
}
