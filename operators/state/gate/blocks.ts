/** Glimpses as means of blocks, and by how much two of them differ beside what exposure and flicker do. */
import type { Glimpse } from '../camera/glimpse.ts';

/** Blocks across and down. */
const GRID = 16;
export const BLOCKS = GRID * GRID;
/** Means beyond these say no more than that there was too little light or too much. */
const [LOWEST, HIGHEST] = [4, 250];
/** Blocks that can be compared, at least. */
const ENOUGH = 32;
/** What the exposure of two pictures of the same may differ by: light times a factor between 1 / GAIN and GAIN, and so many levels in the mean. */
const [GAIN, SHIFT] = [1.5, 48];
/** Passes over the blocks that lie near the line of the pass before. */
const PASSES = 3;
/** Of a rough median: bins, and how many of them are one level. */
const [BINS, PER_LEVEL] = [256, 4];
/** Two pictures that differ by no more than this anywhere were exposed alike. */
const ALIKE = 1;
/** Levels by which most of the blocks of a row may differ together: a lamp that flickers while the sensor is read, row by row, leaves bands. */
const BAND = 3;

/** @returns the mean luma of each block, 0..255, row by row */
export function blocksOf({ width, height, luma }: Glimpse): Float32Array {
  const means = new Float32Array(BLOCKS);
  const edges = (length: number): number[] => Array.from({ length: GRID + 1 }, (_, i) => Math.ceil((i * length) / GRID));
  const [xs, ys] = [edges(width), edges(height)];
  for (let i = 0; i < BLOCKS; i++) {
    const [row, column] = [Math.floor(i / GRID), i % GRID];
    const [x0, x1, y0, y1] = [xs[column] as number, xs[column + 1] as number, ys[row] as number, ys[row + 1] as number];
    let sum = 0;
    for (let y = y0; y < y1; y++) for (let at = y * width + x0, end = y * width + x1; at < end; at++) sum += luma[at] as number;
    means[i] = sum / Math.max(1, (x1 - x0) * (y1 - y0));
  }
  return means;
}

/**
 * What `now` has in each block beyond `before` at the exposure of `now`, in levels: 0 where one of them is black or white.
 * @returns null where the two are not the same scene in another light: too much of it, or too little to compare
 */
export function differences(before: Float32Array, now: Float32Array): Float32Array | null {
  const apart = new Float32Array(BLOCKS);
  let most = 0;
  for (let i = 0; i < BLOCKS; i++) {
    apart[i] = (now[i] as number) - (before[i] as number);
    most = Math.max(most, Math.abs(apart[i] as number));
  }
  if (most <= ALIKE) return apart;
  const line = exposure(before, now);
  if (line === null) return null;
  const { gain, offset } = line;
  for (let i = 0; i < BLOCKS; i++) apart[i] = usable(before[i] as number, now[i] as number) ? (now[i] as number) - gain * (before[i] as number) - offset : 0;
  for (let row = 0; row < BLOCKS; row += GRID) unband(apart.subarray(row, row + GRID));
  return apart;
}

function usable(before: number, now: number): boolean {
  return before >= LOWEST && before <= HIGHEST && now >= LOWEST && now <= HIGHEST;
}

/** The line now = gain * before + offset through most blocks: least squares over those that lie near the line of the pass before. */
function exposure(before: Float32Array, now: Float32Array): { readonly gain: number; readonly offset: number } | null {
  let [gain, offset, near] = [1, 0, Infinity];
  const apart = new Float32Array(BLOCKS);
  for (let pass = 0; pass < PASSES; pass++) {
    let [n, x, y, xx, xy] = [0, 0, 0, 0, 0];
    for (let i = 0; i < BLOCKS; i++) {
      const [a, b] = [before[i] as number, now[i] as number];
      if (!usable(a, b) || Math.abs(b - gain * a - offset) > near) continue;
      n += 1;
      x += a;
      y += b;
      xx += a * a;
      xy += a * b;
    }
    if (n < ENOUGH) return null;
    const spread = xx / n - (x / n) ** 2;
    // An even picture says nothing of the gain.
    gain = spread < 4 ? 1 : (xy / n - (x / n) * (y / n)) / spread;
    offset = y / n - (gain * x) / n;
    if (!(gain >= 1 / GAIN && gain <= GAIN) || Math.abs(y - x) / n > SHIFT) return null;
    for (let i = 0; i < BLOCKS; i++) apart[i] = Math.abs((now[i] as number) - gain * (before[i] as number) - offset);
    near = Math.max(1, 2 * roughMedian(apart));
  }
  return { gain, offset };
}

/** Takes from a row what most of its blocks have in common, as far as a band goes. */
function unband(row: Float32Array): void {
  const common = Math.max(-BAND, Math.min(BAND, medianOf(row)));
  for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) - common;
}

/** Of an even number of values, the upper one of the two in the middle. */
function medianOf(values: Float32Array): number {
  return values.toSorted()[values.length >> 1] as number;
}

/** As `medianOf`, to a quarter of a level, of values from 0 on: sorting them would be most of what the gate costs. */
function roughMedian(values: Float32Array): number {
  const counts = new Uint16Array(BINS);
  for (let i = 0; i < values.length; i++) {
    const bin = Math.min(BINS - 1, Math.floor((values[i] as number) * PER_LEVEL));
    counts[bin] = (counts[bin] as number) + 1;
  }
  let bin = 0;
  let left = (values.length >> 1) - (counts[0] as number);
  while (left >= 0) {
    bin += 1;
    left -= counts[bin] as number;
  }
  return (bin + 1) / PER_LEVEL;
}
