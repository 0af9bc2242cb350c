/**
 * How many directions the stream's embeddings vary in: the effective dimension tr(C)² / tr(C²) of their covariance (the participation ratio),
 * estimated without holding C. For unit vectors tr(C) = 1 - |mean|², and tr(C²) is the mean squared inner product of two independent items less their mean;
 * each item is held against a sample of the past, so that frames of one scene are rarely held against each other.
 */
import type { Change } from '../../schemas/decision.ts';
import { Packer, Unpacker } from './codec.ts';
import { uniform } from './hash.ts';
import { Rows } from './rows.ts';

/** Past items held: a uniform sample of the last SPAN or so. */
const HELD = 32;
/** Items compared before a mean square is believed. */
export const ENOUGH = 16;
export const SPAN = 2500;

export class Variety {
  readonly #mean: Float64Array;
  readonly #held: Rows;
  readonly #changed = new Set<number>();
  #n = 0;
  /** Running mean of the squared inner products, and how many items have given one. */
  #square = 0;
  #compared = 0;

  constructor(dimension: number) {
    this.#mean = new Float64Array(dimension);
    this.#held = new Rows(dimension);
  }

  /** Null while too little was seen. */
  get effectiveDimension(): number | null {
    if (this.#compared < ENOUGH || this.#square <= 0) return null;
    return dimensionOf(this.#mean, this.#square);
  }

  /** @returns its similarities to the past items held, which serve others as well; none while too few are held */
  learn(x: Float32Array): Float64Array {
    this.#n += 1;
    const rate = 1 / Math.min(this.#n, SPAN);
    for (let i = 0; i < x.length; i++) this.#mean[i] = (this.#mean[i] as number) + rate * ((x[i] as number) - (this.#mean[i] as number));
    const square = this.square(x, this.#mean);
    const similarities = square === null ? new Float64Array() : this.#held.dots(x, 0, this.#held.count);
    if (square !== null) this.#square += (square - this.#square) / Math.min(++this.#compared, SPAN);
    this.#hold(x);
    return similarities;
  }

  /** Items learned. */
  get seen(): number {
    return this.#n;
  }

  get mean(): Float64Array {
    return this.#mean;
  }

  /** Mean squared inner product of x and the past items held, less a mean; null while too few are held. */
  square(x: Float32Array, less: Float64Array): number | null {
    if (this.#held.count < ENOUGH) return null;
    const centred = new Float32Array(x.length);
    let shift = 0;
    for (let i = 0; i < x.length; i++) {
      const mean = less[i] as number;
      centred[i] = (x[i] as number) - mean;
      shift += (centred[i] as number) * mean;
    }
    let squares = 0;
    for (const product of this.#held.dots(centred, 0, this.#held.count)) squares += (product - shift) ** 2;
    return squares / this.#held.count;
  }

  /** A reservoir whose items leave at random, at such a rate that it forgets what is older than SPAN or so. */
  #hold(x: Float32Array): void {
    const draw = uniform(this.#n, 'variety');
    const keep = HELD / Math.min(Math.max(this.#n, HELD), SPAN);
    const { count } = this.#held;
    if (count === HELD && draw >= keep) return;
    const slot = count < HELD ? count : Math.floor((draw / keep) * HELD);
    if (slot === count) this.#held.push(x);
    else this.#held.row(slot).set(x);
    this.#changed.add(slot);
  }

  /** These are held no more. */
  forget(vectors: readonly Float32Array[]): void {
    for (const x of vectors) {
      for (let slot = this.#held.count - 1; slot >= 0; slot--) {
        if (!this.#held.row(slot).every((value, i) => value === x[i])) continue;
        const last = this.#held.count - 1;
        this.#held.swap(slot, last);
        this.#held.pop();
        this.#changed.add(slot).add(last);
      }
    }
  }

  /** Key 0 holds the totals, key 1 + slot an item held. */
  *takeChanges(): Iterable<Change> {
    yield { kind: 'variety', key: 0, value: new Packer().f64(this.#n, this.#square, this.#compared).f64s(this.#mean).done() };
    for (const slot of this.#changed) yield { kind: 'variety', key: 1 + slot, value: slot < this.#held.count ? new Packer().f32s(this.#held.row(slot)).done() : null };
    this.#changed.clear();
  }

  /** To be called in order of key. */
  restoreRow(key: number, value: Uint8Array): void {
    const from = new Unpacker(value);
    if (key > 0) {
      this.#held.push(from.f32s());
      return;
    }
    this.#n = from.f64();
    this.#square = from.f64();
    this.#compared = from.f64();
    this.#mean.set(from.f64s());
  }
}

/** tr(C)² / tr(C²) of unit vectors. @param square mean squared inner product of two of them, less their mean */
export function dimensionOf(mean: Float64Array, square: number): number {
  let spread = 1;
  for (const value of mean) spread -= value * value;
  return (spread * spread) / square;
}
