/** One micro-cluster as the engine holds it, and its record in the changelog. */
import { Packer, Unpacker } from './codec.ts';
import { dot } from './vectors.ts';

export interface Row {
  readonly id: number;
  readonly mean: Float32Array;
  norm: number;
  weight: number;
  /** Time to which `weight` is decayed. */
  at: number;
  confirmed: boolean;
  cold: boolean;
  /** Order of the last item, for moving the longest unseen. */
  touched: number;
}

/** Length of a vector, never 0. */
export function norm(x: Float32Array): number {
  return Math.max(Math.sqrt(dot(x, 0, x, 0, x.length)), 1e-12);
}

export function packRow(row: Row): Uint8Array {
  return new Packer().f64(row.weight, row.at, row.confirmed ? 1 : 0, row.cold ? 1 : 0, row.touched).f32s(row.mean).done();
}

export function unpackRow(id: number, value: Uint8Array): Row {
  const from = new Unpacker(value);
  const [weight, at, confirmed, cold, touched] = [from.f64(), from.f64(), from.f64() === 1, from.f64() === 1, from.f64()];
  const mean = from.f32s();
  return { id, mean, norm: norm(mean), weight, at, confirmed, cold, touched };
}
