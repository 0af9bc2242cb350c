/**
 * Embeddings of a data set (a folder with a labels.csv), made by the project's own operators and default model and kept in .cache/, which is not part
 * of the repository. The cache is told apart by the bytes of labels.csv, the model and the variant; pictures that change under the same list are not noticed.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SharpDecoder } from '../../infra/media/sharp-decoder.ts';
import { SharpThumbnails } from '../../infra/media/thumbnail.ts';
import { openEmbedder } from '../../infra/onnx/pool.ts';
import { readRows } from '../../infra/sources/rows.ts';
import { FILE_FIT } from '../../infra/sources/types.ts';
import { isFailed, type Numbered } from '../../operators/items.ts';
import type { Embedder, ImageDecoder } from '../../operators/ports.ts';
import { prepareBatch } from '../../pipelines/prepare.ts';
import type { Quality } from '../../schemas/decision.ts';

const CACHE = fileURLToPath(new URL('../../.cache/embeddings', import.meta.url));
const BATCH = 256;

/** A data set with its embeddings. */
export interface EmbeddedSet {
  readonly name: string;
  /** First column of labels.csv, in its order. */
  readonly paths: readonly string[];
  /** Each further column by its name, parallel to `paths`. */
  readonly columns: Readonly<Record<string, readonly string[]>>;
  readonly dimension: number;
  /** float32 [paths, dimension], rows of unit length. */
  readonly vectors: Float32Array;
  readonly quality: readonly Quality[];
  /** SHA-256 of each file, hex. */
  readonly digests: readonly string[];
}

/** Something done to each file's bytes before it is decoded, for streams with made-up faults. */
export interface Variant {
  readonly name: string;
  readonly change: (bytes: Buffer) => Promise<Uint8Array>;
}

type Cached = Pick<EmbeddedSet, 'quality' | 'digests'>;

/** @throws where a picture of the set cannot be decoded: all of these sets are whole */
export async function cachedEmbeddings(folder: string, variant?: Variant): Promise<EmbeddedSet> {
  const list = join(folder, 'labels.csv');
  const { paths, columns } = await readTable(list);
  const embedder = await openEmbedder(Math.min(2, availableParallelism()));
  try {
    const { dimension, identity } = embedder;
    const key = createHash('sha256').update(readFileSync(list)).update(`${identity} ${FILE_FIT} ${variant?.name ?? ''}`).digest('hex').slice(0, 16);
    const file = join(CACHE, `${basename(folder)}-${key}`);
    if (!existsSync(`${file}.json`)) await make(file, folder, paths, embedder, variant);
    const bytes = readFileSync(`${file}.f32`);
    const vectors = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    return { name: basename(folder), paths, columns, dimension, vectors, ...(JSON.parse(readFileSync(`${file}.json`, 'utf8')) as Cached) };
  } finally {
    await embedder.close();
  }
}

/** The embedding of one row. */
export function row({ vectors, dimension }: Pick<EmbeddedSet, 'vectors' | 'dimension'>, i: number): Float32Array {
  return vectors.subarray(i * dimension, (i + 1) * dimension);
}

async function readTable(list: string): Promise<Pick<EmbeddedSet, 'paths' | 'columns'>> {
  const rows: (readonly string[])[] = [];
  for await (const { fields } of readRows(list)) rows.push(fields);
  const header = rows.shift();
  const columns = (header ?? []).slice(1).map((name, c) => [name, rows.map((fields) => fields[c + 1] ?? '')] as const);
  return { paths: rows.map(([path = '']) => path), columns: Object.fromEntries(columns) };
}

async function make(file: string, folder: string, paths: readonly string[], embedder: Embedder, variant: Variant | undefined): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const decoder = varied(new SharpDecoder(embedder.size, FILE_FIT), variant);
  const parts = { decoder, thumbnails: new SharpThumbnails(embedder.size), embedder, workers: Math.min(2, availableParallelism()), objects: 0 };
  const vectors = new Float32Array(paths.length * embedder.dimension);
  const quality: Quality[] = [];
  const digests: string[] = [];
  for (let at = 0; at < paths.length; at += BATCH) {
    const entries = paths.slice(at, at + BATCH).map((id, i): Numbered => ({ seq: at + i, sample: { id, uri: join(folder, id), stream: 'default', time: null, label: null, origin: null } }));
    for (const item of await prepareBatch(parts, entries)) {
      if (isFailed(item)) throw item.error;
      vectors.set(item.embedding, item.seq * embedder.dimension);
      quality.push(item.quality);
      digests.push(item.digest);
    }
    if (at % (16 * BATCH) === 0) process.stderr.write(`embedding ${basename(folder)} ${variant?.name ?? ''}: ${at} of ${paths.length}\n`);
  }
  writeFileSync(`${file}.f32`, new Uint8Array(vectors.buffer));
  // The list that makes the cache valid comes last, and whole.
  writeFileSync(`${file}.part`, JSON.stringify({ quality, digests }));
  renameSync(`${file}.part`, `${file}.json`);
}

function varied(decoder: ImageDecoder, variant: Variant | undefined): ImageDecoder {
  if (variant === undefined) return decoder;
  return { decode: async (image, regionsOf) => decoder.decode('path' in image ? { bytes: await variant.change(readFileSync(image.path)) } : image, regionsOf) };
}
