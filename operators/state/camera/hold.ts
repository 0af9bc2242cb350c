/**
 * Hysteresis: a state begins once so many frames in a row, over so long, lie beyond a threshold, and ends once as many lie below a lower one.
 * A frame between the two says nothing and breaks either row.
 */
import type { Packer, Unpacker } from '../codec.ts';

/** What a frame says of a state. */
export type Sign = 'beyond' | 'between' | 'well';

/** How much it takes, to begin as to end. */
export interface Needed {
  readonly frames: number;
  /** Milliseconds between the first of them and the last. */
  readonly span: number;
  /** Frames where they have no times. */
  readonly untimed: number;
}

export class Hold {
  readonly #needed: Needed;
  #on = false;
  /** Frames in a row that speak against the state as it stands, and the time of the first of them. */
  #row = 0;
  #since: number | null = null;

  constructor(needed: Needed) {
    this.#needed = needed;
  }

  get on(): boolean {
    return this.#on;
  }

  /** A further frame. @param time in milliseconds. @returns whether the state begins with it */
  step(sign: Sign, time: number | null): boolean {
    if (sign !== (this.#on ? 'well' : 'beyond')) {
      this.#row = 0;
      return false;
    }
    if (this.#row === 0) this.#since = time;
    this.#row += 1;
    const { frames, span, untimed } = this.#needed;
    const enough = time === null || this.#since === null ? this.#row >= untimed : this.#row >= frames && time - this.#since >= span;
    if (!enough) return false;
    this.#on = !this.#on;
    this.#row = 0;
    return this.#on;
  }

  pack(out: Packer): void {
    out.f64(Number(this.#on), this.#row, this.#since ?? Number.NaN);
  }

  restore(from: Unpacker): void {
    this.#on = from.f64() === 1;
    this.#row = from.f64();
    const since = from.f64();
    this.#since = Number.isNaN(since) ? null : since;
  }
}
