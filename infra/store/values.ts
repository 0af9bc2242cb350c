/** Values between JavaScript and SQLite columns. What is read is checked: a wrong type means a damaged database. */
import { endianness } from 'node:os';
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { SluiceError } from '../../schemas/errors.ts';

export type Row = Record<string, SQLOutputValue>;
type Value = SQLOutputValue | undefined;

const HOST_IS_LITTLE_ENDIAN = endianness() === 'LE';

/**
 * SQLite keeps text as UTF-8, which has no form for a lone surrogate: two different ids could become one. Such strings
 * (they come from JSON escapes, not from file systems) are kept as a BLOB of UTF-16 instead; a BLOB never equals a text.
 */
export function toText(value: string): SQLInputValue {
  return value.isWellFormed() ? value : Buffer.from(value, 'utf16le');
}

/** Embeddings lie on disk as float32, little endian. */
export function toVector(value: Float32Array): Uint8Array {
  const view = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return HOST_IS_LITTLE_ENDIAN ? view : Buffer.from(view).swap32();
}

export function fromVector(stored: Uint8Array): Float32Array {
  const copy = Buffer.from(new Uint8Array(stored).buffer);
  if (!HOST_IS_LITTLE_ENDIAN) copy.swap32();
  return new Float32Array(copy.buffer, 0, copy.byteLength / 4);
}

export function text(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf16le');
  throw damaged('a text', value);
}

export function textOrNull(value: Value): string | null {
  return value === null ? null : text(value);
}

export function number(value: Value): number {
  if (typeof value === 'number') return value;
  throw damaged('a number', value);
}

export function numberOrNull(value: Value): number | null {
  return value === null ? null : number(value);
}

export function bytes(value: Value): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw damaged('bytes', value);
}

/** JSON that this program wrote; `T` is what it wrote there. */
export function json<T>(value: Value): T {
  try {
    return JSON.parse(text(value)) as T;
  } catch (thrown) {
    if (thrown instanceof SluiceError) throw thrown;
    throw new SluiceError('SLUICE_E_STORE_CORRUPT', 'A row of the database holds broken JSON.', { cause: thrown });
  }
}

function damaged(wanted: string, value: Value): SluiceError {
  const found = value === null || value === undefined ? 'nothing' : value instanceof Uint8Array ? 'bytes' : `a ${typeof value}`;
  return new SluiceError('SLUICE_E_STORE_CORRUPT', `A row of the database holds ${found} where ${wanted} belongs.`);
}
