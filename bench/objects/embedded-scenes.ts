/**
 * Embeddings of pictures and of the objects in their labels, made by the project's own operators and default model and kept in .cache/. They go to the file as
 * they are made, and are held as one array of float32 each, not as objects: the whole of COCO has a million.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SharpDecoder } from '../../infra/media/sharp-decoder.ts';
import { SharpThumbnails } from '../../infra/media/thumbnail.ts';
import { openEmbedder } from '../../infra/onnx/pool.ts';
import { FILE_FIT } from '../../infra/sources/types.ts';
import { type Embedded, type Failed, isFailed, type Numbered } from '../../operators/items.ts';
import { type EmbeddedObject, inPixels } from '../../operators/state/objects/choose.ts';
import { prepareBatch, type PrepareParts } from '../../pipelines/prepare.ts';
import type { Quality } from '../../schemas/decision.ts';
import type { Box } from '../../schemas/sample.ts';
import type { BoxedSample } from './coco-set.ts';

const CACHE = fileURLToPath(new URL('../../.cache/embeddings', import.meta.url));
const BATCH = 128;
const WORKERS = Math.min(2, availableParallelism());
/** Samples that the rate is measured on. */
const RATED = 64;

export interface EmbeddedScenes {
  readonly samples: readonly BoxedSample[];
  readonly dimension: number;
  /** float32 [samples, dimension], rows of unit length. */
  readonly vectors: Float32Array;
  readonly quality: readonly Quality[];
  /** SHA-256 of each file, hex. */
  readonly digests: readonly string[];
  /** Of each sample's objects the first row in `crops`, and after the last sample's the end. */
  readonly starts: Int32Array;
  /** Of each crop, the place among the boxes of its label. */
  readonly places: Int32Array;
  /** float32 [objects, dimension], rows of unit length. */
  readonly crops: Float32Array;
  /** Of each sample the row in `backgrounds`, -1 where it has none. */
  readonly beside: Int32Array;
  /** float32 [samples with a background, dimension], rows of unit length. */
  readonly backgrounds: Float32Array;
}

interface Listed {
  readonly quality: readonly Quality[];
  readonly digests: readonly string[];
  readonly objects: readonly (readonly number[])[];
  /** Whether each sample has a background. */
  readonly beside: readonly boolean[];
}

/** @param name of the cache file. The cache is told apart by ids and boxes, the model and the way crops are taken. */
export async function cachedScenes(name: string, samples: readonly BoxedSample[]): Promise<EmbeddedScenes> {
  return await withParts(async (parts) => {
    const { identity, dimension } = parts.embedder;
    const key = createHash('sha256').update(`${identity} ${FILE_FIT} with backgrounds`);
    for (const { id, label } of samples) key.update(JSON.stringify([id, label]));
    const file = join(CACHE, `${name}-${key.digest('hex').slice(0, 16)}`);
    if (!existsSync(`${file}.json`)) await make(file, samples, parts);
    const { quality, digests, objects, beside } = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as Listed;
    const starts = new Int32Array(samples.length + 1);
    objects.forEach((places, i) => (starts[i + 1] = (starts[i] ?? 0) + places.length));
    let rows = 0;
    return {
      samples,
      dimension,
      vectors: floatsOf(`${file}.f32`),
      quality,
      digests,
      starts,
      places: Int32Array.from(objects.flat()),
      crops: floatsOf(`${file}.crops.f32`),
      beside: Int32Array.from(beside, (has) => (has ? rows++ : -1)),
      backgrounds: floatsOf(`${file}.backgrounds.f32`),
    };
  });
}

/** Seconds of processor time for a picture with its objects, all threads together, and the objects of a picture: of the first samples. */
export async function rate(samples: readonly BoxedSample[]): Promise<{ readonly seconds: number; readonly objects: number }> {
  return await withParts(async (parts) => {
    const some = samples.slice(0, RATED);
    await prepared(parts, some.slice(0, 8));
    const before = process.cpuUsage();
    const items = await prepared(parts, some);
    const { user, system } = process.cpuUsage(before);
    return { seconds: (user + system) / 1e6 / some.length, objects: items.reduce((sum, item) => sum + (isFailed(item) ? 0 : item.objects.length), 0) / some.length };
  });
}

async function withParts<T>(work: (parts: PrepareParts) => Promise<T>): Promise<T> {
  const embedder = await openEmbedder(WORKERS);
  try {
    return await work({ decoder: new SharpDecoder(embedder.size, FILE_FIT), thumbnails: new SharpThumbnails(embedder.size), embedder, workers: WORKERS, objects: Infinity });
  } finally {
    await embedder.close();
  }
}

function prepared(parts: PrepareParts, samples: readonly BoxedSample[]): Promise<readonly (Embedded | Failed)[]> {
  return prepareBatch(parts, samples.map((sample, seq): Numbered => ({ seq, sample })));
}

async function make(file: string, samples: readonly BoxedSample[], parts: PrepareParts): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const [vectors, crops, backgrounds] = [openSync(`${file}.f32`, 'w'), openSync(`${file}.crops.f32`, 'w'), openSync(`${file}.backgrounds.f32`, 'w')];
  const quality: Quality[] = [];
  const digests: string[] = [];
  const objects: number[][] = [];
  const beside: boolean[] = [];
  try {
    for (let at = 0; at < samples.length; at += BATCH) {
      for (const item of await prepared(parts, samples.slice(at, at + BATCH))) {
        if (isFailed(item)) throw item.error;
        writeSync(vectors, bytesOf(item.embedding));
        for (const { embedding } of item.objects) writeSync(crops, bytesOf(embedding));
        quality.push(item.quality);
        digests.push(item.digest);
        objects.push(item.objects.map(({ index }) => index));
        beside.push(item.background !== undefined);
        if (item.background !== undefined) writeSync(backgrounds, bytesOf(item.background));
      }
      if (at % (8 * BATCH) === 0) process.stderr.write(`embedding ${at} of ${samples.length} pictures and their objects\n`);
    }
  } finally {
    closeSync(vectors);
    closeSync(crops);
    closeSync(backgrounds);
  }
  // The list that makes the cache valid comes last, and whole.
  writeFileSync(`${file}.part`, JSON.stringify({ quality, digests, objects, beside } satisfies Listed));
  renameSync(`${file}.part`, `${file}.json`);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Read in pieces: a buffer at once would hold it twice, and may not be as large. */
function floatsOf(file: string): Float32Array {
  const from = openSync(file, 'r');
  try {
    const floats = new Float32Array(fstatSync(from).size / 4);
    const bytes = new Uint8Array(floats.buffer);
    for (let at = 0; at < bytes.length; ) at += readSync(from, bytes, at, Math.min(2 ** 26, bytes.length - at), at);
    return floats;
  } finally {
    closeSync(from);
  }
}

/** One sample as the engine is to meet it. @param label its boxes as the stream shows them; by default its own */
export function embeddedScene(set: EmbeddedScenes, i: number, seq: number, label?: readonly Box[]): Embedded {
  const [sample, quality, digest] = [set.samples[i], set.quality[i], set.digests[i]];
  if (sample === undefined || quality === undefined || digest === undefined) throw new Error(`there is no sample ${i}`);
  const boxes = label ?? sample.label;
  const objects: EmbeddedObject[] = [];
  for (let row = set.starts[i] ?? 0; row < (set.starts[i + 1] ?? 0); row++) {
    const index = set.places[row] ?? -1;
    const box = boxes[index];
    if (box !== undefined) objects.push({ index, class: box.class, bbox: inPixels(box, quality.width, quality.height), embedding: rowOf(set.crops, set.dimension, row) });
  }
  const beside = set.beside[i] ?? -1;
  const background = beside < 0 ? {} : { background: rowOf(set.backgrounds, set.dimension, beside) };
  return { seq, sample: { ...sample, label: boxes, origin: null }, quality, digest, small: new Uint8Array(), embedding: rowOf(set.vectors, set.dimension, i), objects, ...background };
}

export function rowOf(rows: Float32Array, dimension: number, i: number): Float32Array {
  return rows.subarray(i * dimension, (i + 1) * dimension);
}
