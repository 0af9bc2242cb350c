/**
 * Event time of frames: the moment at which the first one of a connection came, and from there on the times of the stream, which do not jitter as the network
 * does. A stream whose times run away from the clock of this machine (motion JPEG has none of its own, a file is sent faster than it plays) is anchored anew.
 */
const APART_MS = 5000;
/** What times go on at, of the true pace, while the clock of the machine is behind them because it was set back. */
const PACE = 0.5;
/** A record further ahead of the clock comes from a clock that was wrong, and is no reason to have wrong times for long. */
const BELIEVED_MS = 86_400_000;

export class FrameClock {
  readonly #record: number;
  #anchor: number | null = null;
  #last = -Infinity;
  /** When the last one came, by a clock that is never set. */
  #came: number | null = null;

  /** @param record time of the last frame of an earlier run, milliseconds since 1970; null where there is none */
  constructor(record: number | null = null) {
    this.#record = record ?? -Infinity;
  }

  /** Another connection: its stream counts from anywhere. */
  connect(): void {
    this.#anchor = null;
  }

  /**
   * @param at seconds of the stream. @param arrived milliseconds since 1970. @param steady milliseconds of a clock that is never set
   * @returns as `arrived`, later than any before it, so that no two frames have one id. Where the clock was set back, times go on at half the pace until it has caught up:
   * a budget per time must not wait for that
   */
  timeOf(at: number, arrived: number, steady: number): number {
    if (this.#came === null && this.#record - arrived <= BELIEVED_MS) this.#last = this.#record;
    const told = Math.round(at * 1000);
    if (this.#anchor === null || !(Math.abs(this.#anchor + told - arrived) <= APART_MS)) this.#anchor = arrived - told;
    // A stream without times has NaN.
    const time = Number.isFinite(told) ? this.#anchor + told : arrived;
    const passed = this.#came === null ? 0 : Math.max(0, steady - this.#came);
    this.#last = time > this.#last ? time : this.#last + Math.max(1, Math.floor(PACE * passed));
    this.#came = steady;
    return this.#last;
  }
}
