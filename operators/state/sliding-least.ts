/** The least of the last `span` values. Those that a later one is not above can never be the least again and are not asked; O(1) a value, on the whole. */
export class SlidingLeast {
  readonly #values: Int32Array;
  /** Numbers of the values that may still become the least, oldest and least first; a ring. */
  readonly #queue: Float64Array;
  #head = 0;
  #length = 0;
  #n = 0;

  constructor(span: number) {
    this.#values = new Int32Array(span);
    this.#queue = new Float64Array(span);
  }

  push(value: number): void {
    const span = this.#values.length;
    if (this.#length > 0 && (this.#queue[this.#head] as number) <= this.#n - span) {
      this.#head = (this.#head + 1) % span;
      this.#length -= 1;
    }
    while (this.#length > 0 && this.#valueAt(this.#queue[(this.#head + this.#length - 1) % span] as number) >= value) this.#length -= 1;
    this.#values[this.#n % span] = value;
    this.#queue[(this.#head + this.#length) % span] = this.#n;
    this.#length += 1;
    this.#n += 1;
  }

  #valueAt(n: number): number {
    return this.#values[n % this.#values.length] as number;
  }

  /** Infinity where there is none. */
  get least(): number {
    return this.#length === 0 ? Infinity : this.#valueAt(this.#queue[this.#head] as number);
  }

  /** Value n stands at n mod span. */
  pack(): Uint8Array {
    return new Uint8Array(this.#values.buffer);
  }

  /** @param n values pushed so far */
  restore(packed: Uint8Array, n: number): void {
    const values = new Int32Array(packed.slice().buffer);
    const span = values.length;
    this.#n = Math.max(0, n - span);
    for (let i = this.#n; i < n; i++) this.push(values[i % span] as number);
  }
}
