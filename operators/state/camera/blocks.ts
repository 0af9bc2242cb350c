/** Glimpses as means of blocks, and by how much two of them differ beside what the exposure does. */
import type { Glimpse } from './glimpse.ts';

/** Blocks across and down. */
const GRID = 16;
export const BLOCKS = GRID * GRID;
/** Means beyond these say no more than that there was too little light or too much. */
const [LOWEST, HIGHEST] = [4, 250];
/** Blocks that can be compared, at least. */
const ENOUGH = 32;
/** What the exposure of two pictures of the same may differ by: light times a factor in between, and so many levels in the mean. */
const [GAIN, SHIFT] = [1.5, 48];
/** Passes over the blocks that lie near the line of the pass before. */
const PASSES = 3;
/** Levels by which all blocks of a row may differ together where a lamp flickers while the sensor is read, row by row. */
const BAND = 4;

/** @returns the mean luma of each block, 0..255, row by row */
export function blocksOf({ width, height, luma }: Glimpse): Float32Array {
  const sums = new Float32Array(BLOCKS);
  const counts = new Float32Array(BLOCKS);
  const columns = Uint8Array.from({ length: width }, (_, x) => Math.floor((x * GRID) / width));
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * GRID) / height) * GRID;
    for (let x = 0, i = y * width; x < width; x++, i++) {
      const block = row + (columns[x] as number);
      sums[block] = (sums[block] as number) + (luma[i] as number);
      counts[block] = (counts[block] as number) + 1;
    }
  }
  for (let i = 0; i < BLOCKS; i++) sums[i] = (sums[i] as number) / Math.max(1, counts[i] as number);
  return sums;
}

/**
 * What `now` has in each block beyond `before` at the exposure of `now`, in levels: 0 where one of them is black or white.
 * @returns null where the two are not the same scene in another light: too much of it, or too little to compare
 */
export function differences(before: Float32Array, now: Float32Array): Float32Array | null {
  const line = exposure(before, now);
  if (line === null) return null;
  const { gain, offset } = line;
  const apart = new Float32Array(BLOCKS);
  for (let i = 0; i < BLOCKS; i++) if (usable(before[i] as number, now[i] as number)) apart[i] = (now[i] as number) - gain * (before[i] as number) - offset;
  return apart;
}

function usable(before: number, now: number): boolean {
  return before >= LOWEST && before <= HIGHEST && now >= LOWEST && now <= HIGHEST;
}

/** The line now = gain * before + offset through most blocks: least squares over those that lie near the line of the pass before. */
function exposure(before: Float32Array, now: Float32Array): { readonly gain: number; readonly offset: number } | null {
  let [gain, offset, most] = [1, 0, Infinity];
  const apart = new Float32Array(BLOCKS);
  for (let pass = 0; pass < PASSES; pass++) {
    let [n, x, y, xx, xy] = [0, 0, 0, 0, 0];
    for (let i = 0; i < BLOCKS; i++) {
      const [a, b] = [before[i] as number, now[i] as number];
      if (!usable(a, b) || Math.abs(b - gain * a - offset) > most) continue;
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
    for (let i = 0; i < BLOCKS; i++) apart[i] = usable(before[i] as number, now[i] as number) ? Math.abs((now[i] as number) - gain * (before[i] as number) - offset) : 0;
    most = Math.max(1, 2 * (apart.toSorted()[BLOCKS / 2] as number));
  }
  return { gain, offset };
}
