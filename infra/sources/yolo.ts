import { readFile } from 'node:fs/promises';
import { isUtf8 } from 'node:buffer';
import type { Entry, Fit } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { passedOver } from './folder.ts';
import { openRoot, place, type Root } from './inside.ts';
import { readText } from './json.ts';
import { listedSource } from './listed.ts';
import { errno, show } from './text.ts';
import { FILE_FIT, type OpenedSource } from './types.ts';
import { walk, walkedEntry } from './walk.ts';
import { NO_CONFIG, parseYoloConfig, type YoloConfig } from './yolo-config.ts';
import { narrow } from './yolo-items.ts';
import { parseYoloLabel } from './yolo-label.ts';

const LARGEST_CONFIG = 16 * 1024 * 1024;
/** A label file is a few lines. In bytes. */
const LARGEST_LABEL = 16 * 1024 * 1024;

/** What an image's label file held, for an export that gives it back: the text itself (null: no file) and the names of the classes in it. */
interface YoloOrigin {
  readonly text: string | null;
  readonly names: Readonly<Record<string, string>>;
}

/**
 * A YOLO folder in Ultralytics' layout: images and, for each, a label file of the same name with `.txt`, its last folder `images` replaced by `labels`.
 * Labels are boxes relative to the image; no label file means background, which is an empty list of boxes, or in the set `unlabelled` nothing at all.
 * A bad line is left out of the label and told in `faults`; a label file that cannot be read makes its image a dead letter. Ids are relative to the folder, in byte order.
 * @throws SluiceError SLUICE_E_SOURCE_UNKNOWN when it cannot be listed, SLUICE_E_SOURCE_SYNTAX for data.yaml
 */
export async function openYolo(folder: string, fit: Fit = FILE_FIT): Promise<OpenedSource> {
  const root = await openRoot(folder);
  const config = await readConfig(root);
  const { walked, warnings, unlabelled } = await narrow(root, await walk(root), config);
  const entry = async (index: number): Promise<Entry> => {
    const key = walked.paths[index] ?? '';
    const item = await walkedEntry(root, walked, key);
    return 'error' in item ? item : labelled(root, config, item, unlabelled(key) ? null : []);
  };
  return listedSource({
    identity: `yolo:${root.path || '/'}`,
    fit,
    header: JSON.stringify({ names: Object.fromEntries(config.names ?? []), ...(config.keypoints === null ? {} : { kpt_shape: config.keypoints }) }),
    count: walked.paths.length,
    entry,
    warnings: [...warnings, ...passedOver(walked, false)],
  });
}

async function readConfig(root: Root): Promise<YoloConfig> {
  try {
    return parseYoloConfig(await readText(`${root.path}/data.yaml`, LARGEST_CONFIG), 'data.yaml');
  } catch (thrown) {
    if (thrown instanceof SluiceError && errno(thrown.cause) === 'ENOENT') return NO_CONFIG;
    throw thrown;
  }
}

/** Where the label file of an image is expected. Without a folder `images` above it, beside the image. */
export function labelPath(id: string): string {
  const slash = id.lastIndexOf('/') + 1;
  const [folder, name] = [id.slice(0, slash), id.slice(slash)];
  const dot = name.lastIndexOf('.');
  return `${folder.replace(/^(.*\/)?images\//s, '$1labels/')}${dot > 0 ? name.slice(0, dot) : name}.txt`;
}

/** @param bare what the label is where there is no label file */
async function labelled(root: Root, config: YoloConfig, item: { readonly id: string; readonly uri: string }, bare: readonly [] | null): Promise<Entry> {
  const { id, uri } = item;
  const path = labelPath(id);
  const bad = (cause: string): Entry => ({ id, error: new SluiceError('SLUICE_E_LABEL_INVALID', cause) });
  const found = await place(root, path);
  if (found.at === 'outside') return { id, error: new SluiceError('SLUICE_E_PATH_OUTSIDE_ROOT', `The label file: ${found.cause}`) };
  if (found.at === 'special' || found.at === 'unreadable') return bad(`The label file: ${found.cause}`);
  let text: string | null = null;
  if (found.at === 'inside') {
    if (found.size > LARGEST_LABEL) return bad(`${path} has ${found.size} bytes; label files are read up to ${LARGEST_LABEL}.`);
    const bytes = await readFile(found.uri).catch((thrown: unknown) => errno(thrown) || String(thrown));
    if (typeof bytes === 'string') return bad(`The label file ${show(path)} cannot be read (${bytes}).`);
    if (!isUtf8(bytes)) return bad(`${path} is not UTF-8.`);
    text = bytes.toString('utf8');
  }
  const { label, faults, classes } = parseYoloLabel(text ?? '', path, config.names, config.keypoints === null ? 0 : config.keypoints[0] * config.keypoints[1]);
  const origin: YoloOrigin = { text, names: Object.fromEntries(classes.flatMap((number) => nameOf(config, number))) };
  return { sample: { id, uri, stream: 'default', time: null, label: text === null ? bare : label, ...(faults.length > 0 ? { faults } : {}), origin: JSON.stringify(origin) } };
}

function nameOf(config: YoloConfig, number: number): [string, string][] {
  const name = config.names?.get(number);
  return name === undefined ? [] : [[String(number), name]];
}
