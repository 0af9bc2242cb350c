import { uniform } from '../../operators/state/hash.ts';

/** The numbers 0 to n - 1 in an order drawn by the seed. */
export function shuffled(n: number, seed: number): Int32Array {
  const keys = Float64Array.from({ length: n }, (_, i) => uniform(seed, `shuffle ${i}`));
  return Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => (keys[a] as number) - (keys[b] as number) || a - b);
}
