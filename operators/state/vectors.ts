/**
 * Inner product of two rows, in one fixed order of additions: the same bits whatever the batch.
 * Four running sums let the processor overlap the additions; rows are multiples of 4 long in practice, the tail is handled all the same.
 */
export function dot(a: Float32Array, aStart: number, b: Float32Array, bStart: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = length - (length % 4);
  // The indices below stay inside both arrays for every caller that passes whole rows; `as number` costs nothing at run time.
  for (let i = 0; i < whole; i += 4) {
    s0 += (a[aStart + i] as number) * (b[bStart + i] as number);
    s1 += (a[aStart + i + 1] as number) * (b[bStart + i + 1] as number);
    s2 += (a[aStart + i + 2] as number) * (b[bStart + i + 2] as number);
    s3 += (a[aStart + i + 3] as number) * (b[bStart + i + 3] as number);
  }
  if (whole < length) s0 += (a[aStart + whole] as number) * (b[bStart + whole] as number);
  if (whole + 1 < length) s1 += (a[aStart + whole + 1] as number) * (b[bStart + whole + 1] as number);
  if (whole + 2 < length) s2 += (a[aStart + whole + 2] as number) * (b[bStart + whole + 2] as number);
  return s0 + s1 + (s2 + s3);
}
