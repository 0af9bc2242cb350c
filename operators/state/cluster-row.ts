/** One micro-cluster as the engine holds it, and its record in the changelog. */
import { Packer, Unpacker } from './codec.ts';
import type { Lots } from './lots.ts';
import { dot } from './vectors.ts';

export interface Row {
  readonly id: number;
  /** Where it stands among the centroids; see centroids.ts, which also holds its own. */
  place: number;
  weight: number;
  /** Time to which `weight` is decayed. */
  at: number;
  confirmed: boolean;
  /** What its items draw from; null before the first. */
  lots: Lots | null;
  /** Order of the last item, for moving the longest unseen. */
  touched: number;
}

/** Length of a vector, never 0. */
export function norm(x: Float32Array): number {
  return Math.max(Math.sqrt(dot(x, 0, x, 0, x.length)), 1e-12);
}

export function newRow(id: number, at: number): Row {
  return { id, place: -1, weight: 0, at, confirmed: false, lots: null, touched: 0 };
}

export function packRow(row: Row, cold: boolean, centroid: Float32Array): Uint8Array {
  return new Packer().f64(row.weight, row.at, row.confirmed ? 1 : 0, cold ? 1 : 0, row.touched).f32s(centroid).f64(...(row.lots === null ? [] : [row.lots.begin, row.lots.drawn])).done();
}

export function unpackRow(id: number, value: Uint8Array): { readonly row: Row; readonly cold: boolean; readonly centroid: Float32Array } {
  const from = new Unpacker(value);
  const row = newRow(id, 0);
  row.weight = from.f64();
  row.at = from.f64();
  row.confirmed = from.f64() === 1;
  const cold = from.f64() === 1;
  row.touched = from.f64();
  const centroid = from.f32s();
  // Earlier versions kept none.
  row.lots = from.ended ? null : { begin: from.f64(), drawn: from.f64() };
  return { row, cold, centroid };
}
