/** The images of an export that is a folder. */
import { constants, copyFileSync, linkSync, readFileSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolders } from '../store/folders.ts';

export const MEDIA = ['hardlink', 'copy', 'symlink', 'none'] as const;
/** How images come into the folder. */
export type MediaMode = (typeof MEDIA)[number];

/** In an export of copies: where each was copied from, so that the next export knows that it replaces no only one. JSON, [path in the export, source] a line. */
export const COPIES = '.sluice-copies.jsonl';

/**
 * Hard links cost no space, and no path leads out of the folder: it can be moved, copied and curated again. Where the system makes none (another file
 * system, a file of another owner, no file at all) it is a symbolic link to where the image was.
 */
export class Media {
  readonly #mode: MediaMode;
  #all = 0;
  #symbolic = 0;
  #missing = 0;
  readonly #copies: string[] = [];

  constructor(mode: MediaMode) {
    this.#mode = mode;
  }

  /** @param made the folder, @param path of the image in it */
  add(uri: string, made: string, path: string): void {
    if (this.#mode === 'none') return;
    this.#all += 1;
    const place = join(made, path);
    makeFolders(dirname(place));
    const file = fileOf(uri);
    if (file === null) {
      this.#missing += 1;
      symlinkSync(uri, place);
    } else if (this.#mode === 'copy') {
      copyFileSync(file, place, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      this.#copies.push(`${JSON.stringify([path, file])}\n`);
    } else if (this.#mode === 'symlink' || !hardLink(file, place)) {
      this.#symbolic += 1;
      symlinkSync(uri, place);
    }
  }

  finish(made: string): void {
    if (this.#copies.length > 0) writeFileSync(join(made, COPIES), this.#copies.join(''), { flag: 'wx' });
  }

  /** @param folder where the images are, for people */
  warnings(folder: string): readonly string[] {
    const of = (n: number, one: string, many: string): string => `${n} of ${this.#all} ${this.#all === 1 ? 'image' : 'images'} ${n === 1 ? one : many}`;
    const missing = `${of(this.#missing, 'is not where it was', 'are not where they were')}; in ${folder} ${this.#missing === 1 ? 'it is a link that leads to no file' : 'they are links that lead to no file'}.`;
    const symbolic = `${of(this.#symbolic, 'is a symbolic link', 'are symbolic links')}, since no hard link can be made here (another file system, or a file of another owner); curate takes no links that leave the folder.`;
    return [...(this.#missing > 0 ? [missing] : []), ...(this.#symbolic > 0 && this.#mode !== 'symlink' ? [symbolic] : [])];
  }
}

/** Paths in a former export of copies whose source is still there, of the same size. */
export function safeCopies(place: string): ReadonlySet<string> {
  const list = join(place, COPIES);
  if (statSync(list, { throwIfNoEntry: false })?.isFile() !== true) return new Set();
  const pairs = readFileSync(list, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as readonly [string, string]);
  return new Set(pairs.flatMap(([path, source]) => (sizeOf(source) !== null && sizeOf(source) === sizeOf(join(place, path)) ? [path] : [])));
}

function sizeOf(path: string): number | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true ? found.size : null;
}

/** The real path of a regular file: a hard link to a symbolic link would be one more symbolic link. Null where there is none, or none can be reached. */
function fileOf(uri: string): string | null {
  try {
    const file = realpathSync.native(uri);
    return statSync(file).isFile() ? file : null;
  } catch {
    return null;
  }
}

/** Whether it could be made. A disk that is full takes no symbolic link either, which then tells of it. */
function hardLink(file: string, path: string): boolean {
  try {
    linkSync(file, path);
    return true;
  } catch {
    return false;
  }
}
