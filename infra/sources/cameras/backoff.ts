/** Waits between attempts, each up to twice as long as the one before, with a part that is drawn so that cameras behind one switch do not all come back at once. */
const WAITS = { firstMs: 500, longestMs: 30_000 };

export class Backoff {
  readonly #draw: () => number;
  readonly #waits: typeof WAITS;
  #longest: number;

  /** @param draw uniform, 0..1 */
  constructor(draw: () => number, waits = WAITS) {
    this.#draw = draw;
    this.#waits = waits;
    this.#longest = waits.firstMs;
  }

  /** Milliseconds to wait now: from half the longest wait of this attempt to all of it. */
  next(): number {
    const wait = this.#longest * (0.5 + this.#draw() / 2);
    this.#longest = Math.min(this.#waits.longestMs, 2 * this.#longest);
    return Math.round(wait);
  }

  /** It works again. */
  reset(): void {
    this.#longest = this.#waits.firstMs;
  }
}
