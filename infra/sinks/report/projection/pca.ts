/** The two directions in which the rows of a matrix differ most, by subspace iteration from a fixed start. */
import { hash01, type Matrix } from './vectors.ts';

const ROUNDS = 40;

/** Coordinates of each row on the first two principal axes, [x0, y0, x1, y1, …], each axis scaled to -1..1. */
export function principalPlane(matrix: Matrix): Float64Array {
  const mean = meanRow(matrix);
  const axes = [startAxis(matrix.dim, 0), startAxis(matrix.dim, 1)];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [a, axis] of axes.entries()) {
      const next = timesCovariance(matrix, mean, axis);
      for (const earlier of axes.slice(0, a)) removePart(next, earlier);
      scaleToUnit(next);
      axes[a] = next;
    }
  }
  const plane = new Float64Array(matrix.rows * 2);
  for (const [a, axis] of axes.entries()) {
    let far = 1e-12;
    for (let i = 0; i < matrix.rows; i++) {
      const v = along(matrix, i, mean, axis);
      plane[i * 2 + a] = v;
      far = Math.max(far, Math.abs(v));
    }
    for (let i = 0; i < matrix.rows; i++) plane[i * 2 + a] = (plane[i * 2 + a] ?? 0) / far;
  }
  return plane;
}

function meanRow({ data, rows, dim }: Matrix): Float64Array {
  const mean = new Float64Array(dim);
  for (let i = 0; i < rows; i++) for (let k = 0; k < dim; k++) mean[k] = (mean[k] ?? 0) + (data[i * dim + k] ?? 0) / rows;
  return mean;
}

function startAxis(dim: number, salt: number): Float64Array {
  const axis = Float64Array.from({ length: dim }, (_, k) => hash01(k, salt) - 0.5);
  scaleToUnit(axis);
  return axis;
}

function along({ data, dim }: Matrix, row: number, mean: Float64Array, axis: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < dim; k++) sum += ((data[row * dim + k] ?? 0) - (mean[k] ?? 0)) * (axis[k] ?? 0);
  return sum;
}

function timesCovariance(matrix: Matrix, mean: Float64Array, axis: Float64Array): Float64Array {
  const { data, rows, dim } = matrix;
  const out = new Float64Array(dim);
  for (let i = 0; i < rows; i++) {
    const v = along(matrix, i, mean, axis);
    for (let k = 0; k < dim; k++) out[k] = (out[k] ?? 0) + v * ((data[i * dim + k] ?? 0) - (mean[k] ?? 0));
  }
  return out;
}

function removePart(vector: Float64Array, axis: Float64Array): void {
  let part = 0;
  for (let k = 0; k < vector.length; k++) part += (vector[k] ?? 0) * (axis[k] ?? 0);
  for (let k = 0; k < vector.length; k++) vector[k] = (vector[k] ?? 0) - part * (axis[k] ?? 0);
}

function scaleToUnit(vector: Float64Array): void {
  let square = 0;
  for (const v of vector) square += v * v;
  const length = Math.sqrt(square);
  for (let k = 0; k < vector.length; k++) vector[k] = length > 0 ? (vector[k] ?? 0) / length : 0;
}
