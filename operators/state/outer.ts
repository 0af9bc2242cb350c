/** One vector of those whose outer products are summed. */
export interface Weighted {
  readonly x: Float32Array;
  readonly weight: number;
}

/** So many at a time: each number of the matrix is then read and written once for all of them. */
export const BLOCK = 8;

/**
 * Adds weight · x xᵀ of up to BLOCK vectors of d numbers to the lower triangle of a matrix [d, d], in order: the bits are those of one after the other.
 */
export function addOuterProducts(lower: Float64Array, d: number, vectors: readonly Weighted[]): void {
  const nobody = new Float64Array(d);
  const [a = nobody, b = nobody, c = nobody, e = nobody, f = nobody, g = nobody, h = nobody, k = nobody] = vectors.map(({ x }) => new Float64Array(x));
  const weightOf = (at: number): number => vectors[at]?.weight ?? 0;
  const [wa, wb, wc, we, wf, wg, wh, wk] = [weightOf(0), weightOf(1), weightOf(2), weightOf(3), weightOf(4), weightOf(5), weightOf(6), weightOf(7)];
  for (let i = 0; i < d; i++) {
    const row = i * d;
    const [ai, bi, ci, ei] = [wa * (a[i] as number), wb * (b[i] as number), wc * (c[i] as number), we * (e[i] as number)];
    const [fi, gi, hi, ki] = [wf * (f[i] as number), wg * (g[i] as number), wh * (h[i] as number), wk * (k[i] as number)];
    for (let j = 0; j <= i; j++) {
      let sum = (lower[row + j] as number) + ai * (a[j] as number);
      sum += bi * (b[j] as number);
      sum += ci * (c[j] as number);
      sum += ei * (e[j] as number);
      sum += fi * (f[j] as number);
      sum += gi * (g[j] as number);
      sum += hi * (h[j] as number);
      lower[row + j] = sum + ki * (k[j] as number);
    }
  }
}
