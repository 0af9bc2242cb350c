/** An export that is a folder: whole into its place or not at all, and never over what is not ours. */
import { lstatSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { SluiceError } from '../../schemas/errors.ts';
import { storeFailure } from '../store/failure.ts';
import { syncFolder } from '../store/folders.ts';
import { firstLine } from './former.ts';
import { COPIES, safeCopies } from './media.ts';
import { makeWay, temporaryName } from './output.ts';

interface Mark {
  readonly file: string;
  readonly line: string;
}

/** How an export of the same format is known, and what it may hold. */
export interface Former {
  readonly mark: Mark;
  /** A file that it may lack, but is ours where it is there. */
  readonly card: Mark;
  readonly entries: readonly string[];
  readonly shards?: RegExp;
  /** Its folders of images: files that lie elsewhere too, as far as they still do. */
  readonly images: readonly string[];
}

/**
 * Lets `fill` make the folder beside `to`, then puts it in place of what stands there: nothing, an empty folder or a former export.
 * @throws SluiceError SLUICE_E_USAGE where anything else stands there, SLUICE_E_DISK_FULL, SLUICE_E_NOT_WRITABLE
 */
export async function replaceFolder(to: string, former: Former, fill: (made: string) => void | Promise<void>): Promise<void> {
  try {
    const found = statSync(to, { throwIfNoEntry: false });
    if (found === undefined) makeWay(to);
    const place = found === undefined ? to : realpathSync(to);
    const occupied = found !== undefined && readdirSync(place).length > 0;
    if (occupied) checkFormer(place, former);
    const made = temporaryName(place);
    try {
      mkdirSync(made);
      await fill(made);
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
function checkFormer(place: string, { mark, card, entries, shards, images }: Former): void {
  const marked = hasMark(place, mark);
  const ours = (name: string): boolean => (name === card.file ? hasMark(place, card) : entries.includes(name) || shards?.test(name) === true || name === COPIES || name.endsWith('.cache'));
  const foreign = readdirSync(place).find((name) => !ours(name));
  if (foreign !== undefined || !marked) throw new SluiceError('SLUICE_E_USAGE', `${place} holds ${foreign ?? 'files'} that no export of this format made; give a new or empty folder.`);
  const [first, ...more] = images.flatMap((folder) => onlyCopies(place, folder));
  if (first === undefined) return;
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  throw new SluiceError('SLUICE_E_USAGE', `${place} holds images that are nowhere else any more: ${first}${others}; name another folder, or move them away first.`);
}

function hasMark(place: string, { file, line }: Mark): boolean {
  const path = join(place, file);
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true && firstLine(path) === line;
}

/** Paths of files all of whose names lie in the folder: with it they would be gone. */
function onlyCopies(place: string, images: string): string[] {
  const folder = join(place, images);
  const safe = safeCopies(place);
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
  return [...files.values()].filter(({ path, left }) => left === 0n && !safe.has(join(images, path))).map(({ path }) => path);
}
