/** The online cut: a quantile of the scores of the last `SPAN` eligible items, kept sorted beside their order of arrival. */
import { Packer, Unpacker } from './codec.ts';

const SPAN = 1000;
/** Below this many scores there is no cut yet. */
const ENOUGH = 32;
/** So many quantiles say how the scores lie. */
const QUANTILES = 33;
/** They are of so many scores: scores fall while the memory fills, and those of a busy camera are to be as new as those of a quiet one. */
const NEWEST = 128;
/** Every score reaches this: there is no cut. Finite, so that it can be written as JSON. */
export const NO_CUT = -1e9;

export class Cut {
  readonly #ring = new Float64Array(SPAN);
  readonly #sorted = new Float64Array(SPAN);
  #count = 0;
  #next = 0;

  /** The score that the share `rate` of recent eligible items reaches; NO_CUT while too few are known or for a rate of 1. */
  at(rate: number): number {
    if (this.#count < ENOUGH || rate >= 1) return NO_CUT;
    return this.#sorted[Math.min(this.#count - 1, Math.floor((1 - rate) * this.#count))] as number;
  }

  /** Of the newest scores, evenly spaced from the least to the greatest; empty while too few are known. */
  quantiles(): Float32Array {
    const count = Math.min(this.#count, NEWEST);
    if (count < ENOUGH) return new Float32Array();
    const newest = Float64Array.from({ length: count }, (_, i) => this.#ring[(this.#next - 1 - i + SPAN) % SPAN] as number).sort();
    return Float32Array.from({ length: QUANTILES }, (_, i) => newest[Math.round((i * (count - 1)) / (QUANTILES - 1))] as number);
  }

  learn(score: number): void {
    if (this.#count === SPAN) this.#remove(this.#ring[this.#next] as number);
    const at = this.#position(score);
    this.#sorted.copyWithin(at + 1, at, this.#count);
    this.#sorted[at] = score;
    this.#count += 1;
    this.#ring[this.#next] = score;
    this.#next = (this.#next + 1) % SPAN;
  }

  #remove(score: number): void {
    const at = this.#position(score);
    this.#sorted.copyWithin(at, at + 1, this.#count);
    this.#count -= 1;
  }

  /** First position whose score is not below this one. */
  #position(score: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] as number) < score) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  pack(): Uint8Array {
    return new Packer().f64(this.#count, this.#next).f64s(this.#ring.slice(0, this.#count)).done();
  }

  restore(value: Uint8Array): void {
    const from = new Unpacker(value);
    this.#count = from.f64();
    this.#next = from.f64();
    const ring = from.f64s();
    this.#ring.set(ring);
    this.#sorted.set(ring.slice().sort());
  }
}
