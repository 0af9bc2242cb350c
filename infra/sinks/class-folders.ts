import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { classesOf } from '../../schemas/sample.ts';
import type { Reader, StoredDecision } from '../store/types.ts';
import { writeDataset } from './dataset.ts';
import type { LeftOut } from './left-out.ts';
import type { Media } from './media.ts';
import { Names } from './names.ts';
import { selected } from './select.ts';
import { SPLITS, type Splits } from './splits.ts';
import type { FolderFormat, Selection } from './types.ts';

/** Of what belongs to no split. */
const ALL = 'images';
const FOLDERS = [ALL, ...SPLITS];
/** In bytes. */
const LONGEST = 200;

/**
 * Images in folders that are classes, as torchvision's ImageFolder, Keras and the classifiers of Ultralytics read them: `images/CLASS/…`, or `train/CLASS/…`
 * and so on where there are splits. An image whose boxes are all of one class is of that class; one without a class, or with several, has no place here.
 */
export const classFolders: FolderFormat = {
  name: 'class-folders',
  kind: 'folder',
  write: (reader, selection, to, options) =>
    writeDataset({ name: 'class-folders', entries: FOLDERS, images: FOLDERS, fill: (made, media, leftOut) => fill(reader, selection, options.splits, made, media, leftOut) }, reader, selection, to, options),
};

function fill(reader: Reader, selection: Selection, splits: Splits, made: string, media: Media, leftOut: LeftOut): void {
  const names = new Map<string, Names>();
  for (const decision of selected(reader, selection)) {
    const name = classOf(decision, leftOut);
    if (name === null) continue;
    leftOut.addBeyond(reader.origin(decision.seq));
    const folder = join(splits(decision) ?? ALL, folderOf(name, leftOut));
    const taken = names.get(folder) ?? new Names('', '');
    names.set(folder, taken);
    const { id, seq, uri } = decision;
    media.add(uri, made, join(folder, taken.take(seq, id.startsWith(`${name}/`) ? id.slice(name.length + 1) : id, uri).image));
  }
}

/** The class of the whole image; null where it has none, or several. */
function classOf({ label }: StoredDecision, leftOut: LeftOut): string | null {
  const classes = classesOf(label) ?? [];
  const [only] = classes;
  if (only === undefined) leftOut.add('images without a class');
  else if (classes.length > 1) leftOut.add('images of several classes');
  else if (Array.isArray(label)) leftOut.add('boxes', label.length);
  return classes.length === 1 && only !== undefined ? only : null;
}

/** A class that cannot be the name of a folder has one by its hash. */
function folderOf(name: string, leftOut: LeftOut): string {
  const plain = name !== '' && !name.startsWith('.') && !name.endsWith('.') && name.trim() === name && name.isWellFormed() && !/[/\\\0-\x1f\x7f]/.test(name) && Buffer.byteLength(name) <= LONGEST;
  if (plain) return name;
  leftOut.add('names of classes that no folder can have');
  return `class-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}
