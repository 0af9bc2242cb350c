import { bufferCount, from, mergeMap, toArray, type OperatorFunction } from 'rxjs';
import type { Embedded, Failed, Inspected } from './items.ts';
import { isAlive, isFailed } from './items.ts';
import type { Embedder } from './ports.ts';

/** Pictures in one call of the model. */
const CHUNK = 16;

/**
 * Embeds the pictures, `CHUNK` at a time in `concurrency` calls at once, lets go of the pixels, and puts the batch back into the order of seq.
 *
 *     decoded:  3 1 2 x 4 |        (x failed)
 *     embedded:           1 2 3 4 x |
 */
export function embed(embedder: Embedder, concurrency: number): OperatorFunction<Inspected | Failed, Embedded | Failed> {
  return (source) =>
    source.pipe(
      bufferCount(CHUNK),
      mergeMap((items) => from(embedChunk(embedder, items)), concurrency),
      toArray(),
      mergeMap((chunks) => chunks.flat().sort((a, b) => a.seq - b.seq)),
    );
}

async function embedChunk(embedder: Embedder, items: readonly (Inspected | Failed)[]): Promise<(Embedded | Failed)[]> {
  const well = items.filter(isAlive);
  const tiles = well.reduce((sum, item) => sum + item.image.tiles, 0);
  const failed = items.filter(isFailed);
  if (tiles === 0) return failed;
  const perTile = embedder.size * embedder.size * 3;
  const pixels = new Uint8Array(tiles * perTile);
  let at = 0;
  for (const { image } of well) {
    pixels.set(image.pixels, at);
    at += image.pixels.length;
  }
  const rows = await embedder.embed(pixels, tiles);
  const d = embedder.dimension;
  let row = 0;
  const embedded = well.map(({ seq, sample, quality, image }) => {
    const embedding = meanOfRows(rows.subarray(row * d, (row + image.tiles) * d), image.tiles, d);
    row += image.tiles;
    return { seq, sample, quality, digest: image.digest, small: image.small, embedding };
  });
  return [...failed, ...embedded];
}

/** The picture's embedding: that of its one tile, or the unit mean of its tiles'. */
function meanOfRows(rows: Float32Array, tiles: number, d: number): Float32Array {
  if (tiles === 1) return rows.slice();
  const mean = new Float64Array(d);
  for (let i = 0; i < rows.length; i++) mean[i % d] = (mean[i % d] as number) + (rows[i] as number);
  const norm = Math.max(Math.hypot(...mean), 1e-12);
  return Float32Array.from(mean, (value) => value / norm);
}
