/** Where the parts of a COCO data set lie: its annotation file in a folder, and its images beside that. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SluiceError } from '../../schemas/errors.ts';
import { show } from './text.ts';

/** What COCO calls the folder of its files, and the files of objects in it; those of keypoints, captions and panoptics are others. */
const FOLDER = 'annotations';
const INSTANCES = /^instances.*\.json$/;

/** Names of the annotation files of a folder that is laid out as COCO is. */
export async function instancesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, FOLDER)).catch((): string[] => []);
  return names.filter((name) => INSTANCES.test(name)).sort();
}

/** @throws SluiceError SLUICE_E_SOURCE_UNKNOWN where a folder has none, or several */
export async function annotationFile(location: string): Promise<string> {
  if (!(await stat(location)).isDirectory()) return location;
  const [only, ...more] = await instancesIn(location);
  if (only === undefined) throw new SluiceError('SLUICE_E_SOURCE_UNKNOWN', `${show(location)} has no ${FOLDER}/instances….json.`);
  if (more.length > 0) throw new SluiceError('SLUICE_E_SOURCE_UNKNOWN', `${show(location)} has several annotation files; give the one that is meant: ${[only, ...more].map((name) => show(join(FOLDER, name))).join(', ')}.`);
  return join(location, FOLDER, only);
}

/**
 * What the `file_name`s of an annotation file are relative to, where nobody says: its own folder; of one in `annotations` also the folders beside that which COCO and its
 * exports use (`images`, `val2017` of `instances_val2017.json`), the first in which the first image is.
 * @param first its `file_name`; null where there is none
 */
export async function imagesOf(file: string, first: string | null): Promise<string> {
  const own = dirname(file);
  if (first === null || basename(own) !== FOLDER) return own;
  const beside = dirname(own);
  const part = /^instances_(.+)\.json$/.exec(basename(file))?.[1];
  const parts = part === undefined ? [] : [join(beside, part), join(beside, 'images', part)];
  for (const folder of [own, ...parts, join(beside, 'images'), beside]) {
    if ((await stat(join(folder, first)).catch(() => null))?.isFile() === true) return folder;
  }
  return own;
}
