/** Room for one thing: the newest wins. */
export class Slot<T> {
  #held: T | null = null;

  get full(): boolean {
    return this.#held !== null;
  }

  /** @returns whether something that nobody took had to go */
  put(value: T): boolean {
    const lost = this.full;
    this.#held = value;
    return lost;
  }

  take(): T | null {
    const held = this.#held;
    this.#held = null;
    return held;
  }
}
