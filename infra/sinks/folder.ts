/** An export that is a folder: whole into its place or not at all, and never over what is not ours. */
import { lstatSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { SluiceError } from '../../schemas/errors.ts';
import { storeFailure } from '../store/failure.ts';
import { syncFolder } from '../store/folders.ts';
import { firstLine } from './former.ts';
import { makeWay, temporaryName } from './output.ts';

/** How an export of the same format is known, and what it may hold. */
export interface Former {
  readonly mark: { readonly file: string; readonly line: string };
  readonly entries: readonly string[];
  /** Its folder of hard links to files that lie elsewhere, as far as they still do. */
  readonly links: string;
}

/**
 * Lets `fill` make the folder beside `to`, then puts it in place of what stands there: nothing, an empty folder or a former export.
 * @throws SluiceError SLUICE_E_USAGE where anything else stands there, SLUICE_E_DISK_FULL, SLUICE_E_NOT_WRITABLE
 */
export function replaceFolder(to: string, former: Former, fill: (made: string) => void): void {
  try {
    const found = statSync(to, { throwIfNoEntry: false });
    if (found === undefined) makeWay(to);
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
function checkFormer(place: string, { mark, entries, links }: Former): void {
  const foreign = readdirSync(place).find((name) => !entries.includes(name) && !name.endsWith('.cache'));
  const file = join(place, mark.file);
  const marked = statSync(file, { throwIfNoEntry: false })?.isFile() === true && firstLine(file) === mark.line;
  if (foreign !== undefined || !marked) throw new SluiceError('SLUICE_E_USAGE', `${place} holds ${foreign ?? 'files'} that no export of this format made; give a new or empty folder.`);
  const [first, ...more] = onlyCopies(join(place, links));
  if (first === undefined) return;
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  throw new SluiceError('SLUICE_E_USAGE', `${place} holds images that are nowhere else any more: ${first}${others}; name another folder, or move them away first.`);
}

/** Paths of files all of whose names lie in the folder: with it they would be gone. */
function onlyCopies(folder: string): string[] {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const files = new Map<string, { readonly path: string; left: bigint }>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const { dev, ino, nlink } = lstatSync(path, { bigint: true });
    const known = files.get(`${dev}:${ino}`);
    if (known === undefined) files.set(`${dev}:${ino}`, { path: relative(folder, path), left: nlink - 1n });
    else known.left -= 1n;
  }
  return [...files.values()].filter(({ left }) => left === 0n).map(({ path }) => path);
}
