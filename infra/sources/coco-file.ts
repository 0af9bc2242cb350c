import { FaultCounts, type AnnotationFaults } from '../../schemas/annotations.ts';
import { slices, type Slice } from '../json/slices.ts';
import { Faults } from './faults.ts';
import type { Json } from './json.ts';
import { show } from './text.ts';

export type Id = number | string;
export type Fields = Readonly<Record<string, unknown>>;

/** A COCO JSON whose structure has been checked. Single images and annotations are checked when they are handed out. */
export interface CocoFile {
  readonly images: readonly unknown[];
  /** Places in `annotations` by image id, in the order of the file; null where the file has no annotations at all. */
  readonly byImage: ReadonlyMap<Id, readonly number[]> | null;
  readonly annotations: readonly unknown[];
  /** Each image and annotation as the file spells it. */
  readonly spelling: { image(index: number): string; annotation(index: number): string };
  readonly categories: ReadonlyMap<Id, string>;
  /** All other keys of the file, as JSON. */
  readonly header: string;
  /** Annotations of images that the file does not have. */
  readonly strays: readonly AnnotationFaults[];
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text, or a whole number that JavaScript keeps exactly; null for anything else. */
export function idOf(value: unknown): Id | null {
  return typeof value === 'string' || Number.isSafeInteger(value) ? (value as Id) : null;
}

/**
 * @param name of the file, for messages
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX naming all faults of structure by their path (`categories[3].id`)
 */
export function checkCoco({ value: json, text }: Json, name: string): CocoFile {
  const faults = new Faults(name);
  if (!isFields(json)) faults.add('at the top', `expected an object with "images", "annotations" and "categories", found ${show(json)}.`);
  const top: Fields = isFields(json) ? json : { images: [] };
  const images = listAt(top, 'images', true, faults);
  const annotations = listAt(top, 'annotations', false, faults);
  const categories = readCategories(listAt(top, 'categories', annotations.length > 0, faults), faults);
  const byImage = new Map<Id, number[]>();
  images.forEach((image, i) => {
    const id = isFields(image) ? idOf(image['id']) : null;
    if (id === null) return;
    if (byImage.has(id)) faults.add(`images[${i}].id`, `${show(id)} is the id of an image before it as well.`);
    byImage.set(id, []);
  });
  const strays = new FaultCounts();
  annotations.forEach((annotation, i) => {
    const id = isFields(annotation) ? idOf(annotation['image_id']) : null;
    const places = id === null ? undefined : byImage.get(id);
    if (places !== undefined) places.push(i);
    else strays.add({ code: 'SLUICE_E_ANNOTATION_IMAGE', cause: strayCause(`${name}, annotations[${i}]`, annotation) });
  });
  faults.raise();
  const members = [...slices(text)];
  const header = members.filter(({ key }) => key !== 'images' && key !== 'annotations').map(({ key, from, to }) => `${JSON.stringify(key)}:${text.slice(from, to)}`);
  const spelling = { image: spelledList(text, members, 'images'), annotation: spelledList(text, members, 'annotations') };
  return { images, byImage: top['annotations'] === undefined ? null : byImage, annotations, spelling, categories, header: `{${header.join(',')}}`, strays: strays.list() };
}

function strayCause(where: string, annotation: unknown): string {
  return isFields(annotation) ? `${where}.image_id: there is no image ${show(annotation['image_id'])}.` : `${where}: expected an object, found ${show(annotation)}.`;
}

function listAt(top: Fields, key: string, required: boolean, faults: Faults): readonly unknown[] {
  const value = top[key];
  if (Array.isArray(value)) return value;
  if (value !== undefined) faults.add(key, `expected a list, found ${show(value)}.`);
  else if (required) faults.add(key, 'is missing.');
  return [];
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

/** The elements of a list at the top, as spelled; of a key that comes twice the last counts, as in JSON.parse. */
function spelledList(text: string, members: readonly Slice[], key: string): (index: number) => string {
  const list = members.findLast((member) => member.key === key);
  const places = list === undefined ? [] : [...slices(text, list.from)];
  return (index) => {
    const place = places[index];
    return place === undefined ? '{}' : text.slice(place.from, place.to);
  };
}
