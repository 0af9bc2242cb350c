import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asyncBufferFromFile, type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects, parquetSchema, type RowGroup } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Entry, Fit } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { openRoot } from './inside.ts';
import { classNames } from './hugging-face.ts';
import { entryOf, usedColumns } from './parquet-row.ts';
import { picturedSource } from './pictured.ts';
import { FILE_FIT, type OpenedSource } from './types.ts';

/** What the columns of a row group that are read may take unpacked, in bytes: all of it is held. */
const LARGEST_GROUP = 512 * 2 ** 20;

type Row = Readonly<Record<string, unknown>>;

interface Table {
  readonly file: string;
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
  /** Those that say something here. */
  readonly columns: readonly string[];
}

/** Whether a folder holds Parquet files and nothing else but texts beside them. */
export async function isTables(folder: string): Promise<boolean> {
  const files = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
  return files.some(({ name }) => name.endsWith('.parquet')) && files.every((entry) => entry.isFile() && /\.(?:parquet|json|md|txt)$/.test(entry.name));
}

/**
 * A Parquet file, or a folder of them, by their names; a row an item. Columns: `image` (bytes, or `{bytes, path}` as Hugging Face's datasets write it) or else a path (`path`, `file_name`, or `id`), and where they are
 * there `id`, `stream`, `time` (a timestamp, or ISO 8601), `label` (a class, or the number of one that the metadata names) `boxes` (as `label` in a manifest of JSON lines) and `objects` (as Hugging Face's datasets have it). Further columns are not read.
 * Held: one row group.
 * @param root what paths are relative to; by default the folder of the file
 * @throws SluiceError SLUICE_E_SOURCE_UNKNOWN, SLUICE_E_SOURCE_SYNTAX (no Parquet, or no image in it), SLUICE_E_CONFIG_INVALID (root)
 */
export async function openParquet(location: string, root?: string, fit: Fit = FILE_FIT): Promise<OpenedSource> {
  const place = await realpath(location);
  const folder = (await stat(place)).isDirectory();
  const files = folder ? (await readdir(place)).filter((name) => name.endsWith('.parquet') && !name.startsWith('.')).sort().map((name) => join(place, name)) : [place];
  if (files.length === 0) throw new SluiceError('SLUICE_E_SOURCE_UNKNOWN', `${place} holds no .parquet.`);
  const base = await openRoot(root ?? (folder ? place : dirname(place)));
  const tables = await Promise.all(files.map(openTable));
  return picturedSource({
    identity: `parquet:${place}${root === undefined ? '' : ` root:${base.path || '/'}`}`,
    fit,
    total: tables.reduce((sum, { metadata }) => sum + Number(metadata.num_rows), 0),
    timed: tables.some(({ columns }) => columns.includes('time')),
    async *entries() {
      for (const table of tables) yield* rowsOf(table, (row, at) => entryOf(row, { file: basename(table.file), at, root: base, names: classNames(table.metadata), many: tables.length > 1 }));
    },
  });
}

async function openTable(file: string): Promise<Table> {
  try {
    const buffer = await asyncBufferFromFile(file);
    const metadata = await parquetMetadataAsync(buffer);
    const columns = usedColumns(parquetSchema(metadata).children.map(({ element }) => element.name));
    if (columns === null) throw new SluiceError('SLUICE_E_SOURCE_SYNTAX', `${basename(file)} has no column "image", "path", "file_name" or "id".`);
    return { file, buffer, metadata, columns };
  } catch (thrown) {
    throw failure(file, thrown);
  }
}

async function* rowsOf(table: Table, make: (row: Row, at: number) => Promise<Entry>): AsyncGenerator<Entry> {
  let at = 0;
  for (const group of table.metadata.row_groups) {
    const end = at + Number(group.num_rows);
    const rows = await groupOf(table, group, at, end);
    // Each row has its place in the stream; rows of later groups may be whole.
    if (rows instanceof SluiceError) for (; at < end; at++) yield { id: `${basename(table.file)}:${at}`, error: rows };
    else for (const row of rows) yield await make(row, at++);
  }
}

async function groupOf({ file, buffer, metadata, columns }: Table, { columns: chunks }: RowGroup, from: number, to: number): Promise<readonly Row[] | SluiceError> {
  const where = `, rows ${from} to ${to - 1}`;
  const unpacked = chunks.reduce((sum, { meta_data: chunk }) => (chunk !== undefined && columns.includes(chunk.path_in_schema[0] ?? '') ? sum + Number(chunk.total_uncompressed_size) : sum), 0);
  if (unpacked > LARGEST_GROUP) return new SluiceError('SLUICE_E_IMAGE_TOO_LARGE', `${basename(file)}${where}: a row group of ${unpacked} bytes unpacked, over the limit of ${LARGEST_GROUP}; write the file with smaller ones.`);
  try {
    return await parquetReadObjects({ file: buffer, metadata, columns: [...columns], rowStart: from, rowEnd: to, compressors, utf8: false });
  } catch (thrown) {
    return failure(file, thrown, where);
  }
}

function failure(file: string, thrown: unknown, where = ''): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  return new SluiceError(where === '' ? 'SLUICE_E_SOURCE_SYNTAX' : 'SLUICE_E_ARCHIVE_BROKEN', `${basename(file)}${where}: ${thrown instanceof Error ? thrown.message : String(thrown)}.`, { cause: thrown });
}
