/**
 * Sums of outer products weight · x xᵀ, as a WebAssembly function: the additions of one vector after the other in their order, and so the same bits, but of
 * several vectors at a time, so that each number of the matrix is read and written once for all of them, and two numbers in one register. In words, for a row i:
 *
 *     do {
 *       row[at..at+1] += (weight · x[i]) * x[at..at+1]  // of each vector in turn
 *     } while (--left > 0);
 */
import { at, type Code, code, compiler, get, greaterThan, i32, I32, LEFT, list, load, minus, openMemory, plus, repeat, ROW, set, simd, tee, V128, X } from './wasm.ts';

/** One vector of those whose outer products are summed. */
export interface Weighted {
  readonly x: Float32Array;
  readonly weight: number;
}

/** So many at a time. */
export const BLOCK = 8;

const NUMBER = 8;

export class OuterSums {
  /** The sums, [d, d]; what lies above the diagonal means nothing. */
  readonly lower: Float64Array;
  readonly #d: number;
  readonly #add: ReturnType<typeof openRows>;
  /** The vectors at hand, [BLOCK, d], and for the row at hand the weight of each times its number there. */
  readonly #vectors: Float64Array;
  readonly #factors: Float64Array;

  constructor(d: number) {
    const ahead = BLOCK * d + BLOCK;
    const memory = openMemory(NUMBER * (ahead + d * d));
    this.#d = d;
    this.#add = openRows(d, memory);
    this.#vectors = new Float64Array(memory.buffer, 0, BLOCK * d);
    this.#factors = new Float64Array(memory.buffer, this.#vectors.byteLength, BLOCK);
    this.lower = new Float64Array(memory.buffer, NUMBER * ahead, d * d);
  }

  /** Adds those of up to BLOCK vectors, in order. */
  add(block: readonly Weighted[]): void {
    const d = this.#d;
    this.#vectors.fill(0);
    block.forEach(({ x }, k) => this.#vectors.set(x, k * d));
    for (let i = 0; i < d; i++) {
      for (let k = 0; k < BLOCK; k++) this.#factors[k] = (block[k]?.weight ?? 0) * (this.#vectors[k * d + i] as number);
      if (i > 0) this.#add(this.#factors.byteOffset, this.lower.byteOffset + NUMBER * i * d, (i + 1) >> 1);
      if (i % 2 === 0) this.#addLast(i);
    }
  }

  /** The last number of a row, where it has no other beside it. */
  #addLast(i: number): void {
    const d = this.#d;
    let sum = this.lower[i * d + i] as number;
    for (let k = 0; k < BLOCK; k++) sum += (this.#factors[k] as number) * (this.#vectors[k * d + i] as number);
    this.lower[i * d + i] = sum;
  }
}

/** `length`: numbers of a vector; the vectors lie at the beginning of the memory. The arguments: addresses of the factors and of the row, and pairs of its numbers. */
const openRows = compiler(assemble);

const timesTwo = simd(0xf2);
const plusTwo = simd(0xf0);
/** A float64 from an address, twice. */
const loadBoth = (offset: number): Code => simd(0x0a, ...at(offset));
const storeTwo = simd(0x0b, ...at(0));

/** Locals after the arguments: address in the first vector, and the factors. */
const [HERE, FACTORS] = [3, 4] as const;

function assemble(length: number): { locals: Code; body: Code } {
  const vectors = Array.from({ length: BLOCK }, (_, k) => k);
  const two = code(
    code(get(ROW), get(ROW), load(0)),
    ...vectors.map((k) => code(get(FACTORS + k), get(HERE), load(NUMBER * length * k), timesTwo, plusTwo)),
    storeTwo,
    code(get(ROW), i32(2 * NUMBER), plus, set(ROW)),
    code(get(HERE), i32(2 * NUMBER), plus, set(HERE)),
    code(get(LEFT), i32(1), minus, tee(LEFT), i32(0), greaterThan),
  );
  return { locals: list([[1, I32], [BLOCK, V128]]), body: code(...vectors.map((k) => code(get(X), loadBoth(NUMBER * k), set(FACTORS + k))), repeat(two)) };
}
