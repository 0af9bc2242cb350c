/**
 * WebAssembly put together instruction by instruction, since a compiler would be one more thing to install: what its modules here have in common.
 * WebAssembly Core Specification 2.0, section 5: instructions are bytes, numbers in LEB128, lists begin with their length.
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

const PAGE = 65_536;

/** Addresses of x and of the first row, and the number of rows. */
export type Dots = (x: number, row: number, count: number) => void;
/** The three arguments. */
export const [X, ROW, LEFT] = [0, 1, 2] as const;

export function openMemory(bytes: number): WasmMemory {
  return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
}

/** Room for so many bytes, at least twice as many as before where there is none. @returns whether the buffer is another one now */
export function grow(memory: WasmMemory, bytes: number): boolean {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.max(Math.ceil(missing / PAGE), memory.buffer.byteLength / PAGE));
  return missing > 0;
}

/** Compiles a module per length of a row, once. @param assemble gives its locals and its body */
export function compiler(assemble: (length: number) => { readonly locals: Code; readonly body: Code }): (length: number, memory: WasmMemory) => Dots {
  const modules = new Map<number, object>();
  return (length, memory) => {
    const module = modules.get(length) ?? new WebAssembly.Module(moduleOf(assemble(length)));
    modules.set(length, module);
    return new WebAssembly.Instance(module, { env: { memory } }).exports.dots;
  };
}

export type Code = readonly number[];

export const code = (...parts: readonly Code[]): Code => parts.flat();

function number(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, ...number(value >>> 7)];
}

/** A number with a sign, which is that of bit 6 of its last byte. */
function signed(value: number): Code {
  return value < 64 ? [value] : [(value & 127) | 128, ...signed(value >>> 7)];
}

export const list = (items: readonly Code[]): Code => [...number(items.length), ...items.flat()];
const sized = (content: Code): Code => [...number(content.length), ...content];
const text = (value: string): Code => sized([...Buffer.from(value)]);
const section = (id: number, content: Code): Code => [id, ...sized(content)];

export const I32 = 0x7f;
export const V128 = 0x7b;
export const get = (local: number): Code => [0x20, ...number(local)];
export const set = (local: number): Code => [0x21, ...number(local)];
export const tee = (local: number): Code => [0x22, ...number(local)];
export const i32 = (value: number): Code => [0x41, ...signed(value)];
export const plus: Code = [0x6a];
export const minus: Code = [0x6b];
/** Repeats the body for as long as the condition it ends with holds. */
export const repeat = (body: Code): Code => [0x03, 0x40, ...body, 0x0d, 0, 0x0b];
export const lessThan: Code = [0x49];
export const greaterThan: Code = [0x4a];
export const at = (offset: number): Code => [0, ...number(offset)];
export const simd = (instruction: number, ...rest: Code): Code => [0xfd, ...number(instruction), ...rest];
export const zeros = simd(0x0c, ...Array.from({ length: 16 }, () => 0));
/** 16 bytes from an address. */
export const load = (offset: number): Code => simd(0x00, ...at(offset));

function moduleOf({ locals, body }: { readonly locals: Code; readonly body: Code }): Uint8Array {
  const module = code(
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, list([code([0x60], list([[I32], [I32], [I32]]), list([]))])),
    section(2, list([code(text('env'), text('memory'), [0x02, 0x00, 1])])),
    section(3, list([[0]])),
    section(7, list([code(text('dots'), [0x00, 0])])),
    section(10, list([sized(code(locals, body, [0x0b]))])),
  );
  return Uint8Array.from(module);
}
