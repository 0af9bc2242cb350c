/**
 * The inner products of one vector with many rows, as a WebAssembly function: the sums of `dot` (vectors.ts) with the same additions in the same order, and so
 * the same bits, but two of its four running sums in one register and four rows at a time. Why: docs/decisions/wide-sums.md.
 *
 * The module is put together here, instruction by instruction, since a compiler would be one more thing to install. In words:
 *
 *     do {
 *       for (at = 0; at < length; at += 4)
 *         for (row of the four rows at hand) {
 *           row.low  += x[at..at+1] * row[at..at+1]      // s0 and s1 of `dot`
 *           row.high += x[at+2..at+3] * row[at+2..at+3]  // s2 and s3
 *         }
 *       row[length] = s0 + s1 + (s2 + s3)                // of each row, as float64 behind its numbers
 *     } while ((left -= 4) > 0);
 */

/** What is needed here of WebAssembly; Node's types leave it out. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** By pages; the buffer before is void then. */
  grow(pages: number): number;
}
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: { readonly env: { readonly memory: WasmMemory } }) => { readonly exports: { readonly dots: Dots } };
};

/** Addresses of x and of the first row, and the number of rows; where that is no multiple of ROWS, some more are summed. */
type Dots = (x: number, row: number, count: number) => void;

/** Behind the numbers of a row stands their sum, and nothing, so that each row begins at a multiple of 16. */
const BEHIND = 16;
/** Rows at a time: the others work while the sums of the first are on their way. */
export const ROWS = 4;
/** Numbers of a row at a time. */
export const STEP = 8;

/** Bytes from one row of `length` float32 to the next. */
export function rowBytes(length: number): number {
  return 4 * length + BEHIND;
}

export function openMemory(pages: number): WasmMemory {
  return new WebAssembly.Memory({ initial: pages });
}

const modules = new Map<number, object>();

/** @param length numbers of a row, a multiple of STEP; x is as many float64, since each is needed as such for every row. @param memory where x and the rows lie */
export function openDots(length: number, memory: WasmMemory): Dots {
  const module = modules.get(length) ?? new WebAssembly.Module(assemble(length));
  modules.set(length, module);
  return new WebAssembly.Instance(module, { env: { memory } }).exports.dots;
}

// WebAssembly Core Specification 2.0, section 5: instructions are bytes, numbers in LEB128, lists begin with their length.
type Code = readonly number[];

const code = (...parts: readonly Code[]): Code => parts.flat();

function number(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, ...number(value >>> 7)];
}

/** A number with a sign, which is that of bit 6 of its last byte. */
function signed(value: number): Code {
  return value < 64 ? [value] : [(value & 127) | 128, ...signed(value >>> 7)];
}

const list = (items: readonly Code[]): Code => [...number(items.length), ...items.flat()];
const sized = (content: Code): Code => [...number(content.length), ...content];
const text = (value: string): Code => sized([...Buffer.from(value)]);
const section = (id: number, content: Code): Code => [id, ...sized(content)];

const I32 = 0x7f;
const V128 = 0x7b;
const get = (local: number): Code => [0x20, ...number(local)];
const set = (local: number): Code => [0x21, ...number(local)];
const tee = (local: number): Code => [0x22, ...number(local)];
const i32 = (value: number): Code => [0x41, ...signed(value)];
const plus: Code = [0x6a];
const minus: Code = [0x6b];
/** Repeats the body for as long as the condition it ends with holds. */
const repeat = (body: Code): Code => [0x03, 0x40, ...body, 0x0d, 0, 0x0b];
const lessThan: Code = [0x49];
const greaterThan: Code = [0x4a];
const simd = (instruction: number, ...rest: readonly number[]): Code => [0xfd, ...number(instruction), ...rest];
const zeros = simd(0x0c, ...Array.from({ length: 16 }, () => 0));
/** Two float64 from an address. */
const loadTwo = (offset: number): Code => simd(0x00, 0, ...number(offset));
/** Two float32 from an address, as float64. */
const loadTwoSmall = (offset: number): Code => [...simd(0x5d, 0, ...number(offset)), ...simd(0x5f)];
/** a * b + c. It may be rounded once or twice, as the processor has it: the product of two float32 is exact in float64, so that both give the same. */
const timesPlusTwo = simd(0x107);
const half = (sums: number, lane: 0 | 1): Code => [...get(sums), ...simd(0x21, lane)];
const plusOne: Code = [0xa0];
const store = (offset: number): Code => [0x39, 0, ...number(offset)];

/** Locals: the three arguments, offset in the row, addresses in x and in the row, four numbers of x, and the sums of each row. */
const [X, ROW, LEFT, AT, X_HERE, HERE, X_LOW, X_HIGH, SUMS] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;

function assemble(length: number): Uint8Array {
  const bytes = rowBytes(length);
  const rows = Array.from({ length: ROWS }, (_, r) => ({ low: SUMS + 2 * r, high: SUMS + 2 * r + 1, offset: r * bytes }));
  const add = (sums: number, x: number, offset: number): Code => code(get(HERE), loadTwoSmall(offset), get(x), get(sums), timesPlusTwo, set(sums));
  // A float64 of x is twice as long as a float32 of a row.
  const four = (at: number): Code =>
    code(
      code(get(X_HERE), loadTwo(8 * at), set(X_LOW), get(X_HERE), loadTwo(8 * at + 16), set(X_HIGH)),
      ...rows.map(({ low, high, offset }) => code(add(low, X_LOW, offset + 4 * at), add(high, X_HIGH, offset + 4 * at + 8))),
    );
  const step = code(
    code(get(ROW), get(AT), plus, set(HERE)),
    code(get(X), get(AT), plus, get(AT), plus, set(X_HERE)),
    ...Array.from({ length: STEP / 4 }, (_, i) => four(4 * i)),
    code(get(AT), i32(4 * STEP), plus, tee(AT), i32(4 * length), lessThan),
  );
  const all = code(
    ...rows.map(({ low, high }) => code(zeros, set(low), zeros, set(high))),
    code(i32(0), set(AT)),
    repeat(step),
    ...rows.map(({ low, high, offset }) => code(get(ROW), half(low, 0), half(low, 1), plusOne, half(high, 0), half(high, 1), plusOne, plusOne, store(offset + 4 * length))),
    code(get(ROW), i32(ROWS * bytes), plus, set(ROW)),
    code(get(LEFT), i32(ROWS), minus, tee(LEFT), i32(0), greaterThan),
  );
  const locals = list([[3, I32], [2 + 2 * ROWS, V128]]);
  const module = code(
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, list([code([0x60], list([[I32], [I32], [I32]]), list([]))])),
    section(2, list([code(text('env'), text('memory'), [0x02, 0x00, 1])])),
    section(3, list([[0]])),
    section(7, list([code(text('dots'), [0x00, 0])])),
    section(10, list([sized(code(locals, repeat(all), [0x0b]))])),
  );
  return Uint8Array.from(module);
}
