/**
 * What the engine holds of items as such goes when they are forgotten: their rows in the memory, their ids, their vectors, what their labels taught and counted. What stays
 * are sums in which each was one of many: see docs/decisions/forget.md.
 */
import { Packer, Unpacker } from './codec.ts';
import type { Labellable } from './late-label.ts';

/** Other items that a sum must hold, so that one of them cannot be told from it. */
export const MANY = 16;
/** Members from which the centroid of a cluster is made anew where it was of too few. */
export const RENEWED_FROM = 64;

/** A decided item that is to be forgotten. */
export interface Leaving extends Labellable {
  readonly id: string;
  /** The one it was put into when it was decided. */
  readonly cluster: number;
}

export interface Forgetting {
  readonly items: readonly Leaving[];
  /** Ids of which nothing may stay, whether they were decided or not. */
  readonly ids: ReadonlySet<string>;
  /** Embeddings of the items of a cluster that stay, the latest `RENEWED_FROM` of them at most. */
  readonly others: (cluster: number) => readonly Float32Array[];
}

/** The event tells how many items went, and their places in the sequence: no id. */
export function packForgotten(seqs: readonly number[]): Uint8Array {
  return new Packer().f64(seqs.length, ...seqs).done();
}

export function unpackForgotten(payload: Uint8Array): readonly number[] {
  const from = new Unpacker(payload);
  return Array.from({ length: from.f64() }, () => from.f64());
}
