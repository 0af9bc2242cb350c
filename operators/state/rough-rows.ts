/**
 * 8-bit copies of rows, which say at once what most rows cannot be: the nearest. A row c and its copy q differ by |c - q|, so that the inner products of x with
 * both differ by no more than |x| |c - q|, and a bit for the copy of x, which has 16 bits. Only what could be nearest by that has to be compared in full.
 */
import { openRoughDots, roughBytes, WIDE } from './rough-dots.ts';
import { grow, openMemory, type WasmMemory } from './wasm.ts';

const MOST = 127;
/** More than the rounding of sums of float64, as part of the product of the lengths. */
const ROUNDING = 1e-10;

/** Added to a small float64 it leaves no room for a fraction: a whole number is left when it is taken away again, faster than Math.round. */
const ROUNDS = 3 * 2 ** 51;

interface Copy {
  /** What 1 of the copy stands for. */
  readonly scale: number;
  /** Length of what the copy leaves out. */
  readonly rest: number;
}

export class RoughRows {
  readonly #bytes: number;
  readonly #first: number;
  readonly #mostOfX: number;
  readonly #memory: WasmMemory;
  readonly #dots: ReturnType<typeof openRoughDots>;
  #small: Int8Array;
  #sums: Int32Array;
  #x: Int16Array;
  /** Of each row as part of its length: what 1 of its copy stands for, and what the copy leaves out. */
  #scales = new Float64Array(64);
  #rests = new Float64Array(64);
  #highest = new Float64Array(64);
  #count = 0;

  constructor(dimension: number) {
    const length = WIDE * Math.ceil(dimension / WIDE);
    this.#bytes = roughBytes(length);
    this.#first = 2 * length;
    // Sums stay below 2^31.
    this.#mostOfX = Math.min(32_767, Math.floor((2 ** 31 - 1) / (MOST * length)));
    this.#memory = openMemory(this.#first + 64 * this.#bytes);
    this.#dots = openRoughDots(length, this.#memory);
    this.#small = new Int8Array(this.#memory.buffer);
    this.#sums = new Int32Array(this.#memory.buffer);
    this.#x = new Int16Array(this.#memory.buffer, 0, dimension);
  }

  push(row: Float32Array, length: number): void {
    const at = this.#count++;
    if (grow(this.#memory, this.#first + this.#count * this.#bytes)) {
      this.#small = new Int8Array(this.#memory.buffer);
      this.#sums = new Int32Array(this.#memory.buffer);
      this.#x = new Int16Array(this.#memory.buffer, 0, row.length);
    }
    if (at === this.#scales.length) [this.#scales, this.#rests, this.#highest] = [longer(this.#scales), longer(this.#rests), new Float64Array(2 * at)];
    this.set(at, row, length);
  }

  set(at: number, row: Float32Array, length: number): void {
    const { scale, rest } = copy(row, this.#copyOf(at).subarray(0, row.length), MOST);
    this.#scales[at] = scale / length;
    this.#rests[at] = rest / length;
  }

  pop(): void {
    this.#count -= 1;
  }

  swap(a: number, b: number): void {
    for (const all of [this.#scales, this.#rests]) [all[a], all[b]] = [all[b] as number, all[a] as number];
    const row = this.#copyOf(a).slice();
    this.#copyOf(a).set(this.#copyOf(b));
    this.#copyOf(b).set(row);
  }

  #copyOf(at: number): Int8Array {
    const start = this.#first + at * this.#bytes;
    return this.#small.subarray(start, start + this.#bytes);
  }

  /** Those of rows `from` to before `to` whose direction may be the nearest to x of all that count; the nearest is among them. @param length that of x */
  nearest(x: Float32Array, length: number, from: number, to: number, counts?: (at: number) => boolean): readonly number[] {
    if (from === to) return [];
    const { scale, rest } = copy(x, this.#x, this.#mostOfX);
    const start = this.#first + from * this.#bytes;
    this.#dots(0, start, to - from);
    const certain = rest + ROUNDING * length;
    const both = length + rest;
    // This is done for every row of every item: fields of the object would be looked up each time.
    const sums = this.#sums;
    const scales = this.#scales;
    const rests = this.#rests;
    const highest = this.#highest;
    const step = this.#bytes / 4;
    let least = -Infinity;
    for (let at = from, sum = (start + this.#bytes - WIDE) / 4; at < to; at++, sum += step) {
      const about = (sums[sum] as number) * scale * (scales[at] as number);
      const error = certain + both * (rests[at] as number);
      highest[at] = about + error;
      if (about - error > least && (counts === undefined || counts(at))) least = about - error;
    }
    const found: number[] = [];
    for (let at = from; at < to; at++) if ((highest[at] as number) >= least && (counts === undefined || counts(at))) found.push(at);
    return found;
  }
}

/** Integers from -most to most in the proportions of x. */
function copy(x: Float32Array, into: Int8Array | Int16Array, most: number): Copy {
  let largest = 0;
  for (let i = 0; i < x.length; i++) {
    const size = Math.abs(x[i] as number);
    if (size > largest) largest = size;
  }
  const [scale, times] = largest > 0 ? [largest / most, most / largest] : [0, 0];
  let squares = 0;
  for (let i = 0; i < x.length; i++) {
    const whole = (x[i] as number) * times + ROUNDS - ROUNDS;
    into[i] = whole;
    const rest = (x[i] as number) - whole * scale;
    squares += rest * rest;
  }
  return { scale, rest: Math.sqrt(squares) };
}

function longer(numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const all = new Float64Array(2 * numbers.length);
  all.set(numbers);
  return all;
}
