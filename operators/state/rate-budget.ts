/**
 * A budget per time (docs/decisions/rates.md): a token bucket on the engine's clock. Over any stretch of time no more than the rate times its length and
 * one burst are admitted. The stretch is measured by the clock, so late items have the time they arrive at, and a jump of the clock earns once.
 */
import { TOKEN } from './bucket.ts';
import type { Allowance } from './budget.ts';
import { Packer, Unpacker } from './codec.ts';
import { bandOf, DEMAND_SPAN, RESERVE_CAP, rateOf } from './steer.ts';

/** So many items in so many seconds of event time. */
export interface Rate {
  readonly items: number;
  readonly seconds: number;
}

export class RateBudget {
  /** Tokens a millisecond. */
  readonly #speed: number;
  readonly #reserveShare: number;
  readonly #burst: number;
  /** The first item may be admitted. */
  #level = 1;
  #lost = 0;
  #reserve = 0;
  #last: number | null = null;
  #n = 0;
  /** Tokens an item, and the share of eligible items, over the recent ones. */
  #supply = 0;
  #demand = 1;

  constructor({ items, seconds }: Rate, reserveShare: number, burst: number) {
    this.#speed = items / (1000 * seconds);
    this.#reserveShare = reserveShare;
    this.#burst = burst;
  }

  /** Whole admissions that the rate allowed but that were not made. */
  get unspent(): number {
    return Math.floor(this.#lost + this.#level + 1e-6);
  }

  get tokens(): number {
    return this.#level;
  }

  get demand(): number {
    return this.#demand;
  }

  /**
   * A further item is to be decided. To be followed by `settle`.
   * @param now the clock, milliseconds; null while no item had a time: nothing is earned. @param part of rate and burst that is ours, 0..1
   */
  next(now: number | null, part = 1): Allowance {
    const earned = now === null || this.#last === null ? 0 : Math.max(0, now - this.#last) * this.#speed * part;
    this.#last = now;
    const burst = Math.max(1, this.#burst * part);
    const level = this.#level + earned;
    this.#level = Math.min(level, burst);
    this.#lost += level - this.#level;
    this.#n += 1;
    // A pause fills the bucket; it does not say that there will be more for each item.
    this.#supply += (Math.min(earned, 1) - this.#supply) / Math.min(this.#n, DEMAND_SPAN);
    // A whole token is left beside a full reserve: else nothing but what is rare could be admitted.
    const most = Math.max(0, Math.min(RESERVE_CAP, this.#reserveShare * burst, burst - 1));
    this.#reserve = Math.max(0, Math.min(this.#reserve + this.#reserveShare * earned, most, this.#level));
    const tokens = this.#level;
    const spendable = tokens - this.#reserve;
    // Every eligible item is taken before the bucket runs over.
    const band = Math.max(TOKEN, Math.min(bandOf(this.#supply, this.#demand), (burst - most) / 2));
    return { tokens, spendable, reserve: this.#reserve, band, rate: rateOf(this.#supply, this.#demand, spendable, band), chances: 0 };
  }

  settle(eligible: boolean, admitted: boolean, fromReserve: boolean): void {
    if (admitted) this.#level = Math.max(0, this.#level - 1);
    if (fromReserve) this.#reserve = Math.max(0, this.#reserve - 1);
    this.#demand += ((eligible ? 1 : 0) - this.#demand) / Math.min(this.#n, DEMAND_SPAN);
  }

  pack(): Uint8Array {
    return new Packer().f64(this.#level, this.#lost, this.#reserve, this.#last ?? NaN, this.#n, this.#supply, this.#demand).done();
  }

  restore(value: Uint8Array): void {
    const from = new Unpacker(value);
    this.#level = from.f64();
    this.#lost = from.f64();
    this.#reserve = from.f64();
    const last = from.f64();
    this.#last = Number.isNaN(last) ? null : last;
    this.#n = from.f64();
    this.#supply = from.f64();
    this.#demand = from.f64();
  }
}
