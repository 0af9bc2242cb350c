/** Embeddings that a user brings along: a NumPy array with its ids beside it, or a Parquet table. */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { SluiceError } from '../../schemas/errors.ts';
import { readLines } from '../sources/lines.ts';
import { npyFacts } from '../sources/npy.ts';
import { errno } from '../sources/text.ts';

export interface Embeddings {
  readonly dimension: number;
  /** Dimension and content: what has another cannot be compared. */
  readonly identity: string;
  /** As it is in the file; null where it has none. */
  of(id: string): Float32Array | null;
  close(): void;
}

const LONGEST_ID = 64 * 1024;

/** Where the ids of an array are: JSON texts, one a line, in the order of its rows. */
export function idsFile(npy: string): string {
  return `${npy.slice(0, -extname(npy).length)}.ids.jsonl`;
}

/**
 * Rows of a .npy are read from the file when they are asked for, and its ids held; of a .parquet (columns `embedding`, and `id`, `path` or `file_name`) all is held.
 * @throws SluiceError SLUICE_E_CONFIG_INVALID where the file is neither, or its ids do not fit
 */
export async function openEmbeddings(file: string): Promise<Embeddings> {
  const extension = extname(file).toLowerCase();
  try {
    if ((await stat(file)).isFile() && extension === '.npy') return await ofNpy(file);
    if (extension === '.parquet') return await ofParquet(file);
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.code === 'SLUICE_E_CONFIG_INVALID') throw thrown;
    throw refuse(file, `cannot be read (${errno(thrown) || (thrown instanceof Error ? thrown.message : String(thrown))})`, thrown);
  }
  throw refuse(file, 'is neither .npy nor .parquet');
}

function refuse(file: string, why: string, cause?: unknown): SluiceError {
  return new SluiceError('SLUICE_E_CONFIG_INVALID', `--embeddings ${file} ${why}`, { cause });
}

async function ofNpy(file: string): Promise<Embeddings> {
  const { rows, columns, width, start } = npyFacts(file, (why) => refuse(file, why));
  const ids = new Map<string, number>();
  const beside = idsFile(file);
  let count = 0;
  for await (const { number, text } of readLines(beside, LONGEST_ID)) {
    const id = textOf(text);
    if (id === null) throw refuse(file, `has ids that are none: ${basename(beside)}, line ${number}: expected a text in double quotes`);
    if (ids.has(id)) throw refuse(file, `has two rows for the id ${JSON.stringify(id)} (${basename(beside)}, line ${number})`);
    ids.set(id, count);
    count += 1;
  }
  if (count !== rows) throw refuse(file, `has ${rows} rows, and ${basename(beside)} ${count} ids`);
  const identity = await identityOf(file, columns);
  const open = openSync(file, 'r');
  const bytes = Buffer.alloc(columns * width);
  return {
    dimension: columns,
    identity,
    of(id) {
      const row = ids.get(id);
      if (row === undefined) return null;
      if (readSync(open, bytes, 0, bytes.length, start + row * bytes.length) !== bytes.length) throw refuse(file, 'was changed while it was read');
      return Float32Array.from({ length: columns }, (_, i) => (width === 4 ? bytes.readFloatLE(4 * i) : bytes.readDoubleLE(8 * i)));
    },
    close: () => closeSync(open),
  };
}

function textOf(line: string): string | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}

async function ofParquet(file: string): Promise<Embeddings> {
  const buffer = await asyncBufferFromFile(file);
  const metadata = await parquetMetadataAsync(buffer);
  const there = parquetSchema(metadata).children.map(({ element }) => element.name);
  const key = ['id', 'path', 'file_name'].find((name) => there.includes(name));
  if (!there.includes('embedding') || key === undefined) throw refuse(file, `has no column ${there.includes('embedding') ? '"id", "path" or "file_name"' : '"embedding"'}`);
  const rows = new Map<string, Float32Array>();
  let [at, dimension] = [0, 0];
  for (const { num_rows: count } of metadata.row_groups) {
    const end = at + Number(count);
    for (const row of await parquetReadObjects({ file: buffer, metadata, columns: [key, 'embedding'], rowStart: at, rowEnd: end, compressors })) {
      const [id, vector]: [unknown, unknown] = [row[key], row['embedding']];
      const numbers: readonly unknown[] = Array.isArray(vector) || ArrayBuffer.isView(vector) ? [...(vector as Iterable<unknown>)] : [];
      if (typeof id !== 'string' || rows.has(id)) throw refuse(file, `row ${at}: ${typeof id === 'string' ? `the id ${JSON.stringify(id)} is there twice` : `"${key}" is no text`}`);
      if (dimension === 0) dimension = numbers.length;
      if (numbers.length !== dimension || dimension === 0 || !numbers.every((value) => typeof value === 'number')) throw refuse(file, `row ${at}: "embedding" is no list of ${dimension || 'some'} numbers`);
      rows.set(id, Float32Array.from(numbers));
      at += 1;
    }
  }
  if (dimension === 0) throw refuse(file, 'has no rows');
  return { dimension, identity: await identityOf(file, dimension), of: (id) => rows.get(id) ?? null, close: () => {} };
}

async function identityOf(file: string, dimension: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return `given-d${dimension}#${hash.digest('hex').slice(0, 16)}`;
}
