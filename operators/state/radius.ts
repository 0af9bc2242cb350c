/** The similarity to a centroid from which an item belongs to it: what the stream's items have to their nearest one, running mean less some deviations. */
import type { Packer, Unpacker } from './codec.ts';

/** Bounds of it. */
const LEAST = 0.2;
const MOST = 0.95;
/** Items that the mean remembers. */
const REMEMBERED = 2000;

export class Radius {
  readonly #spread: number;
  #seen = 0;
  #mean = 0.5;
  #variance = 0.01;

  /** @param spread deviations below the mean */
  constructor(spread: number) {
    this.#spread = spread;
  }

  get value(): number {
    return Math.min(MOST, Math.max(LEAST, this.#mean - this.#spread * Math.sqrt(this.#variance)));
  }

  /** @param similarity of an item to the nearest centroid before it moved it */
  learn(similarity: number): void {
    this.#seen += 1;
    const rate = 1 / Math.min(this.#seen + 10, REMEMBERED);
    const difference = similarity - this.#mean;
    this.#mean += rate * difference;
    this.#variance += rate * (difference * difference - this.#variance);
  }

  pack(out: Packer): Packer {
    return out.f64(this.#seen, this.#mean, this.#variance);
  }

  restore(from: Unpacker): void {
    this.#seen = from.f64();
    this.#mean = from.f64();
    this.#variance = from.f64();
  }
}
