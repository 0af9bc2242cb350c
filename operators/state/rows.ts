/** Vectors of one length as rows of one piece of memory, each compared with a vector in one pass over them. */
import { openDots, rowBytes } from './dots.ts';
import { dot } from './vectors.ts';
import { grow, openMemory, type WasmMemory } from './wasm.ts';

export class Rows {
  readonly #d: number;
  readonly #bytes: number;
  /** Where the first row begins: before it is room for the vector that they are compared with. */
  readonly #first: number;
  readonly #memory: WasmMemory;
  readonly #dots: ReturnType<typeof openDots>;
  #numbers: Float32Array<ArrayBuffer>;
  #sums: Float64Array<ArrayBuffer>;
  #found = new Float64Array(64);
  #count = 0;

  constructor(dimension: number) {
    // Numbers behind a row's own are 0 and add nothing.
    const length = 4 * Math.ceil(dimension / 4);
    this.#d = dimension;
    this.#bytes = rowBytes(length);
    this.#first = 16 * Math.ceil((8 * length) / 16);
    this.#memory = openMemory(this.#first + 64 * this.#bytes);
    this.#dots = openDots(length, this.#memory);
    this.#numbers = new Float32Array(this.#memory.buffer);
    this.#sums = new Float64Array(this.#memory.buffer);
  }

  get count(): number {
    return this.#count;
  }

  /** The row's own memory, good until the next `push`. */
  row(at: number): Float32Array {
    const start = (this.#first + at * this.#bytes) / 4;
    return this.#numbers.subarray(start, start + this.#d);
  }

  push(x: Float32Array): void {
    // One more than there are: they are summed in pairs.
    if (grow(this.#memory, this.#first + (this.#count + 2) * this.#bytes)) {
      this.#numbers = new Float32Array(this.#memory.buffer);
      this.#sums = new Float64Array(this.#memory.buffer);
    }
    this.row(this.#count++).set(x);
  }

  /** Takes the last row away. */
  pop(): void {
    this.#count -= 1;
  }

  swap(a: number, b: number): void {
    const row = this.row(a).slice();
    this.row(a).set(this.row(b));
    this.row(b).set(row);
  }

  /** The inner product with one row. */
  dot(x: Float32Array, at: number): number {
    return dot(x, 0, this.#numbers, (this.#first + at * this.#bytes) / 4, this.#d);
  }

  /** The inner products with rows `from` to before `to`, the bits of `dot`; good until the next call. */
  dots(x: Float32Array, from: number, to: number): Float64Array {
    const count = to - from;
    if (this.#found.length < count) this.#found = new Float64Array(2 * count);
    if (count === 0) return this.#found.subarray(0, 0);
    const start = this.#first + from * this.#bytes;
    this.#sums.set(x);
    this.#dots(0, start, count);
    const step = this.#bytes / 8;
    for (let i = 0, at = (start + this.#bytes - 16) / 8; i < count; i++, at += step) this.#found[i] = this.#sums[at] as number;
    return this.#found.subarray(0, count);
  }
}
