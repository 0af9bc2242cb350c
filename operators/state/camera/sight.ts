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
  /** How sharp the edges of each block are: its mean squared Laplacian d as log(1 + d), so that what passes by now and then does not outweigh what stays. */
  readonly details: Float32Array;
}

/** @param glimpse at least 3 pixels each way; a block of a very small one may hold no pixel */
export function see(glimpse: Glimpse): Sight {
  const { width, height, luma } = glimpse;
  const means = new Float32Array(BLOCKS);
  const details = new Float32Array(BLOCKS);
  let sum = 0;
  for (let i = 0; i < BLOCKS; i++) {
    const [top, left] = [Math.floor(i / GRID), i % GRID];
    const [x0, x1, y0, y1] = [edgeOf(left, width), edgeOf(left + 1, width), edgeOf(top, height), edgeOf(top + 1, height)];
    const light = lightOf(glimpse, x0, x1, y0, y1);
    sum += light;
    means[i] = light / Math.max(1, (x1 - x0) * (y1 - y0));
    details[i] = Math.log1p(detailOf(glimpse, Math.max(1, x0), Math.min(width - 1, x1), Math.max(1, y0), Math.min(height - 1, y1)));
  }
  let clipped = 0;
  for (const value of luma) if (value >= CLIPPED) clipped += 1;
  return { brightness: sum / luma.length / 255, clipped: clipped / luma.length, means, details };
}

/** Where a block begins. */
function edgeOf(block: number, length: number): number {
  return Math.ceil((block * length) / GRID);
}

function lightOf({ width, luma }: Glimpse, x0: number, x1: number, y0: number, y1: number): number {
  let sum = 0;
  for (let y = y0; y < y1; y++) for (let i = y * width + x0, end = y * width + x1; i < end; i++) sum += luma[i] as number;
  return sum;
}

/** Mean squared Laplacian. */
function detailOf({ width, luma }: Glimpse, x0: number, x1: number, y0: number, y1: number): number {
  let sum = 0;
  for (let y = y0; y < y1; y++) {
    for (let i = y * width + x0, end = y * width + x1; i < end; i++) {
      const edge = (luma[i - 1] as number) + (luma[i + 1] as number) + (luma[i - width] as number) + (luma[i + width] as number) - 4 * (luma[i] as number);
      sum += edge * edge;
    }
  }
  return sum / Math.max(1, (x1 - x0) * (y1 - y0));
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
