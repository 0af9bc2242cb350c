import { shuffled } from './random.ts';
import type { Matrix } from './matmul.ts';

/** Rows refused in a row before the threshold falls, and the grid it falls on. */
const PATIENCE = 20;
const STEP = 0.05;

/**
 * ThreeSieves (Buschjäger et al. 2021) for log det(I + Σ x xᵀ) of what is kept: a row stays where it gains at least the threshold, which only falls.
 * The inverse is kept up to date by the Sherman-Morrison formula: O(d²) a row. Where the stream ends first, earlier rows fill up by lot.
 */
export function threeSieves({ data, rows, columns: d }: Matrix, count: number, seed: number): readonly number[] {
  const inverse = Float64Array.from({ length: d * d }, (_, i) => (i % (d + 1) === 0 ? 1 : 0));
  const kept = new Set<number>();
  // A single row of unit length gains log 2: the most there is.
  let threshold = Math.log(2);
  let refused = 0;
  for (let i = 0; i < rows && kept.size < count; i++) {
    const x = data.subarray(i * d, (i + 1) * d);
    const along = new Float64Array(d);
    for (let r = 0; r < d; r++) for (let c = 0; c < d; c++) along[r] = (along[r] as number) + (inverse[r * d + c] as number) * (x[c] as number);
    const gain = along.reduce((sum, value, c) => sum + value * (x[c] as number), 0);
    if (Math.log(1 + gain) < threshold) {
      refused += 1;
      if (refused === PATIENCE) [threshold, refused] = [threshold / (1 + STEP), 0];
      continue;
    }
    refused = 0;
    kept.add(i);
    for (let r = 0; r < d; r++) for (let c = 0; c < d; c++) inverse[r * d + c] = (inverse[r * d + c] as number) - ((along[r] as number) * (along[c] as number)) / (1 + gain);
  }
  for (const i of shuffled(rows, seed)) if (kept.size < count) kept.add(i);
  return [...kept];
}
