/**
 * The budget as a contract (docs/decisions/budget.md).
 *
 * Upper bound: the bucket's. Lower bound: a second bucket under the same rules admits every eligible item it can; it is the most that any choice could
 * spend. Ours may pass an eligible item over, hoping for a better one, only while it is at most SLACK · WINDOW admissions behind that reference within
 * the last WINDOW items, and at most SLACK · n behind it over the run, which may end at any item; one admission, where that is less than one, while it waits for missing classes. Where little is eligible, or all may be admitted, nothing is passed over at all.
 */
import { Bucket, SLACK, TOKEN, WINDOW } from './bucket.ts';
import { Packer, Unpacker } from './codec.ts';
import { SlidingLeast } from './sliding-least.ts';
import { bandOf, DEMAND_SPAN, RESERVE_CAP, rateOf } from './steer.ts';

/** What the reserve holds at most: its share of the budget over so many items, but never more than RESERVE_CAP tokens. */
const RESERVE_SPAN = 500;
/** Passed over at most, against the reference, within a window; below SLACK · WINDOW by a margin for roundings. */
const MOST_BEHIND = SLACK * WINDOW - 2;
/** The same where others share the budget: what several are behind at a time adds up, and is told late. */
const MOST_BEHIND_OF_SEVERAL = MOST_BEHIND / 2;
/** So many tokens may wait for missing classes however short the run is, as long as no other engine is known to share the budget. */
const WAITING = 1;

export interface Allowance {
  /** Tokens at hand. */
  readonly tokens: number;
  /** Tokens that any eligible item may draw on: all but the reserve. */
  readonly spendable: number;
  /** Tokens that only rare clusters and short classes may draw on. */
  readonly reserve: number;
  /** With this many spendable tokens every eligible item is taken. */
  readonly band: number;
  /** Share of eligible items at which the cut should let them pass, 0..1. */
  readonly rate: number;
  /** Eligible items that may be expected before a token has to be spent, where this one is passed over for missing classes; 0 where it may not be. */
  readonly chances: number;
}

export class Budget {
  readonly #share: number;
  readonly #reserveShare: number;
  readonly #ours: Bucket;
  readonly #reference: Bucket;
  /** How far we were behind the reference after each item. */
  readonly #behind = new SlidingLeast(WINDOW);
  #n = 0;
  #lag = 0;
  #reserve = 0;
  #demand: number;

  /** @param share admitted share of decided items, 0..1. @param reserveShare part of it kept for rare clusters and short classes. @param burst tokens saved at most */
  constructor(share: number, reserveShare: number, burst: number) {
    this.#share = share;
    this.#reserveShare = reserveShare;
    this.#ours = new Bucket(share, burst);
    this.#reference = new Bucket(share, burst);
    this.#demand = 1;
  }

  get unspent(): number {
    return this.#ours.unspent;
  }

  /** Tokens saved. */
  get tokens(): number {
    return this.#ours.level;
  }

  /** Share of the recent items that is eligible. */
  get demand(): number {
    return this.#demand;
  }

  /**
   * A further item is to be decided. To be followed by `settle`.
   * @param aim share to admit, where other budgets give to this one or take from it. @param moved whole tokens that come with the item from them, below 0 that go
   * @param run items of the run of which it may be SLACK behind, where it is more than its own
   */
  next(aim = this.#share, moved = 0, run = 0): Allowance {
    this.#ours.earn(moved);
    this.#reference.earn(moved);
    const cap = Math.min(RESERVE_CAP, this.#reserveShare * aim * RESERVE_SPAN);
    const tokens = this.#ours.tokens;
    this.#reserve = Math.max(0, Math.min(this.#reserve + this.#reserveShare * aim, cap, tokens));
    const behind = this.#lag + 1;
    const most = (run > 0 ? MOST_BEHIND_OF_SEVERAL : MOST_BEHIND) + this.#leastLag();
    const ofRun = SLACK * Math.max(this.#n + 1, run);
    // A token for each item: whom is passed over nobody better replaces.
    const mustSpend = this.#reference.allows && (this.#share >= 1 || behind > most || behind > ofRun);
    // The very first item has no rivals: whoever comes may have the first token.
    const spendable = mustSpend || this.#ours.untouched ? tokens : tokens - this.#reserve;
    const band = mustSpend ? TOKEN : bandOf(aim, this.#demand);
    const rate = rateOf(aim, this.#demand, spendable, band);
    const chances = this.#chances(Math.min(most, run > 0 ? ofRun : Math.max(WAITING, ofRun)));
    return { tokens, spendable, reserve: this.#reserve, band, rate, chances };
  }

  /** Eligible items to be expected before the reference is more than so far ahead of us, the one that has to be taken then among them. */
  #chances(most: number): number {
    if (this.#share >= 1) return 0;
    const room = Math.floor(most + 1e-9) - this.#lag;
    const items = Math.ceil((room + 1 - this.#reference.level) / this.#share - 1e-9);
    return items <= 0 ? 0 : Math.round(1 + (items - 1) * this.#demand);
  }

  settle(eligible: boolean, admitted: boolean, fromReserve: boolean): void {
    const reference = eligible && this.#reference.allows;
    this.#ours.settle(admitted);
    this.#reference.settle(reference);
    this.#lag += (reference ? 1 : 0) - (admitted ? 1 : 0);
    this.#behind.push(this.#lag);
    this.#n += 1;
    if (fromReserve) this.#reserve = Math.max(0, this.#reserve - 1);
    this.#demand += ((eligible ? 1 : 0) - this.#demand) / Math.min(this.#n, DEMAND_SPAN);
  }

  /** Within the window; before the first item we were not behind. */
  #leastLag(): number {
    return this.#n < WINDOW ? Math.min(0, this.#behind.least) : this.#behind.least;
  }

  pack(): Uint8Array {
    return new Packer().f64(this.#n, this.#lag, this.#reserve, this.#demand).blob(this.#ours.pack()).blob(this.#reference.pack()).blob(this.#behind.pack()).done();
  }

  restore(value: Uint8Array): void {
    const from = new Unpacker(value);
    this.#n = from.f64();
    this.#lag = from.f64();
    this.#reserve = from.f64();
    this.#demand = from.f64();
    this.#ours.restore(from.blob());
    this.#reference.restore(from.blob());
    this.#behind.restore(from.blob(), this.#n);
  }
}
