/** What a glimpse shows, in numbers that pictures of one camera can be compared by. */
import type { Glimpse } from './glimpse.ts';

/** Blocks across and down a picture. */
const GRID = 16;
export const BLOCKS = GRID * GRID;
/** From this luma on a pixel says no more than that there was too much light. */
const CLIPPED = 250;

export interface Sight {
  /** Mean luma, 0..1. */
  readonly brightness: number;
  /** Share of pixels that are white. */
  readonly clipped: number;
  /** Mean luma of each block, 0..255, row by row. */
  readonly means: Float32Array;
  /** Mean squared Laplacian of each block: how sharp its edges are. */
  readonly details: Float32Array;
}

/** @param glimpse at least 3 pixels each way */
export function see({ width, height, luma }: Glimpse): Sight {
  const means = new Float64Array(BLOCKS);
  const details = new Float64Array(BLOCKS);
  const pixels = new Float64Array(BLOCKS);
  const inner = new Float64Array(BLOCKS);
  let sum = 0;
  let clipped = 0;
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * GRID) / height) * GRID;
    const innerRow = y > 0 && y < height - 1;
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const block = row + Math.floor((x * GRID) / width);
      const value = luma[i] as number;
      sum += value;
      if (value >= CLIPPED) clipped += 1;
      means[block] = (means[block] as number) + value;
      pixels[block] = (pixels[block] as number) + 1;
      if (!innerRow || x === 0 || x === width - 1) continue;
      const edge = (luma[i - 1] as number) + (luma[i + 1] as number) + (luma[i - width] as number) + (luma[i + width] as number) - 4 * value;
      details[block] = (details[block] as number) + edge * edge;
      inner[block] = (inner[block] as number) + 1;
    }
  }
  return { brightness: sum / luma.length / 255, clipped: clipped / luma.length, means: perPixel(means, pixels), details: perPixel(details, inner) };
}

/** A block of a very small picture may hold no pixel. */
function perPixel(sums: Float64Array, pixels: Float64Array): Float32Array {
  return Float32Array.from(sums, (value, i) => value / Math.max(1, pixels[i] as number));
}

/** Standard deviation. */
export function spread(values: Float32Array): number {
  return Math.sqrt(covariance(values, values));
}

/** Correlation, -1..1; 1 of two that are even throughout, 0 where only one is. */
export function alike(a: Float32Array, b: Float32Array): number {
  const both = spread(a) * spread(b);
  if (both > 0) return covariance(a, b) / both;
  return spread(a) === spread(b) ? 1 : 0;
}

function covariance(a: Float32Array, b: Float32Array): number {
  let [sumA, sumB, product] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    sumA += a[i] as number;
    sumB += b[i] as number;
    product += (a[i] as number) * (b[i] as number);
  }
  return Math.max(a === b ? 0 : -Infinity, product / a.length - (sumA / a.length) * (sumB / a.length));
}
