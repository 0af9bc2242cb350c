/** Dark spells that ended by themselves: where they come day after day, a further one is nothing to tell. */
import type { Packer, Unpacker } from '../codec.ts';

/** Spells in memory from which a further one is usual. */
const USUAL_FROM = 2;
/** Half-life of a spell in memory, in milliseconds: seven days. */
const HALF_LIFE = 7 * 86_400_000;
/** Within so long of another one a spell is a part of it: a lamp that fails goes off and on. Half a day. */
const APART = 43_200_000;

export class Nights {
  #weight = 0;
  #last: number | null = null;

  usual(time: number | null): boolean {
    return this.#at(time) >= USUAL_FROM;
  }

  /** Of frames without times none ends a night. */
  end(time: number | null): void {
    if (time === null || (this.#last !== null && time - this.#last < APART)) return;
    this.#weight = this.#at(time) + 1;
    this.#last = time;
  }

  #at(time: number | null): number {
    return time === null || this.#last === null ? this.#weight : this.#weight * 2 ** (-Math.max(0, time - this.#last) / HALF_LIFE);
  }

  pack(out: Packer): void {
    out.f64(this.#weight, this.#last ?? Number.NaN);
  }

  restore(from: Unpacker): void {
    this.#weight = from.f64();
    const last = from.f64();
    this.#last = Number.isNaN(last) ? null : last;
  }
}
