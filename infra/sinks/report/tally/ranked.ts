/** The first so many of a stream by a value, the highest first; of equals the earlier. */
export class Ranked<T> {
  readonly #most: number;
  readonly #values: number[] = [];
  readonly #list: T[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** @param make called only where it is among them */
  offer(value: number, make: () => T): void {
    const last = this.#values.at(-1);
    if (this.#list.length === this.#most && last !== undefined && value <= last) return;
    // Behind its equals, which came before it.
    const found = this.#values.findIndex((other) => other < value);
    const at = found < 0 ? this.#list.length : found;
    this.#values.splice(at, 0, value);
    this.#list.splice(at, 0, make());
    if (this.#list.length <= this.#most) return;
    this.#values.pop();
    this.#list.pop();
  }

  list(): readonly T[] {
    return this.#list;
  }
}
