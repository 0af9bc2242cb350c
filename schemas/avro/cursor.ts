import { SluiceError } from '../errors.ts';

/** Deeper than any data people write; shallow enough for the stack. */
const MAX_DEPTH = 100;

/** avsc takes numbers apart in floating point: beyond this it loses the last bit, and with it the sign. */
export const MAX_LONG = 2 ** 52 - 1;

export function corrupt(what: string): SluiceError {
  return new SluiceError('SLUICE_E_RECORD_CORRUPT', what);
}

/** A place in encoded data that never leaves it. All methods throw SLUICE_E_RECORD_CORRUPT. */
export class Cursor {
  readonly #bytes: Buffer;
  #at = 0;
  #items = 0;
  #depth = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  take(length: number): Buffer {
    if (length < 0 || length > this.left) throw corrupt(`${length} bytes are announced where ${this.left} are left`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** A variable-length zigzag number, from -MAX_LONG to MAX_LONG. */
  long(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw corrupt('the data ends within a number');
      this.#at += 1;
      value += (byte & 0x7f) * scale;
      if (value > 2 * MAX_LONG) throw corrupt('a number is not between -2^52 and 2^52');
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= 128;
    }
    throw corrupt('a number is longer than 64 bits');
  }

  int(): void {
    const value = this.long();
    if (value !== (value | 0)) throw corrupt(`${value} is no int`);
  }

  flag(): void {
    const [byte = 0] = this.take(1);
    if (byte > 1) throw corrupt(`${byte} is no boolean`);
  }

  /** @returns the index of one of `length` choices */
  index(length: number, of: string): number {
    const index = this.long();
    if (index < 0 || index >= length) throw corrupt(`${of} of ${length} choices has no choice ${index}`);
    return index;
  }

  /** Takes note of items to come. Items of no size (nulls) count as a byte each, or a few bytes could stand for any number of them. */
  count(items: number): void {
    this.#items += items;
    if (this.#items > this.#bytes.length) throw corrupt(`${this.#items} items are announced in ${this.#bytes.length} bytes`);
  }

  nested(scan: () => void): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw corrupt(`records are nested more than ${MAX_DEPTH} deep`);
    scan();
    this.#depth -= 1;
  }
}
