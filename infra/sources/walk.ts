/**
 * The files below a folder, in the byte order of their paths.
 *
 * Names are bytes to the system. They are kept here as Latin-1 text, one character a byte: comparing such texts is comparing bytes, they
 * take half the memory, and names that are no UTF-8 survive. Cost: 1,000,000 paths of 50 bytes are 74 MB, held while the source is open.
 */
import { isUtf8 } from 'node:buffer';
import { opendir, stat } from 'node:fs/promises';
import { SluiceError } from '../../schemas/errors.ts';
import { resolveInside, type Resolved, type Root } from './inside.ts';
import { inOrder } from './listed.ts';
import { isOtherKind } from './other-kinds.ts';
import { errno, show } from './text.ts';

export interface Walked {
  /** Paths relative to the root as Latin-1 keys, sorted; a folder that could not be listed is in it with a slash at its end. */
  readonly paths: string[];
  /** Links among the paths: what they lead to is checked when they are handed out. */
  readonly links: Set<string>;
  /** Linked folders, none of which is followed (so that no circle of links can hold the walk). */
  readonly linkedFolders: string[];
  otherKinds: number;
  /** Those of other kinds that were asked for, sorted. */
  readonly others: string[];
}

/**
 * Lists all regular files that are not hidden and not plainly of another kind.
 * @param other names of files of another kind that are listed too, apart
 * @throws SluiceError SLUICE_E_SOURCE_UNKNOWN when the root itself cannot be listed
 */
export async function walk(root: Root, other: (name: string) => boolean = () => false): Promise<Walked> {
  const found: Walked = { paths: [], links: new Set(), linkedFolders: [], otherKinds: 0, others: [] };
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    try {
      await list(root, folder, folders, found, other);
    } catch (thrown) {
      if (folder === '') throw new SluiceError('SLUICE_E_SOURCE_UNKNOWN', `The folder ${show(root.path || '/')} cannot be listed (${errno(thrown) || String(thrown)}).`, { cause: thrown });
      // Gone since its name was read: nothing was there. Otherwise it shows as one dead letter, and what was listed before the fault stays.
      if (errno(thrown) !== 'ENOENT') found.paths.push(folder);
    }
  }
  found.paths.sort();
  found.others.sort();
  return found;
}

async function list(root: Root, folder: string, folders: string[], found: Walked, wanted: (name: string) => boolean): Promise<void> {
  const links: string[] = [];
  const above = Buffer.from(folder, 'latin1');
  // 'buffer' is what Node takes and @types/node does not know of; names then are Buffers.
  const entries = await opendir(systemPath(root, folder), { encoding: 'buffer' as BufferEncoding, bufferSize: 1024 });
  for await (const entry of entries) {
    const bytes = entry.name as unknown as Buffer;
    const name = bytes.toString('latin1');
    if (name.startsWith('.')) continue;
    // Joined as bytes: folder + name would keep three texts for one.
    const key = Buffer.concat([above, bytes]).toString('latin1');
    if (entry.isDirectory()) folders.push(`${key}/`);
    else if (entry.isSymbolicLink()) links.push(key);
    else if (entry.isFile() && !keep(key, name, found) && wanted(name)) found.others.push(key);
  }
  await inOrder(links, (key) => keepLink(root, key, found));
}

/** Whether it was kept. */
function keep(key: string, name: string, found: Walked): boolean {
  const other = isOtherKind(name);
  if (other) found.otherKinds += 1;
  else found.paths.push(key);
  return !other;
}

/** A link counts as what it leads to; one that leads nowhere is an item, so that it is told. */
async function keepLink(root: Root, key: string, found: Walked): Promise<void> {
  const target = await stat(systemPath(root, key)).catch(() => null);
  if (target?.isDirectory() === true) found.linkedFolders.push(key);
  else if ((target === null || target.isFile()) && keep(key, key.slice(key.lastIndexOf('/') + 1), found)) found.links.add(key);
}

function systemPath(root: Root, key: string): Buffer {
  return Buffer.concat([Buffer.from(`${root.path}/`), Buffer.from(key, 'latin1')]);
}

/** Id and absolute path of one of the walked paths, or why it cannot be taken. Regular files cost no system call: no link led to them. */
export async function walkedEntry(root: Root, found: Walked, key: string): Promise<Resolved> {
  const bytes = Buffer.from(key, 'latin1');
  if (!isUtf8(bytes)) {
    return { id: escapeBytes(bytes), error: new SluiceError('SLUICE_E_IMAGE_UNREADABLE', `The name of the file is no valid UTF-8: ${escapeBytes(bytes)}. Rename it.`) };
  }
  const id = bytes.toString('utf8');
  if (id.endsWith('/')) return { id, error: new SluiceError('SLUICE_E_IMAGE_UNREADABLE', `The folder ${show(id)} cannot be listed; what is in it was not seen.`) };
  return found.links.has(key) ? resolveInside(root, id) : { id, uri: `${root.path}/${id}` };
}

/** The Latin-1 key of an id. */
export function keyOf(id: string): string {
  return Buffer.from(id, 'utf8').toString('latin1');
}

/** Text that is one to one with the bytes: what is printable ASCII stands for itself, the rest (and the backslash) as \xHH. */
function escapeBytes(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[^ -[\]-~]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
