/**
 * The inner products of one vector with many rows, as a WebAssembly function: the sums of `dot` (vectors.ts) with the same additions in the same order, and so
 * the same bits, but two of its four running sums in one register and two rows at a time. Why: docs/decisions/wide-sums.md. In words:
 *
 *     do {
 *       for (at = 0; at < length; at += 4)
 *         for (row of the two rows at hand) {
 *           row.low  += x[at..at+1] * row[at..at+1]      // s0 and s1 of `dot`
 *           row.high += x[at+2..at+3] * row[at+2..at+3]  // s2 and s3
 *         }
 *       row[length] = s0 + s1 + (s2 + s3)                // of either row, as float64 behind its numbers
 *     } while ((left -= 2) > 0);
 */
import { at, type Code, code, compiler, get, greaterThan, i32, I32, LEFT, lessThan, list, load, minus, plus, repeat, ROW, set, simd, tee, V128, X, zeros } from './wasm.ts';

/** Behind the numbers of a row stands their sum, and nothing, so that each row begins at a multiple of 16. */
const BEHIND = 16;
/** Rows at a time: a second one works while the sums of the first are on their way; a third gains little. */
const ROWS = 2;

/** Bytes from one row of `length` float32 to the next. */
export function rowBytes(length: number): number {
  return 4 * length + BEHIND;
}

/**
 * With an odd number of rows one more is summed. `length`: numbers of a row, a multiple of 4; x is as many float64, since each is needed as such for every row.
 * `memory`: where x and the rows lie.
 */
export const openDots = compiler(assemble);

/** Two float32 from an address, as float64. */
const loadTwoSmall = (offset: number): Code => [...simd(0x5d, ...at(offset)), ...simd(0x5f)];
const timesTwo = simd(0xf2);
const plusTwo = simd(0xf0);
const half = (sums: number, lane: 0 | 1): Code => [...get(sums), ...simd(0x21, lane)];
const plusOne: Code = [0xa0];
const store = (offset: number): Code => [0x39, ...at(offset)];

/** Locals after the arguments: offset in the row, address in the row, four numbers of x, and the sums of each row. */
const [AT, HERE, X_LOW, X_HIGH, SUMS] = [3, 4, 5, 6, 7] as const;

function assemble(length: number): { locals: Code; body: Code } {
  const bytes = rowBytes(length);
  const rows = Array.from({ length: ROWS }, (_, r) => ({ low: SUMS + 2 * r, high: SUMS + 2 * r + 1, offset: r * bytes }));
  const add = (sums: number, x: number, offset: number): Code => code(get(sums), get(HERE), loadTwoSmall(offset), get(x), timesTwo, plusTwo, set(sums));
  // A float64 of x is twice as long as a float32 of a row.
  const four = code(
    code(get(ROW), get(AT), plus, set(HERE)),
    code(get(X), get(AT), plus, get(AT), plus, load(0), set(X_LOW)),
    code(get(X), get(AT), plus, get(AT), plus, load(16), set(X_HIGH)),
    ...rows.map(({ low, high, offset }) => code(add(low, X_LOW, offset), add(high, X_HIGH, offset + 8))),
    code(get(AT), i32(16), plus, tee(AT), i32(4 * length), lessThan),
  );
  const two = code(
    ...rows.map(({ low, high }) => code(zeros, set(low), zeros, set(high))),
    code(i32(0), set(AT)),
    repeat(four),
    ...rows.map(({ low, high, offset }) => code(get(ROW), half(low, 0), half(low, 1), plusOne, half(high, 0), half(high, 1), plusOne, plusOne, store(offset + 4 * length))),
    code(get(ROW), i32(ROWS * bytes), plus, set(ROW)),
    code(get(LEFT), i32(ROWS), minus, tee(LEFT), i32(0), greaterThan),
  );
  return { locals: list([[2, I32], [2 + 2 * ROWS, V128]]), body: repeat(two) };
}
