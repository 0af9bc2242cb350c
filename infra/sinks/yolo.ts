import { mkdirSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SluiceError } from '../../schemas/errors.ts';
import type { Reader, StoredDecision } from '../store/types.ts';
import { replaceFolder } from './folder.ts';
import { TextFile } from './output.ts';
import { selected } from './select.ts';
import type { FolderFormat, Selection } from './types.ts';
import { type Classes, numberClasses } from './yolo-classes.ts';
import { Images } from './yolo-images.ts';
import { labelText } from './yolo-label.ts';
import { Names } from './yolo-names.ts';
import { makeFolders } from '../store/folders.ts';

/** The first line of data.yaml: a folder with it may be replaced by the next export. */
const MARK = '# Written by sluice export --format yolo; the next export to this folder replaces all of it.';
const LISTS = ['train', 'val', 'unlabelled'] as const;
type List = (typeof LISTS)[number];

interface Survey {
  readonly classes: Classes;
  /** `kpt_shape` of the first source that has one. */
  readonly keypoints: readonly number[] | null;
}

/**
 * A folder as Ultralytics' trainers read it: `data.yaml`, lists of images relative to it, `labels/`, and `images/` with hard links to the media
 * (trainers look for the labels of `…/images/x.jpg` in `…/labels/x.txt`). Validation items go to val.txt; items of which nothing is known go to
 * unlabelled.txt, since a trainer would take them for background. Wherever it is moved, the folder is a source that gives the same labels again.
 */
export const yolo: FolderFormat = {
  name: 'yolo',
  kind: 'folder',
  write(reader, selection, to) {
    const found = survey(reader, selection);
    const images = new Images();
    const entries = ['data.yaml', 'images', 'labels', ...LISTS.map((list) => `${list}.txt`)];
    replaceFolder(to, { mark: { file: 'data.yaml', line: MARK }, entries, links: 'images' }, (made) => fill(reader, selection, found, images, made));
    return images.warnings(join(to, 'images'));
  },
};

/** @throws SluiceError SLUICE_E_UNSUPPORTED for a class without boxes */
function survey(reader: Reader, selection: Selection): Survey {
  const used = new Set<string>();
  for (const { id, label } of selected(reader, selection)) {
    if (typeof label === 'string') throw new SluiceError('SLUICE_E_UNSUPPORTED', `The yolo format takes boxes, but ${JSON.stringify(id)} has the class ${JSON.stringify(label)} for the whole image; export it as jsonl, csv or coco.`);
    for (const box of label ?? []) used.add(box.class);
  }
  const headers = reader.headers().map(({ header }): unknown => JSON.parse(header));
  const shapes = headers.map((header) => (typeof header === 'object' && header !== null && 'kpt_shape' in header ? header.kpt_shape : null));
  return { classes: numberClasses(headers, used), keypoints: shapes.find((shape): shape is number[] => Array.isArray(shape) && shape.every((side) => typeof side === 'number')) ?? null };
}

function fill(reader: Reader, selection: Selection, found: Survey, images: Images, made: string): void {
  mkdirSync(join(made, 'images'));
  mkdirSync(join(made, 'labels'));
  const lists = Object.fromEntries(LISTS.map((list) => [list, new TextFile(join(made, `${list}.txt`))])) as Record<List, TextFile>;
  const filled = new Set<List>();
  try {
    const names = new Names();
    for (const decision of selected(reader, selection)) {
      const text = typeof decision.label === 'string' ? null : labelText(decision.label, decision.quality, reader.origin(decision.seq), found.classes);
      const list = listOf(decision, text);
      // What begins with ./ is relative to the list, for trainers and for the YOLO source.
      lists[list].add(`./images/${place(decision, text, names, images, made)}\n`);
      filled.add(list);
    }
    for (const list of LISTS) lists[list].finish(true);
  } finally {
    for (const list of LISTS) lists[list].close();
  }
  for (const list of ['val', 'unlabelled'] as const) if (!filled.has(list)) unlinkSync(join(made, `${list}.txt`));
  writeYaml(join(made, 'data.yaml'), found, filled);
}

/** @param text of its label file: one without a good line is still its own */
function listOf({ label, split }: StoredDecision, text: string | null): List {
  if (label === null && text === null) return 'unlabelled';
  return split === 'validation' ? 'val' : 'train';
}

/** Links the image and writes its label file. @returns the path below `images/` */
function place({ seq, id, uri }: StoredDecision, text: string | null, names: Names, images: Images, made: string): string {
  const { image, label } = names.take(seq, id, uri);
  images.add(uri, join(made, 'images', image));
  if (text !== null) writeLabel(join(made, 'labels', label), text);
  return image;
}

/** Not synced one by one: ten thousand times that takes minutes, and the export can be made again. */
function writeLabel(path: string, text: string): void {
  makeFolders(dirname(path));
  const file = new TextFile(path);
  try {
    file.add(text);
    file.finish(false);
  } finally {
    file.close();
  }
}

function writeYaml(path: string, { classes, keypoints }: Survey, filled: ReadonlySet<List>): void {
  const file = new TextFile(path);
  try {
    const val = filled.has('val') ? 'val: val.txt' : '# val: no item was assigned to validation (see --validation-share); name a list of your own here';
    const unlabelled = filled.has('unlabelled') ? 'unlabelled: unlabelled.txt\n' : '';
    const shape = keypoints === null ? '' : `kpt_shape: ${JSON.stringify(keypoints)}\n`;
    file.add(`${MARK}\ntrain: train.txt\n${val}\n${unlabelled}${shape}nc: ${classes.names.length}\nnames:${classes.names.length === 0 ? ' {}' : ''}\n`);
    // A JSON string is a YAML string.
    classes.names.forEach((name, number) => file.add(`  ${number}: ${JSON.stringify(name.toWellFormed())}\n`));
    file.finish(true);
  } finally {
    file.close();
  }
}
