import { basename } from 'node:path';
import { FaultCounts, type AnnotationFaults } from '../../schemas/annotations.ts';
import { CocoIndex } from './coco-index.ts';
import { idOf, isFields, type Id } from './coco-values.ts';
import { Faults } from './faults.ts';
import type { Json } from './json.ts';
import { parsePart, PartReader, readParts } from './json-parts.ts';
import { show } from './text.ts';

/** Faults that are told one by one. */
const TOLD = 20;
/** Causes of stray annotations that are looked up. */
const CAUSES = 10;

/**
 * A COCO JSON whose structure has been checked. Single images and annotations are read from the file when they are asked for, and checked then.
 * Held: about 100 bytes an image and 24 an annotation, and what is neither.
 */
export interface CocoFile {
  /** How many images. */
  readonly count: number;
  image(index: number): Json;
  has(id: Id): boolean;
  /** Whether it has a list of annotations: without one nothing is said of its images. */
  readonly annotated: boolean;
  /** Places of the annotations of an image, in the order of the file. */
  placesOf(id: Id): readonly number[];
  annotation(place: number): Json;
  readonly categories: ReadonlyMap<Id, string>;
  /** All other keys of the file, as JSON. */
  readonly header: string;
  /** Annotations of images that the file does not have. */
  readonly strays: readonly AnnotationFaults[];
  close(): void;
}

/**
 * Reads a file once through. To be closed.
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX where it is no JSON, and naming all faults of structure by their path (`categories[3].id`); SLUICE_E_SOURCE_UNKNOWN
 */
export async function openCocoFile(file: string): Promise<CocoFile> {
  const name = basename(file);
  const index = new CocoIndex();
  const others = new Map<string, unknown>();
  const header: string[] = [];
  let top: unknown = {};
  for await (const part of readParts(file, ['images', 'annotations'])) {
    if (part.kind === 'list') {
      index.begin(part.key === 'images' ? 'images' : 'annotations');
      others.delete(part.key ?? '');
      continue;
    }
    const { value, text } = await parsePart(file, part);
    if (part.key === null) top = value;
    else if (part.kind === 'element') index.add(part.key === 'images' ? 'images' : 'annotations', part.at, part.bytes.length, value);
    else {
      others.set(part.key, value);
      if (part.key !== 'images' && part.key !== 'annotations') header.push(`${JSON.stringify(part.key)}:${text}`);
    }
  }
  const faults = new Faults(name);
  if (!isFields(top)) faults.add('at the top', `expected an object with "images", "annotations" and "categories", found ${show(top)}.`);
  for (const key of ['images', 'annotations'] as const) {
    if (others.has(key)) faults.add(key, `expected a list, found ${show(others.get(key))}.`);
    else if (key === 'images' && isFields(top) && !index.has('images')) faults.add(key, 'is missing.');
  }
  const list = others.get('categories');
  if (list === undefined && index.counts.annotations > 0) faults.add('categories', 'is missing.');
  else if (list !== undefined && !Array.isArray(list)) faults.add('categories', `expected a list, found ${show(list)}.`);
  const categories = readCategories(Array.isArray(list) ? list : [], faults);
  const { count, first } = index.repeated(TOLD);
  for (const { at, id } of first) faults.add(`images[${at}].id`, `${show(id)} is the id of an image before it as well.`);
  for (let i = first.length; i < count; i++) faults.add('images', 'further ids that come twice.');
  faults.raise();
  const byImage = index.group();
  const reader = new PartReader(file);
  const read = (of: 'images' | 'annotations', at: number): Json => reader.read(...index.place(of, at));
  return {
    count: index.counts.images,
    image: (at) => read('images', at),
    has: (id) => index.has('images', id),
    annotated: index.has('annotations'),
    placesOf: byImage,
    annotation: (at) => read('annotations', at),
    categories,
    header: `{${header.join(',')}}`,
    strays: straysOf(index, name, (at) => read('annotations', at).value),
    close: () => reader.close(),
  };
}

function straysOf(index: CocoIndex, name: string, annotation: (at: number) => unknown): readonly AnnotationFaults[] {
  const strays = new FaultCounts();
  let told = 0;
  for (const at of index.strays()) {
    strays.add({ code: 'SLUICE_E_ANNOTATION_IMAGE', cause: told < CAUSES ? strayCause(`${name}, annotations[${at}]`, annotation(at)) : '' });
    told += 1;
  }
  return strays.list();
}

function strayCause(where: string, annotation: unknown): string {
  return isFields(annotation) ? `${where}.image_id: there is no image ${show(annotation['image_id'])}.` : `${where}: expected an object, found ${show(annotation)}.`;
}

function readCategories(list: readonly unknown[], faults: Faults): Map<Id, string> {
  const categories = new Map<Id, string>();
  list.forEach((category, i) => {
    const where = `categories[${i}]`;
    if (!isFields(category)) return faults.add(where, `expected an object, found ${show(category)}.`);
    const id = idOf(category['id']);
    const name = category['name'];
    if (id === null) faults.add(`${where}.id`, `expected a whole number or a text, found ${show(category['id'])}.`);
    else if (categories.has(id)) faults.add(`${where}.id`, `${show(id)} is the id of a category before it as well.`);
    if (typeof name !== 'string' || name === '') faults.add(`${where}.name`, `expected a text, found ${show(name)}.`);
    else if (id !== null) categories.set(id, name);
  });
  return categories;
}
