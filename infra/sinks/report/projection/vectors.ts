/** Arithmetic on rows of one flat float32 matrix. Every sum is in a fixed order, so that a map is the same each time it is drawn. */

/** Rows of equal dimension, one after the other. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly dim: number;
}

/** Inner product of row `i` of `a` and row `j` of `b`; for unit vectors the cosine, -1..1. */
export function dotRows(a: Matrix, i: number, b: Matrix, j: number): number {
  const { data: p, dim } = a;
  const q = b.data;
  const x = i * dim;
  const y = j * dim;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  // Four sums side by side: the processor need not wait for one addition to start the next.
  for (; k + 3 < dim; k += 4) {
    s0 += (p[x + k] ?? 0) * (q[y + k] ?? 0);
    s1 += (p[x + k + 1] ?? 0) * (q[y + k + 1] ?? 0);
    s2 += (p[x + k + 2] ?? 0) * (q[y + k + 2] ?? 0);
    s3 += (p[x + k + 3] ?? 0) * (q[y + k + 3] ?? 0);
  }
  for (; k < dim; k++) s0 += (p[x + k] ?? 0) * (q[y + k] ?? 0);
  return s0 + s1 + (s2 + s3);
}

export function matrixOf(vectors: readonly Float32Array[], dim: number): Matrix {
  const data = new Float32Array(vectors.length * dim);
  vectors.forEach((vector, row) => data.set(vector, row * dim));
  return { data, rows: vectors.length, dim };
}

/** A number in 0..1 that depends on nothing but `key` and `salt` (finaliser of MurmurHash3). */
export function hash01(key: number, salt: number): number {
  let h = Math.imul(key ^ Math.imul(salt + 1, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x27d4eb2f);
  return ((h ^ (h >>> 15)) >>> 0) / 4294967296;
}
