/** A JSON file read part by part, however large it is, and parts of it read again by their place. */
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { SluiceError } from '../../schemas/errors.ts';
import { JsonBreak, JsonScanner, type Part } from '../json/scan.ts';
import { type Json, jsonOf, readJson } from './json.ts';
import { at as position, positionInFile } from './position.ts';
import { readFault } from './read-fault.ts';
import { checkUtf8 } from './utf8.ts';

/** Bytes of an element, or of a member that is held whole. */
const LARGEST = 128 * 2 ** 20;
/** Up to here a broken file is read once more as a whole, to say what is wrong in the words of a parser. In bytes. */
const EXPLAINED = 100 * 2 ** 20;
const PIECE = 256 * 2 ** 10;

/**
 * @param lists members whose elements come one by one; null: the list that the file is
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX with line and column; SLUICE_E_SOURCE_UNKNOWN when the file cannot be read
 */
export async function* readParts(file: string, lists: readonly (string | null)[]): AsyncGenerator<Part> {
  const scanner = new JsonScanner(lists, LARGEST);
  try {
    for await (const piece of checkUtf8(createReadStream(file, { highWaterMark: PIECE }))) yield* scanner.push(piece);
    yield* scanner.end();
  } catch (thrown) {
    if (!(thrown instanceof JsonBreak)) throw await readFault(file, thrown);
    // It says so better, if it can.
    if ((await stat(file)).size <= EXPLAINED) await readJson(file);
    throw new SluiceError('SLUICE_E_SOURCE_SYNTAX', `${basename(file)}, ${position(await positionInFile(file, thrown.offset))}: expected ${thrown.message}.`, { cause: thrown });
  }
}

/** A part as a value and as it is spelled. @throws SluiceError SLUICE_E_SOURCE_SYNTAX */
export async function parsePart(file: string, { at, bytes }: { readonly at: number; readonly bytes: Buffer }): Promise<Json> {
  const text = bytes.toString('utf8');
  const read = jsonOf(text);
  if ('value' in read) return read;
  const offset = at + Buffer.byteLength(text.slice(0, read.index));
  throw new SluiceError('SLUICE_E_SOURCE_SYNTAX', `${basename(file)}, ${position(await positionInFile(file, offset))}: ${read.cause}.`);
}

/** Reads parts again that were found before. To be closed. */
export class PartReader {
  readonly #name: string;
  readonly #file: number;

  constructor(file: string) {
    this.#name = basename(file);
    this.#file = openSync(file, 'r');
  }

  /** @throws SluiceError SLUICE_E_SOURCE_SYNTAX where the file is another by now */
  read(at: number, length: number): Json {
    const bytes = Buffer.allocUnsafe(length);
    const read = readSync(this.#file, bytes, 0, length, at);
    const json = read === length ? jsonOf(bytes.toString('utf8')) : null;
    if (json === null || !('value' in json)) throw new SluiceError('SLUICE_E_SOURCE_SYNTAX', `${this.#name} was changed while it was read.`);
    return json;
  }

  close(): void {
    closeSync(this.#file);
  }
}

