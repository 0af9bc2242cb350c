import type { Matrix } from './matmul.ts';
import { product } from './matmul.ts';
import { shuffled } from './random.ts';

const ROUNDS = 12;

export interface Clustering {
  /** Centroid of each row. */
  readonly of: Int32Array;
  /** Its similarity to it. */
  readonly similarity: Float32Array;
}

/** Spherical k-means: centroids of unit length, begun at rows drawn by the seed. An empty cluster keeps its centroid. */
export async function kmeans(X: Matrix, k: number, seed: number): Promise<Clustering> {
  const { rows, columns: d } = X;
  const multiply = await product(2);
  const centroids: Matrix = { data: new Float32Array(k * d), rows: k, columns: d };
  shuffled(rows, seed).subarray(0, k).forEach((i, c) => centroids.data.set(X.data.subarray(i * d, (i + 1) * d), c * d));
  let found = nearest(await multiply(X, centroids));
  for (let round = 0; round < ROUNDS; round++) {
    const sums = new Float64Array(k * d);
    for (let i = 0; i < rows; i++) for (let j = 0, at = (found.of[i] as number) * d; j < d; j++) sums[at + j] = (sums[at + j] as number) + (X.data[i * d + j] as number);
    for (let c = 0; c < k; c++) {
      const sum = sums.subarray(c * d, (c + 1) * d);
      const norm = Math.hypot(...sum);
      if (norm > 0) centroids.data.set(sum.map((value) => value / norm), c * d);
    }
    found = nearest(await multiply(X, centroids));
  }
  return found;
}

function nearest({ data, rows, columns }: Matrix): Clustering {
  const of = new Int32Array(rows);
  const similarity = new Float32Array(rows).fill(-Infinity);
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < columns; c++) {
      const s = data[i * columns + c] as number;
      if (s <= (similarity[i] as number)) continue;
      similarity[i] = s;
      of[i] = c;
    }
  }
  return { of, similarity };
}
