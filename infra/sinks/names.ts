import { extname } from 'node:path';
import { isFrame } from './frames.ts';

/** In bytes; file systems end at 255. */
const LONGEST = 200;

export interface Name {
  /** Below the folder of images. */
  readonly image: string;
  /** Of its annotations, below their folder. */
  readonly label: string;
}

/**
 * Where items lie: under their id where that is a plain relative path, else under their seq. No two items share a label file,
 * no file stands where another needs a folder, and no folder is called as that of the images: trainers find a label by the last `/images/`.
 */
export class Names {
  readonly #folder: string;
  readonly #extension: string;
  readonly #images = new Tree();
  readonly #labels = new Tree();

  /** @param folder of the images. @param extension of annotation files; '' where there are none */
  constructor(folder: string, extension: string) {
    this.#folder = folder;
    this.#extension = extension;
  }

  /** To be asked once for each item, in the same order for the same names. */
  take(seq: number, id: string, uri: string): Name {
    // What comes after the dot of a time is no extension.
    const path = isFrame(id) ? `${id}${extname(uri)}` : id;
    const extension = /^\.[a-z0-9]{1,5}$/i.exec(extname(uri))?.[0] ?? '';
    for (let attempt = 0; ; attempt++) {
      const image = attempt === 0 ? plainPath(path, this.#folder) : `item-${seq}${attempt === 1 ? '' : `-${attempt}`}${extension}`;
      if (image === null) continue;
      const label = this.#extension === '' ? image : `${image.slice(0, image.length - extname(image).length)}${this.#extension}`;
      if (!this.#images.fits(image) || !this.#labels.fits(label)) continue;
      this.#images.add(image);
      this.#labels.add(label);
      return { image, label };
    }
  }
}

/** Paths of files, and the folders they need. */
class Tree {
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();

  fits(path: string): boolean {
    return !this.#files.has(path) && !this.#folders.has(path) && !foldersOf(path).some((folder) => this.#files.has(folder));
  }

  add(path: string): void {
    this.#files.add(path);
    for (const folder of foldersOf(path)) this.#folders.add(folder);
  }
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}

/** Null where the id cannot be a path that stays below its folder and in its line of a list (trainers replace every `./` in it). */
function plainPath(id: string, folder: string): string | null {
  const parts = id.split('/').filter((part) => part !== folder);
  const plain = (part: string): boolean => part !== '' && !part.endsWith('.') && !/[\0-\x1f\x7f\u2028\u2029]/.test(part) && part.trim() === part && Buffer.byteLength(part) <= LONGEST;
  return parts.length > 0 && id.isWellFormed() && parts.every(plain) ? parts.join('/') : null;
}
