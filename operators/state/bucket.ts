/**
 * A token bucket over decided items that also bounds every window: with b the admitted share, each decided item earns b tokens, an admission costs
 * one, at most `burst` are saved. Over every 2,000 consecutive items at most (b + 0.01) · 2,000 are admitted; over the run at most b · n, rounded up.
 */
import { Packer, Unpacker } from './codec.ts';

export const WINDOW = 2000;
/** By how much of the items a window may pass the budget, and fall short of it. */
export const SLACK = 0.01;

/** A whole token, less what rounding may cost: ten times 0.1 is to be one. */
export const TOKEN = 1 - 1e-9;

export class Bucket {
  readonly #share: number;
  readonly #burst: number;
  readonly #cap: number;
  readonly #admitted = new Uint8Array(WINDOW);
  #inWindow = 0;
  /** Tokens that came from outside (above 0) or went, before each item of the window. */
  readonly #moved = new Int8Array(WINDOW);
  #movedInWindow = 0;
  /** Items of the window before which any did: mostly none, and then none are written. */
  #moves = 0;
  #n = 0;
  /** The first item may be admitted. */
  #level: number;
  #lost = 0;

  constructor(share: number, burst: number) {
    this.#share = share;
    this.#burst = Math.max(1, burst);
    this.#cap = Math.floor((share + SLACK) * WINDOW + 1e-9);
    this.#level = 1 - share;
  }

  /** What the announced item may draw on: tokens saved, as far as the window has room. */
  get tokens(): number {
    const leaving = this.#admitted[this.#n % WINDOW] as number;
    return Math.min(this.#level, this.#cap + this.#movedInWindow - this.#inWindow + leaving);
  }

  /** Tokens saved. */
  get level(): number {
    return this.#level;
  }

  /** Whether nothing has been admitted yet. */
  get untouched(): boolean {
    return this.#inWindow === 0 && this.#n < WINDOW;
  }

  /** Whole admissions that the budget allowed but that were not made: tokens that came while the bucket was full, and what it holds. */
  get unspent(): number {
    // Below 0 where a token was given that is still to be earned.
    return Math.max(0, Math.floor(this.#lost + this.#level + 1e-6));
  }

  /** A further item is decided: earns its token share. To be followed by `settle`. @param moved whole tokens that come from another budget, below 0 that go to one */
  earn(moved = 0): void {
    const at = this.#n % WINDOW;
    const before = this.#moved[at] as number;
    this.#movedInWindow += moved - before;
    this.#moves += Math.abs(Math.sign(moved)) - Math.abs(Math.sign(before));
    this.#moved[at] = moved;
    this.#level += this.#share + moved;
    if (this.#level > this.#burst) {
      this.#lost += this.#level - this.#burst;
      this.#level = this.#burst;
    }
  }

  get allows(): boolean {
    return this.tokens >= TOKEN;
  }

  settle(admitted: boolean): void {
    const at = this.#n % WINDOW;
    this.#inWindow += (admitted ? 1 : 0) - (this.#admitted[at] as number);
    this.#admitted[at] = admitted ? 1 : 0;
    if (admitted) this.#level = Math.max(0, this.#level - 1);
    this.#n += 1;
  }

  pack(): Uint8Array {
    const out = new Packer().f64(this.#n, this.#level, this.#lost).blob(this.#admitted);
    return this.#moves > 0 ? out.blob(new Uint8Array(this.#moved.buffer)).done() : out.done();
  }

  restore(value: Uint8Array): void {
    const from = new Unpacker(value);
    this.#n = from.f64();
    this.#level = from.f64();
    this.#lost = from.f64();
    this.#admitted.set(from.blob());
    this.#inWindow = this.#admitted.reduce((sum, bit) => sum + bit, 0);
    if (from.ended) return;
    this.#moved.set(new Int8Array(from.blob().slice().buffer));
    for (const moved of this.#moved) {
      this.#movedInWindow += moved;
      this.#moves += Math.abs(Math.sign(moved));
    }
  }
}
