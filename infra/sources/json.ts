import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { SluiceError } from '../../schemas/errors.ts';
import { findJsonFault } from './json-fault.ts';
import { at, positionInFile, positionInText } from './position.ts';
import { errno, show } from './text.ts';
import { firstFault } from './utf8.ts';

/** What fits into one string of V8. Larger files need a reader that streams. */
const LARGEST = 500 * 1024 * 1024;

/** A JSON file as a value and as it is spelled: 33.0 is 33 in the one and not in the other. */
export interface Json {
  readonly value: unknown;
  readonly text: string;
}

/**
 * A JSON file, read as a whole; NaN and Infinity, as Python writes them, are read as null and as numbers without end.
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX with line and column, SLUICE_E_UNSUPPORTED over 500 MiB, SLUICE_E_SOURCE_UNKNOWN when it cannot be read
 */
export async function readJson(file: string): Promise<Json> {
  const name = basename(file);
  const text = await readText(file, LARGEST);
  const read = jsonOf(text);
  if ('value' in read) return read;
  throw new SluiceError('SLUICE_E_SOURCE_SYNTAX', `${name}, ${at(positionInText(text, read.index))}: ${read.cause}.`);
}

/** What a text is as JSON, or where and why it is none. @returns the place in UTF-16 units */
export function jsonOf(text: string): Json | { readonly index: number; readonly cause: string } {
  try {
    return { value: JSON.parse(text), text };
  } catch (thrown) {
    const fault = findJsonFault(text);
    if (fault === null && /NaN|Infinity/.test(text)) return jsonOf(plainNumbers(text));
    if (fault === null) return { index: 0, cause: String(thrown) };
    const found = fault.index < text.length ? show(text.slice(fault.index, fault.index + 20)) : 'the end of the file';
    return { index: fault.index, cause: `expected ${fault.expected}, found ${found}` };
  }
}

/** Python writes NaN and Infinity, which no other reader takes for JSON: null and a number without end stand for them, so that one bad number spoils no file. */
function plainNumbers(text: string): string {
  const parts: string[] = [];
  const next = /"|NaN|Infinity/g;
  let from = 0;
  for (let match = next.exec(text); match !== null; match = next.exec(text)) {
    if (match[0] === '"') {
      next.lastIndex = endOfString(text, match.index);
    } else {
      parts.push(text.slice(from, match.index), match[0] === 'NaN' ? 'null' : '1e999');
      from = next.lastIndex;
    }
  }
  return parts.join('') + text.slice(from);
}

/** Behind the text whose first quote is at `from`. */
function endOfString(text: string, from: number): number {
  for (let i = from + 1; ; i += text[i] === '\\' ? 2 : 1) if (text[i] === '"' || i >= text.length) return i + 1;
}

/** A UTF-8 file as text, without its byte order mark. @throws as `readJson` */
export async function readText(file: string, largest: number): Promise<string> {
  const name = basename(file);
  try {
    const { size } = await stat(file);
    if (size > largest) throw new SluiceError('SLUICE_E_UNSUPPORTED', `${name} has ${size} bytes; files of this kind are read up to ${largest}.`);
    const bytes = await readFile(file);
    if (!isUtf8(bytes)) throw new SluiceError('SLUICE_E_SOURCE_SYNTAX', `${name}, ${at(await positionInFile(file, firstFault(bytes)))}: the file is not UTF-8. Save it as UTF-8.`);
    return bytes.toString('utf8').replace(/^\ufeff/, '');
  } catch (thrown) {
    if (thrown instanceof SluiceError) throw thrown;
    throw new SluiceError('SLUICE_E_SOURCE_UNKNOWN', `${show(file)} cannot be read (${errno(thrown) || String(thrown)}).`, { cause: thrown });
  }
}
