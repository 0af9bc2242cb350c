import { from, mergeMap, toArray, type OperatorFunction } from 'rxjs';
import type { Embedded, Failed, Inspected } from './items.ts';
import { isAlive, isFailed } from './items.ts';
import type { DecodedImage, Embedder } from './ports.ts';

/** Tiles in one call of the model at most: bounds the memory of a call. */
const MOST_TILES = 16;

/** Embeds all pictures of its source together, lets go of the pixels, and hands them on in the order of seq. */
export function embed(embedder: Embedder): OperatorFunction<Inspected | Failed, Embedded | Failed> {
  return (source) =>
    source.pipe(
      toArray(),
      mergeMap((items) => from(embedAll(embedder, items))),
      mergeMap((items) => items.sort((a, b) => a.seq - b.seq)),
    );
}

async function embedAll(embedder: Embedder, items: readonly (Inspected | Failed)[]): Promise<(Embedded | Failed)[]> {
  const well = items.filter(isAlive);
  const rows = await embedTiles(embedder, well.flatMap(({ image }) => tilesOf(image)));
  const d = embedder.dimension;
  let row = 0;
  const embedded = well.map(({ seq, sample, small, quality, image }) => {
    const embedding = meanOfRows(rows.subarray(row * d, (row + image.tiles) * d), image.tiles, d);
    row += image.tiles;
    return { seq, sample, quality, digest: image.digest, small, embedding };
  });
  return [...items.filter(isFailed), ...embedded];
}

function tilesOf({ pixels, tiles }: DecodedImage): readonly Uint8Array[] {
  const size = pixels.length / tiles;
  return Array.from({ length: tiles }, (_, i) => pixels.subarray(i * size, (i + 1) * size));
}

/** @returns a row for each tile */
async function embedTiles(embedder: Embedder, tiles: readonly Uint8Array[]): Promise<Float32Array> {
  const rows = new Float32Array(tiles.length * embedder.dimension);
  for (let start = 0; start < tiles.length; start += MOST_TILES) {
    rows.set(await embedder.embed(tiles.slice(start, start + MOST_TILES)), start * embedder.dimension);
  }
  return rows;
}

/** The picture's embedding: that of its one tile, or the unit mean of its tiles'. */
function meanOfRows(rows: Float32Array, tiles: number, d: number): Float32Array {
  if (tiles === 1) return rows.slice();
  const mean = new Float64Array(d);
  for (let i = 0; i < rows.length; i++) mean[i % d] = (mean[i % d] as number) + (rows[i] as number);
  const norm = Math.max(Math.hypot(...mean), 1e-12);
  return Float32Array.from(mean, (value) => value / norm);
}
