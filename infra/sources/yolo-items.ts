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

/** The sets of data.yaml that were found: folders as Latin-1 keys with a slash at the end (the root: ''), and the ids that lists name. */
interface Sets {
  readonly folders: readonly string[];
  readonly listed: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Narrows a walk of the folder to the images, still in byte order. With train, val or test in data.yaml: what these folders hold and these .txt
 * lists name (paths the walk has not seen are checked like links when they are handed out). Without, or when none of them is to be found:
 * everything below a folder `images`.
 */
export async function narrow(root: Root, walked: Walked, config: YoloConfig): Promise<{ walked: Walked; warnings: readonly string[] }> {
  const sets = await readSets(root, config);
  const wanted = sets === null ? belowImages : (key: string): boolean => sets.folders.some((folder) => key.startsWith(folder) || (key.endsWith('/') && folder.startsWith(key)));
  const seen = new Set(walked.paths);
  const listed = new Set((sets?.listed ?? []).map(keyOf));
  const unseen = [...listed].filter((key) => !seen.has(key));
  const paths = [...walked.paths.filter((key) => wanted(key) || listed.has(key)), ...unseen].sort();
  const fallback = sets === null && config.sets.length > 0 ? ['None of the sets that data.yaml names was found: all files below folders named images are taken.'] : [];
  return { walked: { ...walked, paths, links: new Set([...walked.links, ...unseen]) }, warnings: sets?.warnings ?? fallback };
}

/** Below a folder `images`; of folders that could not be listed (a slash at the end) all that may have held images. */
function belowImages(key: string): boolean {
  return /(?:^|\/)images\//.test(key) || (key.endsWith('/') && !/(?:^|\/)labels\//.test(key));
}

/** Null when none of them was found, or none is named. */
async function readSets(root: Root, config: YoloConfig): Promise<Sets | null> {
  const folders: string[] = [];
  const listed: string[] = [];
  const warnings: string[] = [];
  for (const set of config.sets) {
    const found = await find(root, config.path, set);
    if (found === null) warnings.push(`data.yaml names ${show(set)}, which is not there or lies outside the folder; it is left out.`);
    else if (found.kind === 'folder') folders.push(found.path === '' ? '' : `${keyOf(found.path)}/`);
    else for (const id of await readList(root, found.path)) listed.push(id);
  }
  return warnings.length === config.sets.length ? null : { folders, listed, warnings };
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
