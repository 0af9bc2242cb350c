/**
 * The one rule on paths: an item lies inside the root of its source, by its name and by its real path.
 * Every source goes through `resolveInside`, or through `place` for a path it has made itself.
 *
 * The check holds for the moment it is made. Who can swap files for links while a run reads them is not kept out by it.
 */
import { lstat, realpath, stat } from 'node:fs/promises';
import { SluiceError } from '../../schemas/errors.ts';
import { errno, show, storable } from './text.ts';

const DIRECTORIES_KEPT = 4096;

export interface Root {
  /** Real absolute path, without a slash at the end (but for `/` itself, which is the empty text). */
  readonly path: string;
  /** Real paths of directories seen so far: one system call a directory instead of one a file. */
  readonly real: Map<string, Promise<string>>;
}

/** What a path inside a source leads to. */
export type Place =
  | { readonly at: 'inside'; readonly uri: string; readonly size: number }
  | { readonly at: 'outside' | 'missing' | 'special' | 'unreadable'; readonly cause: string };

export type Resolved = { readonly id: string; readonly uri: string } | { readonly id: string; readonly error: SluiceError };

/** @throws SluiceError SLUICE_E_CONFIG_INVALID when it is no folder that can be reached */
export async function openRoot(folder: string): Promise<Root> {
  try {
    const path = await realpath(folder);
    if (!(await stat(path)).isDirectory()) throw new SluiceError('SLUICE_E_CONFIG_INVALID', `The root ${show(folder)} is no folder.`);
    return { path: path === '/' ? '' : path, real: new Map() };
  } catch (thrown) {
    if (thrown instanceof SluiceError) throw thrown;
    const why = errno(thrown) === 'ENOENT' ? 'is not there' : `cannot be reached (${errno(thrown) || String(thrown)})`;
    throw new SluiceError('SLUICE_E_CONFIG_INVALID', `The root ${show(folder)} ${why}.`, { cause: thrown });
  }
}

/**
 * A relative path in the one form that serves as id: no empty, `.` or `..` parts. Unicode is left as it is: two normal forms are two names.
 * Null for what cannot lie inside: absolute, with a NUL, or climbing above the root on its way.
 */
export function normalise(given: string): string | null {
  if (given.startsWith('/') || given.includes('\0')) return null;
  const parts: string[] = [];
  for (const part of given.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join('/');
}

/** Id and absolute path of what a manifest names, or why it cannot be taken. Costs one lstat a file and one realpath a directory. */
export async function resolveInside(root: Root, given: string): Promise<Resolved> {
  const id = normalise(given);
  if (id === null) {
    const why = given.includes('\0') ? 'holds a NUL character' : given.startsWith('/') ? 'is absolute' : 'climbs above the root';
    return { id: storable(given), error: new SluiceError('SLUICE_E_PATH_OUTSIDE_ROOT', `The path ${show(given)} ${why}.`) };
  }
  if (!id.isWellFormed()) return { id: storable(id), error: new SluiceError('SLUICE_E_ROW_INVALID', `The path ${show(given)} is no valid Unicode.`) };
  const found = await place(root, id);
  return found.at === 'inside' ? { id, uri: found.uri } : { id: id === '' ? storable(given) : id, error: placeError(found) };
}

const CODES = {
  outside: 'SLUICE_E_PATH_OUTSIDE_ROOT',
  missing: 'SLUICE_E_IMAGE_MISSING',
  special: 'SLUICE_E_IMAGE_MISSING',
  unreadable: 'SLUICE_E_IMAGE_UNREADABLE',
} as const;

function placeError(found: Exclude<Place, { at: 'inside' }>): SluiceError {
  return new SluiceError(CODES[found.at], found.cause);
}

/**
 * Where an id leads, links followed. What could not be looked at is never `inside`: a source that hands out only what is, stays in its root.
 * @param id in the form `normalise` gives
 */
export async function place(root: Root, id: string): Promise<Place> {
  const uri = `${root.path}/${id}`;
  const outside: Place = { at: 'outside', cause: `${show(id)} is a link, or lies behind one, that leads out of the root.` };
  try {
    if (!within(root, await realDirectory(root, id.slice(0, Math.max(0, id.lastIndexOf('/')))))) return outside;
    let stats = await lstat(uri);
    if (stats.isSymbolicLink()) {
      const target = await realpath(uri);
      if (!within(root, target)) return outside;
      stats = await stat(target);
    }
    if (!stats.isFile()) return { at: 'special', cause: `${show(id)} is ${stats.isDirectory() ? 'a folder' : 'no regular file'}.` };
    return { at: 'inside', uri, size: stats.size };
  } catch (thrown) {
    return unreached(id, thrown);
  }
}

function unreached(id: string, thrown: unknown): Place {
  const code = errno(thrown);
  if (code === 'ENOENT' || code === 'ENOTDIR') return { at: 'missing', cause: `There is no file ${show(id)}, or it is a link to nothing.` };
  if (code === 'ELOOP') return { at: 'missing', cause: `${show(id)} is a link that leads in a circle.` };
  if (code === 'ENAMETOOLONG') return { at: 'missing', cause: `${show(id)} is too long to be the name of a file.` };
  return { at: 'unreadable', cause: `${show(id)} cannot be reached (${code || String(thrown)}).` };
}

/** Whether a real path is the root or lies below it. */
export function within(root: Root, real: string): boolean {
  return real === root.path || real.startsWith(`${root.path}/`);
}

function realDirectory(root: Root, folder: string): Promise<string> {
  const known = root.real.get(folder);
  if (known !== undefined) return known;
  const asked = realpath(`${root.path}/${folder}`);
  if (root.real.size >= DIRECTORIES_KEPT) root.real.clear();
  root.real.set(folder, asked);
  // A failure is not kept: the folder may be there the next time. The caller gets the same rejection.
  asked.catch(() => root.real.delete(folder));
  return asked;
}
