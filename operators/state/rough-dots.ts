/**
 * Inner products of one vector of 16-bit integers with many rows of 8-bit ones, as a WebAssembly function; sums of integers have no rounding and no order. In words:
 *
 *     do {
 *       row[length] = the sum of x[i] * row[i]  // as a 32-bit integer behind its numbers, eight products at a time
 *     } while (--left > 0);
 */
import { at, type Code, code, compiler, get, greaterThan, i32, LEFT, list, load, minus, plus, repeat, ROW, set, simd, tee, V128, X, zeros } from './wasm.ts';

/** Numbers of a row at a time. */
export const WIDE = 8;

/** Bytes from one row to the next; its sum, and nothing, stand behind its numbers. */
export function roughBytes(length: number): number {
  return length + WIDE;
}

/** `length`: numbers of a row and of x, a multiple of 8. */
export const openRoughDots = compiler(assemble);

/** Eight int8 from an address, as int16. */
const loadEight = (offset: number): Code => simd(0x01, ...at(offset));
/** Eight products, added in pairs. */
const timesEight = simd(0xba);
const plusFour = simd(0xae);
const quarter = (lane: number): Code => [...get(SUMS), ...simd(0x1b, lane)];
const store = (offset: number): Code => [0x36, ...at(offset)];
const SUMS = 3;

function assemble(length: number): { locals: Code; body: Code } {
  const eights = Array.from({ length: length / WIDE }, (_, i) => code(get(ROW), loadEight(WIDE * i), get(X), load(2 * WIDE * i), timesEight, plusFour));
  const one = code(
    code(zeros, ...eights, set(SUMS)),
    code(get(ROW), quarter(0), quarter(1), plus, quarter(2), quarter(3), plus, plus, store(length)),
    code(get(ROW), i32(roughBytes(length)), plus, set(ROW)),
    code(get(LEFT), i32(1), minus, tee(LEFT), i32(0), greaterThan),
  );
  return { locals: list([[1, V128]]), body: repeat(one) };
}
