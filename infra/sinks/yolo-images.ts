/** The images of a YOLO export: second names of the files themselves, so that the folder is whole on its own. */
import { linkSync, realpathSync, statSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolders } from '../store/folders.ts';

/**
 * Hard links cost no space, and no path leads out of the folder: it can be moved, copied and curated again. Where the system makes none (another file
 * system, a file of another owner, no file at all) it is a symbolic link to where the image was.
 */
export class Images {
  #all = 0;
  #symbolic = 0;
  #missing = 0;

  add(uri: string, path: string): void {
    makeFolders(dirname(path));
    this.#all += 1;
    const file = fileOf(uri);
    if (file !== null && hardLink(file, path)) return;
    symlinkSync(uri, path);
    if (file === null) this.#missing += 1;
    else this.#symbolic += 1;
  }

  /** @param folder where the images are, for people */
  warnings(folder: string): readonly string[] {
    const of = (n: number, one: string, many: string): string => `${n} of ${this.#all} ${this.#all === 1 ? 'image' : 'images'} ${n === 1 ? one : many}`;
    const missing = `${of(this.#missing, 'is not where it was', 'are not where they were')}; in ${folder} ${this.#missing === 1 ? 'it is a link that leads to no file' : 'they are links that lead to no file'}.`;
    const symbolic = `${of(this.#symbolic, 'is a symbolic link', 'are symbolic links')}, since no hard link can be made here (another file system, or a file of another owner); curate takes no links that leave the folder.`;
    return [...(this.#missing > 0 ? [missing] : []), ...(this.#symbolic > 0 ? [symbolic] : [])];
  }
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
