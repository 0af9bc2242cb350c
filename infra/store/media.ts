/** Admitted pictures that are no files of their own, in the output folder: under the SHA-256 of their bytes, so that the same picture is there once. */
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import type { Media } from '../../operators/ports.ts';
import { formatOf } from '../media/format.ts';
import { storeFailure } from './failure.ts';
import { makeFolders, syncFolder } from './folders.ts';

interface Picture {
  readonly bytes: Uint8Array;
  readonly digest: string;
}

export class MediaFolder implements Media {
  readonly #folder: string;
  /** Null until somebody asked for it. */
  #bytes: number | null = null;

  /** @param dir the output folder. Of one process at a time, as the folder is */
  constructor(dir: string) {
    this.#folder = join(resolve(dir), 'media');
  }

  /** A file comes to its name whole, when the disk has it. */
  async keep(pictures: readonly Picture[]): Promise<readonly string[]> {
    const place = ({ bytes, digest }: Picture): string => this.#place(digest, extensionOf(bytes));
    const lacking = [...new Map(pictures.map((picture) => [place(picture), picture.bytes]))].filter(([path]) => statSync(path, { throwIfNoEntry: false }) === undefined);
    try {
      const folders = new Set(lacking.map(([path]) => dirname(path)));
      for (const folder of folders) makeFolders(folder);
      await settled(lacking.map(([path, bytes]) => write(temporary(path), bytes)));
      for (const [path, bytes] of lacking) {
        renameSync(temporary(path), path);
        if (this.#bytes !== null) this.#bytes += bytes.length;
      }
      if (folders.size > 0) for (const folder of [...folders, this.#folder, dirname(this.#folder)]) syncFolder(folder);
    } catch (thrown) {
      await Promise.allSettled(lacking.map(([path]) => rm(temporary(path), { force: true })));
      throw storeFailure(thrown, this.#folder);
    }
    return pictures.map(place);
  }

  /** Takes pictures away, for good once it returns. @returns how many there were */
  remove(digests: readonly string[]): number {
    const found = digests.flatMap((digest) => EXTENSIONS.map((extension) => this.#place(digest, extension))).filter((path) => [path, temporary(path)].some((each) => statSync(each, { throwIfNoEntry: false }) !== undefined));
    try {
      for (const path of found) {
        if (this.#bytes !== null) this.#bytes -= statSync(path, { throwIfNoEntry: false })?.size ?? 0;
        for (const each of [path, temporary(path)]) rmSync(each, { force: true });
      }
      for (const folder of new Set(found.map((path) => dirname(path)))) syncFolder(folder);
    } catch (thrown) {
      throw storeFailure(thrown, this.#folder);
    }
    return found.length;
  }

  /** Of all pictures. The folder is looked through once; then they are counted as they come and go. */
  get bytes(): number {
    this.#bytes ??= sizeOf(this.#folder);
    return this.#bytes;
  }

  #place(digest: string, extension: string): string {
    return join(this.#folder, digest.slice(0, 2), digest + extension);
  }
}

function sizeOf(folder: string): number {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return 0;
  let bytes = 0;
  for (const inner of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, inner.name);
    bytes += inner.isDirectory() ? sizeOf(path) : (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  }
  return bytes;
}

/** Whether a picture lies in a folder of media. @param digest of it */
export function isKept(uri: string, digest: string): boolean {
  return uri.slice(0, -extname(uri).length || undefined).endsWith(join('media', digest.slice(0, 2), digest));
}

const BY_FORMAT: Readonly<Record<string, string>> = { jpeg: '.jpg', png: '.png', gif: '.gif', tiff: '.tif', webp: '.webp', heif: '.avif' };
const EXTENSIONS = Object.values(BY_FORMAT);

/** Only what could be decoded is kept. */
function extensionOf(bytes: Uint8Array): string {
  return BY_FORMAT[formatOf(bytes) ?? ''] ?? '.jpg';
}

/** The same each time: what a process that was killed has left is written over. */
function temporary(path: string): string {
  return `${path}.tmp`;
}

/** Fails only when nothing is under way any more. */
async function settled(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}
