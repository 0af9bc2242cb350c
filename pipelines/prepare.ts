/** The part of every pipeline that needs no state: source → decode → inspect → embed. */
import { from, lastValueFrom, mergeMap, toArray } from 'rxjs';
import { decode } from '../operators/decode.ts';
import { embed } from '../operators/embed.ts';
import { inspect } from '../operators/inspect.ts';
import { isUnchanged, type Embedded, type Failed, type Numbered, type Unchanged } from '../operators/items.ts';
import type { Embedder, ImageDecoder, ImageInput, Thumbnails } from '../operators/ports.ts';
import type { Reveal } from '../operators/state/labels.ts';
import type { Sample } from '../schemas/sample.ts';

export interface PrepareParts {
  readonly decoder: ImageDecoder;
  readonly thumbnails: Thumbnails;
  readonly embedder: Embedder;
  /** Threads of the embedder. */
  readonly workers: number;
  /** Objects of a picture that are embedded as crops, at most, with one more of what lies beside them; 0: labels are not looked at. */
  readonly objects: number;
}

/** Pictures decoded together, at most; without objects they are embedded in one call. */
const CHUNK = 16;
/** Pictures and crops of a chunk: one that holds so many takes no further picture. */
const SQUARES = 64;
/** Pictures of a chunk decoded at once. */
const DECODERS = 2;

/**
 * What needs no state: the same for an item whatever came before it. Chunks go through side by side, two more than there are embedders, so that some are
 * decoded while others are embedded: at most (workers + 2) · CHUNK pictures of a batch are held decoded, and of pictures and crops together
 * fewer than (workers + 2) · (SQUARES + 2 + `objects`), of 150 KB each.
 */
export async function prepareBatch<T extends Numbered | Unchanged>({ decoder, thumbnails, embedder, workers, objects }: PrepareParts, arrived: readonly T[], imageOf?: (sample: Sample) => ImageInput): Promise<(Embedded | Failed | Extract<T, Unchanged>)[]> {
  const unchanged = arrived.filter((entry) => isUnchanged(entry));
  const entries = arrived.filter((entry): entry is Exclude<T, Unchanged> => !isUnchanged(entry));
  const chunks = from(chunksOf(entries, objects)).pipe(
    mergeMap((chunk) => from(chunk).pipe(decode(decoder, DECODERS, imageOf, objects), inspect(thumbnails), embed(embedder)), workers + 2),
    toArray(),
  );
  return [...unchanged, ...(await lastValueFrom(chunks))].sort((a, b) => a.seq - b.seq);
}

/** Boxes may only be looked at where the engine is shown the labels with the samples. */
export function shownObjects(objects: number, reveal: Reveal): number {
  return reveal.when === 'all' ? objects : 0;
}

function* chunksOf(entries: readonly Numbered[], objects: number): Generator<readonly Numbered[]> {
  let chunk: Numbered[] = [];
  let squares = 0;
  for (const entry of entries) {
    chunk.push(entry);
    const crops = Math.min(objects, boxesIn(entry));
    squares += 1 + crops + Math.sign(crops);
    if (chunk.length < CHUNK && squares < SQUARES) continue;
    yield chunk;
    [chunk, squares] = [[], 0];
  }
  if (chunk.length > 0) yield chunk;
}

function boxesIn(entry: Numbered): number {
  const label = 'sample' in entry ? entry.sample.label : null;
  return label === null || typeof label === 'string' ? 0 : label.length;
}
