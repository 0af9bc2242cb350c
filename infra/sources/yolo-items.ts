/** Which files of a YOLO folder are its images. */
import { realpath, stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { normalise, within, type Root } from './inside.ts';
import { readText } from './json.ts';
import { show } from './text.ts';
import { keyOf, type Walked } from './walk.ts';
import type { YoloConfig } from './yolo-config.ts';

/** Lists of images are one path a line; a million of them are far below this. In bytes. */
const LARGEST_LIST = 256 * 1024 * 1024;

/** Sets of data.yaml: those that were found, as folders (Latin-1 keys with a slash at the end; the root: '') and keys that lists name. */
interface Sets {
  readonly found: number;
  readonly folders: readonly string[];
  readonly listed: ReadonlySet<string>;
  readonly warnings: readonly string[];
}

export interface Narrowed {
  readonly walked: Walked;
  readonly warnings: readonly string[];
  /** Whether nothing is known of what lies at a key, so that no label file does not mean background. */
  readonly unlabelled: (key: string) => boolean;
}

/**
 * Narrows a walk of the folder to the images, still in byte order. With train, val, test or unlabelled in data.yaml: what these folders hold and
 * these .txt lists name (paths the walk has not seen are checked like links when they are handed out). Without, or when none of them is to be found:
 * everything below a folder `images`.
 */
export async function narrow(root: Root, walked: Walked, config: YoloConfig): Promise<Narrowed> {
  const [labelled, bare] = [await readSets(root, config.path, config.sets), await readSets(root, config.path, config.unlabelled)];
  const none = labelled.found + bare.found === 0;
  const wanted = none ? belowImages : (key: string): boolean => holds(labelled, key) || holds(bare, key);
  const seen = new Set(walked.paths);
  const unseen = [...new Set([...labelled.listed, ...bare.listed])].filter((key) => !seen.has(key));
  const paths = [...walked.paths.filter(wanted), ...unseen].sort();
  const fallback = config.sets.length > 0 ? ['None of the sets that data.yaml names was found: all files below folders named images are taken.'] : [];
  return {
    walked: { ...walked, paths, links: new Set([...walked.links, ...unseen]) },
    warnings: none ? fallback : [...labelled.warnings, ...bare.warnings],
    unlabelled: (key) => holds(bare, key) && !holds(labelled, key),
  };
}

/** A folder that could not be listed (a slash at the end) may have held what is above or below it. */
function holds({ folders, listed }: Sets, key: string): boolean {
  return listed.has(key) || folders.some((folder) => key.startsWith(folder) || (key.endsWith('/') && folder.startsWith(key)));
}

/** Below a folder `images`; of folders that could not be listed (a slash at the end) all that may have held images. */
function belowImages(key: string): boolean {
  return /(?:^|\/)images\//.test(key) || (key.endsWith('/') && !/(?:^|\/)labels\//.test(key));
}

async function readSets(root: Root, path: string | null, names: readonly string[]): Promise<Sets> {
  const folders: string[] = [];
  const listed = new Set<string>();
  const warnings: string[] = [];
  for (const name of names) {
    const found = await find(root, path, name);
    if (found === null) warnings.push(`data.yaml names ${show(name)}, which is not there or lies outside the folder; it is left out.`);
    else if (found.kind === 'folder') folders.push(found.path === '' ? '' : `${keyOf(found.path)}/`);
    else for (const id of await readList(root, found.path)) listed.add(keyOf(id));
  }
  return { found: names.length - warnings.length, folders, listed, warnings };
}

/**
 * Ultralytics takes sets as relative to `path`, and `path` as relative to a settings folder of the machine; Roboflow writes `../train/images` for
 * what lies beside data.yaml. So: below `path`, below the folder, without `../`; the first that is there and inside.
 */
async function find(root: Root, path: string | null, set: string): Promise<{ readonly kind: 'folder' | 'list'; readonly path: string } | null> {
  const base = root.path || '/';
  if (set.includes('\0') || path?.includes('\0') === true) return null;
  for (const candidate of [resolve(base, path ?? '', set), resolve(base, set), resolve(base, set.replace(/^(?:\.\.\/)+/, ''))]) {
    const real = await realpath(candidate).catch(() => null);
    if (real === null || !within(root, real)) continue;
    const stats = await stat(real);
    if (stats.isDirectory()) return { kind: 'folder', path: relative(base, real) };
    if (stats.isFile() && real.endsWith('.txt')) return { kind: 'list', path: relative(base, real) };
  }
  return null;
}

/** Lines that begin with `./` are relative to the list, absolute ones and all others to the YOLO folder. What leads out is kept as it is, to be refused as an item. */
async function readList(root: Root, list: string): Promise<string[]> {
  const text = await readText(`${root.path}/${list}`, LARGEST_LIST);
  const folder = list.slice(0, list.lastIndexOf('/') + 1);
  const ids: string[] = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    const path = line.trim();
    if (path === '') continue;
    const inside = path.startsWith(`${root.path}/`) ? path.slice(root.path.length + 1) : path;
    ids.push(normalise(path.startsWith('./') ? folder + path : inside) ?? path);
  }
  return ids;
}
