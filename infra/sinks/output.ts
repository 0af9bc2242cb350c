/** Where an export goes: whole into its place or not at all. */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { SluiceError } from '../../schemas/errors.ts';
import { storeFailure } from '../store/failure.ts';
import { makeFolders, syncFolder } from '../store/folders.ts';

/** Characters gathered before they are written. */
const CHUNK = 256 * 1024;

/**
 * Writes to a temporary name in the same folder and renames: who looks at `path` sees the old file or the whole new one.
 * A device or a pipe is written as it is. Folders on the way are made.
 * @param links whether a link at `path` is followed, as for a place that a user names, or replaced, as for files a run writes unasked
 * @throws SluiceError SLUICE_E_USAGE where `path` is a folder, SLUICE_E_DISK_FULL, SLUICE_E_NOT_WRITABLE
 */
export function writeFile(path: string, text: Iterable<string>, links: 'follow' | 'replace' = 'follow'): void {
  try {
    if (links === 'replace') return replace(path, text);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() === true) throw new SluiceError('SLUICE_E_USAGE', `${path} is a folder; give the name of a file.`);
    if (found !== undefined && !found.isFile()) return pour(path, 'w', text);
    if (found === undefined) makeWay(path);
    replace(found === undefined ? path : realpathSync(path), text);
  } catch (thrown) {
    throw storeFailure(thrown, path);
  }
}

/** Makes the folders on the way to `path`. @throws SluiceError SLUICE_E_NOT_WRITABLE where a file stands on it, or what the file system throws */
export function makeWay(path: string): void {
  let above = dirname(path);
  while (statSync(above, { throwIfNoEntry: false }) === undefined) above = dirname(above);
  if (!statSync(above).isDirectory()) throw new SluiceError('SLUICE_E_NOT_WRITABLE', `Cannot write to ${path}: ${above} is a file, not a folder.`);
  makeFolders(dirname(path));
}

function replace(path: string, text: Iterable<string>): void {
  const temporary = temporaryName(path);
  try {
    pour(temporary, 'wx', text);
    renameSync(temporary, path);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw thrown;
  }
  syncFolder(dirname(path));
}

/** Hidden, in the same folder, and of nobody else. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`);
}

/** A text file that is written piece by piece. */
export class TextFile {
  readonly #file: number;
  #gathered = '';

  /** @param flags `wx` fails where there is a file */
  constructor(path: string, flags: 'w' | 'wx' = 'wx') {
    this.#file = openSync(path, flags);
  }

  add(piece: string): void {
    this.#gathered += piece;
    if (this.#gathered.length >= CHUNK) this.#flush();
  }

  /** @param sync waits until the disk has it; pipes and devices know no such thing */
  finish(sync: boolean): void {
    this.#flush();
    if (sync) fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#gathered);
    this.#gathered = '';
    for (let done = 0; done < bytes.byteLength; ) done += writeSync(this.#file, bytes, done);
  }
}

function pour(path: string, flags: 'w' | 'wx', text: Iterable<string>): void {
  const file = new TextFile(path, flags);
  try {
    for (const piece of text) file.add(piece);
    file.finish(flags === 'wx');
  } finally {
    file.close();
  }
}

/**
 * Writes to a stream, waiting for it. A reader that goes away (`| head`) is a good end.
 * @throws SluiceError SLUICE_E_DISK_FULL, SLUICE_E_NOT_WRITABLE
 */
export async function writeStream(stream: Writable, text: Iterable<string>): Promise<void> {
  // The failure comes through the callback; without a listener it would end the process as well.
  stream.on('error', () => {});
  try {
    for (const chunk of chunks(text)) {
      await new Promise<void>((resolve, reject) => {
        stream.write(chunk, (error) => (error ? reject(error) : resolve()));
      });
    }
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EPIPE') return;
    throw storeFailure(thrown, 'standard output');
  }
}

function* chunks(text: Iterable<string>): Generator<Buffer> {
  let gathered = '';
  for (const piece of text) {
    gathered += piece;
    if (gathered.length < CHUNK) continue;
    yield Buffer.from(gathered);
    gathered = '';
  }
  if (gathered !== '') yield Buffer.from(gathered);
}
