/** A person turns the verdict on an item round, after it was decided. */
import { Packer, Unpacker } from './codec.ts';
import type { Labellable } from './late-label.ts';

/** `admitted`: what it was so far. */
export interface Turning extends Labellable {
  readonly id: string;
  /** The cluster it was put into when it was decided. */
  readonly cluster: number;
  readonly digest: string;
  /** Its classes, where its label came with it; null where it has none. */
  readonly classes: readonly string[] | null;
}

export function packTurned(seq: number, admitted: boolean): Uint8Array {
  return new Packer().f64(seq, admitted ? 1 : 0).done();
}

/** `admitted`: what it is from then on. */
export function unpackTurned(payload: Uint8Array): { readonly seq: number; readonly admitted: boolean } {
  const from = new Unpacker(payload);
  return { seq: from.f64(), admitted: from.f64() === 1 };
}
