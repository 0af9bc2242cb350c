/**
 * The binary form of changelog values: little-endian, fields in a fixed order, so that a restored state has the same bits.
 * Each state file writes and reads its own records with these two.
 */
const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

const NO_ROOM = new Uint8Array();
const LEAST = 1024;
/** More room than this is not kept. */
const MOST_SPARE = 64 * 1024;
/** The room of a packer that is done, for the next one: several are made for each item. Empty while one has it. */
let spare = NO_ROOM;

export class Packer {
  #bytes = spare;
  #view = new DataView(spare.buffer);
  #length = 0;

  constructor() {
    spare = NO_ROOM;
  }

  /** Makes room and says where; may replace bytes and view, so it is called before they are used. */
  #room(count: number): number {
    const at = this.#length;
    if (at + count > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(LEAST, this.#bytes.length * 2, at + count));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#length = at + count;
    return at;
  }

  f64(...values: readonly number[]): this {
    for (const value of values) {
      const at = this.#room(8);
      this.#view.setFloat64(at, value, true);
    }
    return this;
  }

  /** As JSON, which escapes the lone surrogates that UTF-8 cannot hold: names come back as they were. */
  text(value: string): this {
    return this.blob(utf8.encode(JSON.stringify(value)));
  }

  texts(values: readonly string[]): this {
    return this.blob(utf8.encode(JSON.stringify(values)));
  }

  f32s(values: Float32Array): this {
    return this.blob(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  f64s(values: Float64Array): this {
    return this.blob(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  blob(value: Uint8Array): this {
    const at = this.#room(4 + value.length);
    this.#view.setUint32(at, value.length, true);
    this.#bytes.set(value, at + 4);
    return this;
  }

  /** The bytes; the packer is of no more use. */
  done(): Uint8Array {
    const value = this.#bytes.slice(0, this.#length);
    if (this.#bytes.length > spare.length && this.#bytes.length <= MOST_SPARE) spare = this.#bytes;
    this.#bytes = NO_ROOM;
    this.#length = 0;
    return value;
  }
}

export class Unpacker {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Whether all of it has been read. */
  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }

  f64(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  text(): string {
    return JSON.parse(fromUtf8.decode(this.blob())) as string;
  }

  texts(): string[] {
    return JSON.parse(fromUtf8.decode(this.blob())) as string[];
  }

  f32s(): Float32Array {
    return new Float32Array(this.blob().slice().buffer);
  }

  f64s(): Float64Array {
    return new Float64Array(this.blob().slice().buffer);
  }

  blob(): Uint8Array {
    const length = this.#view.getUint32(this.#at, true);
    this.#at += 4 + length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
