/**
 * The engine's clock. Event time where the stream has times, else the count of decided items.
 *
 * It is the greatest accepted event time. A late item decays nothing. A time more than one half-life away is not accepted at once, since one camera with
 * a wrong date would age everything: the item gets the clock's time, its stream is in alarm, and only `CONFIRM` such items in a row that agree with
 * each other move the clock ahead (a stream that really paused goes on), or back where its own start was wrong (docs/decisions/clock.md).
 */
import { Packer, Unpacker } from './codec.ts';

const CONFIRM = 8;
/** Streams in alarm at most, the first ones: names that are all different must not fill the memory, nor the record of the clock. */
const MAX_ALARMED = 100;

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
  readonly #timed: boolean;
  #unit: 'none' | 'items' | 'time' = 'none';
  #now = 0;
  #count = 0;
  /** Items near the clock so far, up to CONFIRM: from then on its start is believed. */
  #near = 0;
  /** Items in a row that are far from the clock and near each other, and the greatest of their times. */
  #far = 0;
  #farAt = 0;
  /** Streams whose last time was not accepted. */
  readonly #alarmed = new Set<string>();

  /** @param timed whether only times move it: a budget per time earns nothing by counting */
  constructor(halfLife: HalfLife, timed = false) {
    this.#halfLife = halfLife;
    this.#timed = timed;
  }

  /** Items, or milliseconds since 1970. */
  get now(): number {
    return this.#now;
  }

  /** Milliseconds since 1970; null where the stream has no times. */
  get time(): number | null {
    return this.#unit === 'time' ? this.#now : null;
  }

  /** In the unit of `now`. */
  get halfLife(): number {
    return this.#unit === 'time' ? this.#halfLife.seconds * 1000 : this.#halfLife.items;
  }

  /** Counts one decided item. @returns true where the stream falls into alarm: its time is too far ahead and its last one was not */
  tick(time: number | null, stream: string): boolean {
    this.#count += 1;
    if (this.#unit === 'none' && (time !== null || !this.#timed)) {
      this.#unit = time === null ? 'items' : 'time';
      if (time !== null) this.#now = time;
    }
    if (this.#unit === 'items') {
      this.#now = this.#count;
      return false;
    }
    if (time === null) return false;
    if (Math.abs(time - this.#now) <= this.halfLife) return this.#accept(time, stream);
    return this.#doubt(time, stream);
  }

  #accept(time: number, stream: string): false {
    this.#now = Math.max(this.#now, time);
    this.#near = Math.min(this.#near + 1, CONFIRM);
    this.#far = 0;
    this.#alarmed.delete(stream);
    return false;
  }

  #doubt(time: number, stream: string): boolean {
    const agrees = this.#far > 0 && Math.abs(time - this.#farAt) <= this.halfLife;
    this.#far = agrees ? this.#far + 1 : 1;
    this.#farAt = agrees ? Math.max(this.#farAt, time) : time;
    const ahead = time > this.#now;
    const news = ahead && !this.#alarmed.has(stream) && this.#alarmed.size < MAX_ALARMED;
    if (news) this.#alarmed.add(stream);
    // Late items are no reason to turn a clock back that many have agreed with.
    if (this.#far >= CONFIRM && (ahead || this.#near < CONFIRM)) {
      this.#now = this.#farAt;
      this.#near = CONFIRM;
      this.#far = 0;
    }
    return news;
  }

  pack(): Uint8Array {
    const unit = this.#unit === 'none' ? 0 : this.#unit === 'items' ? 1 : 2;
    return new Packer().f64(unit, this.#now, this.#count, this.#near, this.#far, this.#farAt).texts([...this.#alarmed].sort()).done();
  }

  restore(value: Uint8Array): void {
    const from = new Unpacker(value);
    const unit = (['none', 'items', 'time'] as const)[from.f64()] ?? 'none';
    // Times that come later than the count begin a clock of their own.
    this.#unit = this.#timed && unit === 'items' ? 'none' : unit;
    this.#now = from.f64();
    this.#count = from.f64();
    this.#near = from.f64();
    this.#far = from.f64();
    this.#farAt = from.f64();
    for (const stream of from.texts()) this.#alarmed.add(stream);
  }
}
