/**
 * Cholesky factor L (row-major, lower) of the symmetric matrix given by its lower triangle, with `ridge` added to the diagonal. O(d³/3).
 * Column by column, four rows at a time: their sums do not wait for each other, and each keeps its own order of additions.
 */
export function choleskyFactor(lower: Float64Array, d: number, ridge: number): Float64Array {
  const L = new Float64Array(d * d);
  for (let j = 0; j < d; j++) {
    const column = j * d;
    let pivot = (lower[column + j] as number) + ridge;
    for (let k = 0; k < j; k++) pivot -= (L[column + k] as number) ** 2;
    const root = Math.sqrt(pivot);
    L[column + j] = root;
    for (let i = j + 1; i < d; i += 4) {
      // The last ones are done twice where fewer than four are left.
      const [a, b, c, e] = [i * d, Math.min(i + 1, d - 1) * d, Math.min(i + 2, d - 1) * d, Math.min(i + 3, d - 1) * d];
      let [s0, s1, s2, s3] = [lower[a + j] as number, lower[b + j] as number, lower[c + j] as number, lower[e + j] as number];
      for (let k = 0; k < j; k++) {
        const by = L[column + k] as number;
        s0 -= (L[a + k] as number) * by;
        s1 -= (L[b + k] as number) * by;
        s2 -= (L[c + k] as number) * by;
        s3 -= (L[e + k] as number) * by;
      }
      L[a + j] = s0 / root;
      L[b + j] = s1 / root;
      L[c + j] = s2 / root;
      L[e + j] = s3 / root;
    }
  }
  return L;
}

/** Solves L Lᵀ x = b for each b, O(d²) each; four at a time, since L is read once for all of them. */
export function choleskySolve(L: Float64Array, d: number, all: readonly Float64Array[]): Float64Array[] {
  const solved = all.map((b) => Float64Array.from(b));
  const nobody = new Float64Array(d);
  for (let at = 0; at < solved.length; at += 4) {
    const [w = nobody, x = nobody, y = nobody, z = nobody] = solved.slice(at, at + 4);
    for (let i = 0; i < d; i++) substitute(L, i * d, 1, i, 0, i, w, x, y, z);
    for (let i = d - 1; i >= 0; i--) substitute(L, i, d, i, i + 1, d, w, x, y, z);
  }
  return solved;
}

/** bᵀ (L Lᵀ)⁻¹ b for each b, the squared norm of L⁻¹ b: O(d²/2) each. */
export function choleskyNorms(L: Float64Array, d: number, all: readonly Float32Array[]): Float64Array {
  const norms = new Float64Array(all.length);
  eliminateAll(L, d, all, (first, z) => {
    for (let j = 0; j < Math.min(8, all.length - first); j++) norms[first + j] = product(z, j, z, j);
  });
  return norms;
}

/** aᵀ (L Lᵀ)⁻¹ b for each a and b of a group, [n, n]. O(n d²/2 + n² d). */
export function choleskyGram(L: Float64Array, d: number, all: readonly Float32Array[]): Float64Array {
  const n = all.length;
  const solved: Float64Array[] = [];
  eliminateAll(L, d, all, (_, z) => solved.push(z.slice()));
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) gram[i * n + j] = gram[j * n + i] = product(solved[i >> 3] ?? gram, i & 7, solved[j >> 3] ?? gram, j & 7);
  return gram;
}

/** L⁻¹ b for each b, eight at a time: number by number next to each other in z, which is used again for the next eight. */
function eliminateAll(L: Float64Array, d: number, all: readonly Float32Array[], done: (first: number, z: Float64Array) => void): void {
  const z = new Float64Array(8 * d);
  for (let first = 0; first < all.length; first += 8) {
    z.fill(0);
    all.slice(first, first + 8).forEach((b, j) => b.forEach((value, i) => (z[8 * i + j] = value)));
    for (let i = 0; i < d; i++) eliminate(L, i * d, z, 8 * i, L[i * d + i] as number);
    done(first, z);
  }
}

/** Inner product of the i-th of eight with the j-th of eight. */
function product(a: Float64Array, i: number, b: Float64Array, j: number): number {
  let sum = 0;
  for (; i < a.length; i += 8, j += 8) sum += (a[i] as number) * (b[j] as number);
  return sum;
}

/** One unknown of eight systems, at `at`, from all before it. */
function eliminate(L: Float64Array, row: number, z: Float64Array, at: number, pivot: number): void {
  let [s0, s1, s2, s3] = [z[at] as number, z[at + 1] as number, z[at + 2] as number, z[at + 3] as number];
  let [s4, s5, s6, s7] = [z[at + 4] as number, z[at + 5] as number, z[at + 6] as number, z[at + 7] as number];
  for (let k = 0; k < at; k += 8) {
    const by = L[row++] as number;
    s0 -= by * (z[k] as number);
    s1 -= by * (z[k + 1] as number);
    s2 -= by * (z[k + 2] as number);
    s3 -= by * (z[k + 3] as number);
    s4 -= by * (z[k + 4] as number);
    s5 -= by * (z[k + 5] as number);
    s6 -= by * (z[k + 6] as number);
    s7 -= by * (z[k + 7] as number);
  }
  z[at] = s0 / pivot;
  z[at + 1] = s1 / pivot;
  z[at + 2] = s2 / pivot;
  z[at + 3] = s3 / pivot;
  z[at + 4] = s4 / pivot;
  z[at + 5] = s5 / pivot;
  z[at + 6] = s6 / pivot;
  z[at + 7] = s7 / pivot;
}

/** Unknown i of four systems, from the unknowns `from` to before `to`, which are solved; `start` and `step` say where row i of L, or its column i, stands. */
function substitute(L: Float64Array, start: number, step: number, i: number, from: number, to: number, w: Float64Array, x: Float64Array, y: Float64Array, z: Float64Array): void {
  let [s0, s1, s2, s3] = [w[i] as number, x[i] as number, y[i] as number, z[i] as number];
  for (let k = from; k < to; k++) {
    const by = L[start + k * step] as number;
    s0 -= by * (w[k] as number);
    s1 -= by * (x[k] as number);
    s2 -= by * (y[k] as number);
    s3 -= by * (z[k] as number);
  }
  const pivot = L[start + i * step] as number;
  w[i] = s0 / pivot;
  x[i] = s1 / pivot;
  y[i] = s2 / pivot;
  z[i] = s3 / pivot;
}
