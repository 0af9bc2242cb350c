/** Cholesky factor L (row-major, lower) of the symmetric matrix given by its lower triangle, with `ridge` added to the diagonal. O(d³/3). */
export function choleskyFactor(lower: Float64Array, d: number, ridge: number): Float64Array {
  const L = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = (lower[i * d + j] as number) + (i === j ? ridge : 0);
      for (let k = 0; k < j; k++) sum -= (L[i * d + k] as number) * (L[j * d + k] as number);
      L[i * d + j] = i === j ? Math.sqrt(sum) : sum / (L[j * d + j] as number);
    }
  }
  return L;
}

/** Solves L Lᵀ x = b. O(d²). */
export function choleskySolve(L: Float64Array, d: number, b: Float64Array): Float64Array {
  const x = Float64Array.from(b);
  for (let i = 0; i < d; i++) {
    let sum = x[i] as number;
    for (let k = 0; k < i; k++) sum -= (L[i * d + k] as number) * (x[k] as number);
    x[i] = sum / (L[i * d + i] as number);
  }
  for (let i = d - 1; i >= 0; i--) {
    let sum = x[i] as number;
    for (let k = i + 1; k < d; k++) sum -= (L[k * d + i] as number) * (x[k] as number);
    x[i] = sum / (L[i * d + i] as number);
  }
  return x;
}
