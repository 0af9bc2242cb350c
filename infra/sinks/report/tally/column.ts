/** A list of numbers that grows and stays flat: a few bytes an entry, whatever the length of the run. */

type Numbers = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

export class Column<A extends Numbers> {
  readonly #make: new (length: number) => A;
  #data: A;
  #length = 0;

  constructor(make: new (length: number) => A) {
    this.#make = make;
    this.#data = new make(256);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#data.length) {
      const larger = new this.#make(this.#length * 2);
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data[this.#length++] = value;
  }

  /** @returns 0 beyond the end */
  at(i: number): number {
    return i < this.#length ? (this.#data[i] ?? 0) : 0;
  }

  /** The bytes as they lie in memory (little-endian on every machine Node runs on), base64. */
  base64(): string {
    const { buffer, BYTES_PER_ELEMENT } = this.#data;
    return Buffer.from(buffer, 0, this.#length * BYTES_PER_ELEMENT).toString('base64');
  }
}
