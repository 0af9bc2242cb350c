/**
 * Event time of frames: the moment at which the first one of a connection came, and from there on the times of the stream, which do not jitter as the network
 * does. A stream whose times run away from the clock of this machine (motion JPEG has none of its own, a file is sent faster than it plays) is anchored anew.
 */
const APART_MS = 5000;

export class FrameClock {
  #anchor: number | null = null;
  #last = -Infinity;

  /** Another connection: its stream counts from anywhere. */
  connect(): void {
    this.#anchor = null;
  }

  /** @param at seconds of the stream. @param arrived milliseconds since 1970. @returns as that, later than any before it, so that no two frames have one id */
  timeOf(at: number, arrived: number): number {
    const told = Math.round(at * 1000);
    if (this.#anchor === null || !(Math.abs(this.#anchor + told - arrived) <= APART_MS)) this.#anchor = arrived - told;
    // A stream without times has NaN.
    const time = Number.isFinite(told) ? this.#anchor + told : arrived;
    this.#last = Math.max(time, this.#last + 1);
    return this.#last;
  }
}
