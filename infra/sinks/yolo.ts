import { mkdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../../schemas/errors.ts';
import type { Box } from '../../schemas/sample.ts';
import type { Reader, StoredDecision } from '../store/types.ts';
import { writeDataset, writeSmall } from './dataset.ts';
import { type LeftOut, POLYGONS_OR_KEYPOINTS } from './left-out.ts';
import { outlinesOf } from './outlines.ts';
import { TextFile } from './output.ts';
import { selected } from './select.ts';
import { SPLITS, type Splits } from './splits.ts';
import type { FolderFormat, Selection } from './types.ts';
import { type Classes, numberClasses } from './yolo-classes.ts';
import type { Media } from './media.ts';
import { labelText } from './yolo-label.ts';
import { Names } from './names.ts';

/** The first line of data.yaml: a folder with it may be replaced by the next export. */
const MARK = '# Written by sluice export --format yolo; the next export to this folder replaces all of it.';
const LISTS = [...SPLITS, 'unlabelled'] as const;
type List = (typeof LISTS)[number];

interface Survey {
  readonly classes: Classes;
  /** `kpt_shape` of the first source that has one. */
  readonly keypoints: readonly number[] | null;
  /** Whether objects are written as polygons. */
  readonly polygons: boolean;
}

/**
 * A folder as Ultralytics' trainers read it: `data.yaml`, lists of images relative to it, `labels/`, and `images/` with hard links to the media
 * (trainers look for the labels of `…/images/x.jpg` in `…/labels/x.txt`). Validation items go to val.txt; items of which nothing is known go to
 * unlabelled.txt, since a trainer would take them for background. Wherever it is moved, the folder is a source that gives the same labels again.
 */
export const yolo: FolderFormat = folder('yolo', false);

/** The same for training on polygons: each object is one, a box its four corners, since trainers take no folder that mixes them. */
export const yoloSegment: FolderFormat = folder('yolo-segment', true);

function folder(name: string, polygons: boolean): FolderFormat {
  return {
    name,
    kind: 'folder',
    async write(reader, selection, to, options) {
      const found = { ...survey(reader, selection), polygons };
      const entries = ['data.yaml', 'images', 'labels', ...LISTS.map((list) => `${list}.txt`)];
      const plan = { name, mark: { file: 'data.yaml', line: MARK }, entries, images: ['images'] };
      return await writeDataset({ ...plan, fill: (made, media, leftOut) => fill(reader, selection, options.splits, found, media, leftOut, made) }, reader, selection, to, options);
    },
  };
}

/** @throws SluiceError SLUICE_E_UNSUPPORTED for a class without boxes */
function survey(reader: Reader, selection: Selection): Omit<Survey, 'polygons'> {
  const used = new Set<string>();
  for (const { id, label } of selected(reader, selection)) {
    if (typeof label === 'string') throw new SluiceError('SLUICE_E_UNSUPPORTED', `The yolo format takes boxes, but ${JSON.stringify(id)} has the class ${JSON.stringify(label)} for the whole image; export it as class-folders (which YOLO's classifiers read), jsonl, csv or coco.`);
    for (const box of label ?? []) used.add(box.class);
  }
  const headers = reader.headers().map(({ header }): unknown => JSON.parse(header));
  const shapes = headers.map((header) => (typeof header === 'object' && header !== null && 'kpt_shape' in header ? header.kpt_shape : null));
  return { classes: numberClasses(headers, used), keypoints: shapes.find((shape): shape is number[] => Array.isArray(shape) && shape.every((side) => typeof side === 'number')) ?? null };
}

function fill(reader: Reader, selection: Selection, splits: Splits, found: Survey, media: Media, leftOut: LeftOut, made: string): void {
  mkdirSync(join(made, 'images'));
  mkdirSync(join(made, 'labels'));
  const lists = Object.fromEntries(LISTS.map((list) => [list, new TextFile(join(made, `${list}.txt`))])) as Record<List, TextFile>;
  const filled = new Set<List>();
  try {
    const names = new Names('images', '.txt');
    for (const decision of selected(reader, selection)) {
      const origin = reader.origin(decision.seq);
      const text = typeof decision.label === 'string' ? null : textOf(decision, decision.label, origin, found, leftOut);
      const list = decision.label === null && text === null ? 'unlabelled' : (splits(decision) ?? 'train');
      // What begins with ./ is relative to the list, for trainers and for the YOLO source.
      lists[list].add(`./images/${place(decision, text, names, media, made)}\n`);
      filled.add(list);
    }
    for (const list of LISTS) lists[list].finish(true);
  } finally {
    for (const list of LISTS) lists[list].close();
  }
  for (const list of ['val', 'test', 'unlabelled'] as const) if (!filled.has(list)) unlinkSync(join(made, `${list}.txt`));
  writeYaml(join(made, 'data.yaml'), found, filled);
}

/** What came from YOLO goes back as it was, with all that it has. */
function textOf({ quality }: StoredDecision, boxes: readonly Box[] | null, origin: string | null, { classes, polygons }: Survey, leftOut: LeftOut): string | null {
  if (!polygons) {
    leftOut.addBeyond(origin, [POLYGONS_OR_KEYPOINTS]);
    return labelText(boxes, quality, origin, classes);
  }
  const outlines = outlinesOf(origin, boxes ?? [], quality);
  leftOut.addBeyondPolygons(origin, outlines.kind === 'polygons' ? outlines : { ...outlines, lost: 0 });
  return labelText(boxes, quality, origin, classes, outlines.of);
}

/** Links the image and writes its label file. @returns the path below `images/` */
function place({ seq, id, uri }: StoredDecision, text: string | null, names: Names, media: Media, made: string): string {
  const { image, label } = names.take(seq, id, uri);
  media.add(uri, made, join('images', image));
  if (text !== null) writeSmall(join(made, 'labels', label), text);
  return image;
}

function writeYaml(path: string, { classes, keypoints }: Survey, filled: ReadonlySet<List>): void {
  const file = new TextFile(path);
  try {
    const val = filled.has('val') ? 'val: val.txt' : '# val: no item was assigned to validation (see --validation-share); name a list of your own here';
    const test = filled.has('test') ? 'test: test.txt\n' : '';
    const unlabelled = filled.has('unlabelled') ? 'unlabelled: unlabelled.txt\n' : '';
    const shape = keypoints === null ? '' : `kpt_shape: ${JSON.stringify(keypoints)}\n`;
    file.add(`${MARK}\ntrain: train.txt\n${val}\n${test}${unlabelled}${shape}nc: ${classes.names.length}\nnames:${classes.names.length === 0 ? ' {}' : ''}\n`);
    // A JSON string is a YAML string.
    classes.names.forEach((name, number) => file.add(`  ${number}: ${JSON.stringify(name.toWellFormed())}\n`));
    file.finish(true);
  } finally {
    file.close();
  }
}
