/**
 * How many directions the embeddings of all partitions together vary in: what one of several cameras sees may be narrow where what they select for is not.
 * The effective dimension is that of variety.ts, tr(C)² / tr(C²), with C of all. Of tr(C²), the mean squared inner product of two items, each partition learns
 * the part of its own items with those of each other, holding them against the newest item that the other told of, and tells its mean over all.
 */
import type { Change } from '../../schemas/decision.ts';
import type { VarietySketch } from '../../schemas/told.ts';
import { Packer, Unpacker } from './codec.ts';
import { dimensionOf, ENOUGH, SPAN, type Variety } from './variety.ts';

/** Own items that are held against one item of another at most: one picture does not stand for all where nothing new is heard. */
const MOST_HELD = 64;

/** It is told again when the items seen have grown by this share of those when it was told last, or by so many. */
const GROWN = 0.1;
const MOST_UNTOLD = 500;

/** A running mean of squared inner products. */
interface Square {
  readonly value: number;
  readonly count: number;
}
const NONE: Square = { value: 0, count: 0 };

interface Other {
  readonly told: VarietySketch;
  /** Own items held against the one told. */
  held: number;
  square: Square;
}

export class Breadth {
  readonly #dimension: number;
  readonly #others = new Map<number, Other>();
  readonly #changed = new Set<number>();
  #own = NONE;
  #newest: Float32Array = new Float32Array();
  /** Own items when it was told last. */
  #toldAt = 0;
  /** Sum of the embeddings of the others, and how many; null until it is asked for. */
  #elsewhere: { readonly sum: Float64Array; readonly seen: number } | null = null;

  constructor(dimension: number) {
    this.#dimension = dimension;
  }

  /** Takes in what another partition told. What comes late, after newer news, changes nothing. */
  hear(partition: number, told: VarietySketch | null): void {
    if (told === null || told.mean.length !== this.#dimension || told.item.length !== this.#dimension) return;
    const known = this.#others.get(partition);
    if (known !== undefined && told.seen <= known.told.seen) return;
    this.#others.set(partition, { told, held: 0, square: known?.square ?? NONE });
    this.#changed.add(partition);
    this.#elsewhere = null;
  }

  /** @param own variety of this partition, which has not learned x yet */
  learn(x: Float32Array, own: Variety): void {
    this.#newest = x.slice();
    if (this.#others.size === 0) return;
    const mean = this.#mean(own);
    const square = own.square(x, mean);
    if (square !== null) this.#own = further(this.#own, square);
    for (const other of this.#others.values()) {
      if (other.held === MOST_HELD) continue;
      other.held += 1;
      other.square = further(other.square, product(x, other.told.item, mean) ** 2);
    }
  }

  /** Of the embeddings of all partitions heard of; null where nothing is known of them. */
  effectiveDimension(own: Variety): number | null {
    const square = this.#square(own);
    const known = [...this.#others.values()].filter(({ told }) => told.square > 0);
    if (square === 0 || known.length === 0) return own.effectiveDimension;
    return dimensionOf(this.#mean(own), weighted([{ weight: own.seen, value: square }, ...known.map(({ told }) => ({ weight: told.seen, value: told.square }))]));
  }

  /** What the others are to know; null while it has hardly changed: it is long and moves slowly. */
  tell(own: Variety): VarietySketch | null {
    if (this.#newest.length === 0 || own.seen - this.#toldAt < Math.min(this.#toldAt * GROWN, MOST_UNTOLD)) return null;
    this.#toldAt = own.seen;
    return { seen: own.seen, mean: Float32Array.from(own.mean), item: this.#newest, square: this.#square(own) };
  }

  /** Mean squared inner product of own items with those of all; 0 while too few are known. */
  #square(own: Variety): number {
    if (this.#own.count < ENOUGH) return 0;
    const known = [...this.#others.values()].filter(({ square }) => square.count >= ENOUGH);
    return weighted([{ weight: own.seen, value: this.#own.value }, ...known.map(({ told, square }) => ({ weight: told.seen, value: square.value }))]);
  }

  /** Of the embeddings of all. */
  #mean(own: Variety): Float64Array {
    const { sum, seen } = (this.#elsewhere ??= this.#sum());
    const total = own.seen + seen;
    return own.mean.map((value, i) => (own.seen * value + (sum[i] as number)) / total);
  }

  #sum(): { readonly sum: Float64Array; readonly seen: number } {
    const sum = new Float64Array(this.#dimension);
    let seen = 0;
    for (const { told } of this.#others.values()) {
      seen += told.seen;
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + told.seen * (told.mean[i] as number);
    }
    return { sum, seen };
  }

  /** Key 0 holds what changes with each item, key 1 + partition what another told. */
  *takeChanges(): Iterable<Change> {
    const out = new Packer().f64(this.#own.value, this.#own.count).f32s(this.#newest);
    for (const [partition, { held, square }] of this.#others) out.f64(partition, held, square.value, square.count);
    yield { kind: 'breadth', key: 0, value: out.f64(this.#toldAt).done() };
    for (const partition of this.#changed) {
      const told = this.#others.get(partition)?.told;
      if (told !== undefined) yield { kind: 'breadth', key: 1 + partition, value: new Packer().f64(told.seen, told.square).f32s(told.mean).f32s(told.item).done() };
    }
    this.#changed.clear();
  }

  /** To be called in order of key. */
  restoreRow(key: number, value: Uint8Array): void {
    const from = new Unpacker(value);
    if (key > 0) {
      const known = this.#others.get(key - 1);
      if (known !== undefined) this.#others.set(key - 1, { ...known, told: { seen: from.f64(), square: from.f64(), mean: from.f32s(), item: from.f32s() } });
      return;
    }
    this.#own = { value: from.f64(), count: from.f64() };
    this.#newest = from.f32s();
    while (!from.ended) {
      const next = from.f64();
      // Older records end with the last partition.
      if (from.ended) this.#toldAt = next;
      else this.#others.set(next, { told: UNTOLD, held: from.f64(), square: { value: from.f64(), count: from.f64() } });
    }
  }
}

/** Until its record is restored. */
const UNTOLD: VarietySketch = { seen: 0, mean: new Float32Array(), item: new Float32Array(), square: 0 };

function further({ value, count }: Square, next: number): Square {
  return { value: value + (next - value) / Math.min(count + 1, SPAN), count: count + 1 };
}

/** Inner product of two items less a mean. */
function product(x: Float32Array, y: Float32Array, mean: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += ((x[i] as number) - (mean[i] as number)) * ((y[i] as number) - (mean[i] as number));
  return sum;
}

function weighted(parts: readonly { readonly weight: number; readonly value: number }[]): number {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  return parts.reduce((sum, { weight, value }) => sum + weight * value, 0) / total;
}
