/** An export that is a folder: whole into its place or not at all, and never over what is not ours. */
import { closeSync, mkdirSync, openSync, readdirSync, readSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SluiceError } from '../../schemas/errors.ts';
import { storeFailure } from '../store/failure.ts';
import { syncFolder, temporaryName } from './output.ts';
import { makeFolders } from '../store/folders.ts';

/** How an export of the same format is known, and what it may hold. */
export interface Former {
  readonly mark: { readonly file: string; readonly line: string };
  readonly entries: readonly string[];
}

/**
 * Lets `fill` make the folder beside `to`, then puts it in place of what stands there: nothing, an empty folder or a former export.
 * @throws SluiceError SLUICE_E_USAGE where anything else stands there, SLUICE_E_DISK_FULL, SLUICE_E_NOT_WRITABLE
 */
export function replaceFolder(to: string, former: Former, fill: (made: string) => void): void {
  try {
    const found = statSync(to, { throwIfNoEntry: false });
    if (found !== undefined && !found.isDirectory()) throw new SluiceError('SLUICE_E_USAGE', `${to} is a file; this format needs a folder.`);
    if (found === undefined) makeFolders(dirname(to));
    const place = found === undefined ? to : realpathSync(to);
    const occupied = found !== undefined && readdirSync(place).length > 0;
    if (occupied) checkFormer(place, former);
    const made = temporaryName(place);
    try {
      mkdirSync(made);
      fill(made);
      swap(made, place, occupied);
    } finally {
      rmSync(made, { recursive: true, force: true });
    }
    syncFolder(dirname(place));
  } catch (thrown) {
    throw storeFailure(thrown, to);
  }
}

/** An empty folder is replaced in one step; a former export is out of sight for a moment. */
function swap(made: string, place: string, occupied: boolean): void {
  if (!occupied) return renameSync(made, place);
  const old = temporaryName(place);
  renameSync(place, old);
  try {
    renameSync(made, place);
  } catch (thrown) {
    renameSync(old, place);
    throw thrown;
  }
  rmSync(old, { recursive: true, force: true });
}

/** Trainers leave `*.cache` files beside what they read. */
function checkFormer(place: string, { mark, entries }: Former): void {
  const foreign = readdirSync(place).find((name) => !entries.includes(name) && !name.endsWith('.cache'));
  if (foreign === undefined && firstLine(join(place, mark.file), mark.line.length) === mark.line) return;
  throw new SluiceError('SLUICE_E_USAGE', `${place} holds ${foreign ?? 'files'} that no export of this format made; give a new or empty folder.`);
}

function firstLine(path: string, length: number): string | null {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return null;
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.toString('utf8', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}
