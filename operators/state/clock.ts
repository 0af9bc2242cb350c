/**
 * The engine's clock. Event time where the stream has times, else the count of decided items.
 *
 * It is the greatest accepted event time. A late item decays nothing. A jump of more than one half-life ahead is not accepted at once, since one
 * camera with a wrong date would age everything: the item gets the clock's time, and only `CONFIRM` jumping items in a row that agree with each
 * other move the clock (a stream that really paused goes on).
 */
import { Packer, Unpacker } from './codec.ts';

const CONFIRM = 8;

export interface HalfLife {
  /** Decided items, for streams without times. */
  readonly items: number;
  /** Seconds of event time, for streams with times. */
  readonly seconds: number;
}

/** 2^(-elapsed / halfLife), 1 for elapsed <= 0. */
export function decay(elapsed: number, halfLife: number): number {
  return elapsed <= 0 ? 1 : 2 ** (-elapsed / halfLife);
}

export class Clock {
  readonly #halfLife: HalfLife;
  #unit: 'none' | 'items' | 'time' = 'none';
  #now = 0;
  #count = 0;
  #jumpedTo = 0;
  #jumps = 0;

  constructor(halfLife: HalfLife) {
    this.#halfLife = halfLife;
  }

  /** Items, or milliseconds since 1970. */
  get now(): number {
    return this.#now;
  }

  /** In the unit of `now`. */
  get halfLife(): number {
    return this.#unit === 'time' ? this.#halfLife.seconds * 1000 : this.#halfLife.items;
  }

  /** Counts one decided item. @returns true where its time jumped too far ahead and was not accepted, for the first of a row of such items */
  tick(time: number | null): boolean {
    this.#count += 1;
    if (this.#unit === 'none') {
      this.#unit = time === null ? 'items' : 'time';
      if (time !== null) this.#now = time;
    }
    if (this.#unit === 'items') {
      this.#now = this.#count;
      return false;
    }
    if (time === null || time <= this.#now) return false;
    if (time - this.#now <= this.halfLife) {
      this.#now = time;
      this.#jumps = 0;
      return false;
    }
    return this.#jump(time);
  }

  #jump(time: number): boolean {
    const agrees = this.#jumps > 0 && Math.abs(time - this.#jumpedTo) <= this.halfLife;
    this.#jumps = agrees ? this.#jumps + 1 : 1;
    this.#jumpedTo = agrees ? Math.max(this.#jumpedTo, time) : time;
    if (this.#jumps < CONFIRM) return this.#jumps === 1;
    this.#now = this.#jumpedTo;
    this.#jumps = 0;
    return false;
  }

  pack(): Uint8Array {
    const unit = this.#unit === 'none' ? 0 : this.#unit === 'items' ? 1 : 2;
    return new Packer().f64(unit, this.#now, this.#count, this.#jumpedTo, this.#jumps).done();
  }

  restore(value: Uint8Array): void {
    const from = new Unpacker(value);
    this.#unit = (['none', 'items', 'time'] as const)[from.f64()] ?? 'none';
    this.#now = from.f64();
    this.#count = from.f64();
    this.#jumpedTo = from.f64();
    this.#jumps = from.f64();
  }
}
