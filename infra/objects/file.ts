/** Objects at file: URLs, in configured folders. */
import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { SluiceError } from '../../schemas/errors.ts';
import { openRegular } from '../media/regular-file.ts';
import { place, type Place } from '../sources/inside.ts';
import { errno, show } from '../sources/text.ts';
import type { Opened } from './answer.ts';

interface Folder {
  readonly given: string;
  readonly real: string;
}

const CODES = { outside: 'SLUICE_E_REFERENCE_REFUSED', special: 'SLUICE_E_REFERENCE_REFUSED', missing: 'SLUICE_E_OBJECT_MISSING', unreadable: 'SLUICE_E_IMAGE_UNREADABLE' } as const satisfies Record<Exclude<Place['at'], 'inside'>, string>;

/** @returns the folders, or what is wrong with each */
export function openFolders(roots: readonly string[]): { readonly folders: readonly Folder[]; readonly faults: readonly string[] } {
  const faults: string[] = [];
  const folders = roots.flatMap((root) => {
    try {
      const real = realpathSync(root);
      if (isAbsolute(root) && statSync(real).isDirectory()) return { given: bare(resolve(root)), real: bare(real) };
      faults.push(`the root ${show(root)} is ${isAbsolute(root) ? 'no folder' : 'not absolute'}`);
    } catch (thrown) {
      faults.push(`the root ${show(root)} cannot be reached (${errno(thrown) || 'unknown error'})`);
    }
    return [];
  });
  return { folders, faults };
}

/** Opens what a reference names below a folder, as the folder is written in the rules or by its real path. @param limit bytes */
export async function openFile(uri: string, folders: readonly Folder[], limit: number): Promise<Opened> {
  const path = pathOf(uri);
  const found = folders.flatMap(({ given, real }) => [given, real].filter((root) => path.startsWith(`${root}/`)).map((root) => ({ real, id: path.slice(root.length + 1) })))[0];
  if (found === undefined) throw refused('the file lies in no configured folder');
  // A root that remembers nothing: this process runs for months, and a folder may become a link.
  const lies = await place({ path: found.real, real: new Map() }, found.id);
  if (lies.at !== 'inside') throw new SluiceError(CODES[lies.at], lies.cause);
  try {
    return await openRegular(lies.uri, limit);
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.code === 'SLUICE_E_IMAGE_MISSING') throw new SluiceError('SLUICE_E_OBJECT_MISSING', thrown.message, { cause: thrown });
    throw thrown;
  }
}

/** `/a b/c` of `file:///a%20b/c`. Taken apart by hand: a URL would resolve `..` before anybody can refuse it. */
function pathOf(uri: string): string {
  const { path: given } = /^file:(?:\/\/)?(?<path>\/(?!\/).*)$/is.exec(uri)?.groups ?? {};
  if (given === undefined) throw refused('the reference is not of the form file:///path: absolute and without a host');
  if (/[?#]/.test(given)) throw refused('the reference has a query or a fragment; in a file name "?" is %3F and "#" is %23');
  if (/%(?:2f|00)/i.test(given) || given.includes('\0')) throw refused('the reference holds an encoded slash or a NUL character');
  let path: string;
  try {
    path = decodeURIComponent(given);
  } catch (thrown) {
    throw new SluiceError('SLUICE_E_REFERENCE_REFUSED', 'the percent-encoding of the reference is broken, or is no UTF-8', { cause: thrown });
  }
  if (path.split('/').slice(1).some((part) => part === '' || part === '.' || part === '..')) throw refused('the path has a part that is empty, "." or ".."');
  return path;
}

/** `/` itself is the empty text, as in `inside.ts`. */
function bare(path: string): string {
  return path === '/' ? '' : path;
}

function refused(cause: string): SluiceError {
  return new SluiceError('SLUICE_E_REFERENCE_REFUSED', cause);
}
