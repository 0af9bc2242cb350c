/** The part of every pipeline that needs no state: source → decode → inspect → embed. */
import { bufferCount, from, lastValueFrom, mergeMap, toArray } from 'rxjs';
import { decode } from '../operators/decode.ts';
import { embed } from '../operators/embed.ts';
import { inspect } from '../operators/inspect.ts';
import type { Embedded, Failed, Numbered } from '../operators/items.ts';
import type { Embedder, ImageDecoder, ImageInput, Thumbnails } from '../operators/ports.ts';
import type { Sample } from '../schemas/sample.ts';

export interface PrepareParts {
  readonly decoder: ImageDecoder;
  readonly thumbnails: Thumbnails;
  readonly embedder: Embedder;
  /** Threads of the embedder. */
  readonly workers: number;
}

/** Pictures decoded together and embedded in one call. */
const CHUNK = 16;
/** Pictures of a chunk decoded at once. */
const DECODERS = 2;

/**
 * What needs no state: the same for an item whatever came before it. Chunks go through side by side, two more than there are embedders, so that some are
 * decoded while others are embedded: at most (workers + 2) · CHUNK pictures of a batch are held decoded.
 */
export async function prepareBatch({ decoder, thumbnails, embedder, workers }: PrepareParts, entries: readonly Numbered[], imageOf?: (sample: Sample) => ImageInput): Promise<(Embedded | Failed)[]> {
  const chunks = from(entries).pipe(
    bufferCount(CHUNK),
    mergeMap((chunk) => from(chunk).pipe(decode(decoder, DECODERS, imageOf), inspect(thumbnails), embed(embedder)), workers + 2),
    toArray(),
  );
  return (await lastValueFrom(chunks)).sort((a, b) => a.seq - b.seq);
}
