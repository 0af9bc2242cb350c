import { stat } from 'node:fs/promises';
import { extname, isAbsolute, join, resolve } from 'node:path';
import { SluiceError } from '../../schemas/errors.ts';
import { openCoco } from './coco.ts';
import { openCsv } from './csv.ts';
import { openFolder } from './folder.ts';
import { withLabels } from './labels.ts';
import { errno, show } from './text.ts';
import type { OpenedSource, SourceOptions } from './types.ts';
import { openVideo } from './video.ts';
import { openVoc } from './voc.ts';
import { openYolo } from './yolo.ts';

const VIDEO: ReadonlySet<string> = new Set(['.mp4', '.m4v', '.avi', '.mkv', '.mov', '.webm', '.mpg', '.mpeg', '.wmv', '.flv', '.mts', '.m2ts', '.3gp', '.ogv']);

/**
 * Opens whatever a location is, told by looking: a CSV manifest (.csv), a COCO JSON (.json), a YOLO folder (one with data.yaml, or with `images` and
 * `labels` side by side), a Pascal VOC folder (`Annotations` and `JPEGImages`), a video by its extension, else a plain folder.
 * @throws SluiceError SLUICE_E_SOURCE_UNKNOWN (nothing there, or nothing Sluice can read), SLUICE_E_FFMPEG (a video, and nothing to
 * read it with), SLUICE_E_SOURCE_SYNTAX (broken manifest, annotation or label file), SLUICE_E_CONFIG_INVALID (root or label file not there, fps of what is no video); all before anything is handed out
 */
export async function openSource(location: string, options: SourceOptions = {}): Promise<OpenedSource> {
  const source = await openBare(location, options);
  return options.labels === undefined ? source : withLabels(source, options.labels);
}

async function openBare(location: string, { root, fit, fps, predictions, glimpses }: SourceOptions): Promise<OpenedSource> {
  const stats = await stat(location).catch((thrown: unknown) => unreachable(location, thrown));
  const extension = extname(location).toLowerCase();
  const isVideo = stats.isFile() && VIDEO.has(extension);
  if (fps !== undefined && !isVideo) throw new SluiceError('SLUICE_E_CONFIG_INVALID', `--fps is for videos, and ${show(location)} is none.`);
  if (predictions !== undefined && extension !== '.json') throw new SluiceError('SLUICE_E_CONFIG_INVALID', `--predictions is for a COCO JSON, whose ids it names, and ${show(location)} is none.`);
  const told = (what: string): readonly string[] => (root === undefined ? [] : [`--root says nothing for ${what}.`]);
  if (isVideo) return await openVideo(location, fps ?? null, fit, told('a video: its ids begin with its own name'), glimpses);
  if (stats.isDirectory()) {
    const open = (await isYolo(location)) ? openYolo : (await hasFolders(location, 'Annotations', 'JPEGImages')) ? openVoc : openFolder;
    const source = await open(location, fit);
    return { ...source, warnings: () => [...told('a folder: ids are relative to the folder itself'), ...source.warnings()] };
  }
  if (!stats.isFile()) throw new SluiceError('SLUICE_E_SOURCE_UNKNOWN', `${show(location)} is neither a file nor a folder.`);
  if (extension === '.csv') return openCsv(location, root, fit);
  if (extension === '.json') return openCoco(location, root, fit, predictions);
  throw new SluiceError('SLUICE_E_SOURCE_UNKNOWN', `${show(location)} is no folder, no .csv manifest, no COCO .json and no video (${[...VIDEO].join(' ')}).`);
}

function unreachable(location: string, thrown: unknown): never {
  const why = errno(thrown) === 'ENOENT' || errno(thrown) === 'ENOTDIR' ? 'There is nothing at' : `(${errno(thrown) || String(thrown)}) Nothing can be read at`;
  throw new SluiceError('SLUICE_E_SOURCE_UNKNOWN', `${why} ${show(location)}${isAbsolute(location) ? '' : ` (${show(resolve(location))})`}.`, { cause: thrown });
}

async function isYolo(folder: string): Promise<boolean> {
  const config = await stat(join(folder, 'data.yaml')).catch(() => null);
  return config?.isFile() === true || hasFolders(folder, 'images', 'labels');
}

async function hasFolders(folder: string, ...names: readonly string[]): Promise<boolean> {
  const found = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => null)));
  return found.every((stats) => stats?.isDirectory() === true);
}
