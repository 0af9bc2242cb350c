/** One task of Label Studio: where its image is, and what its regions say. */
import { isOutside, usable, type AnnotationFault, type AnnotationFaults, type Checked } from '../../schemas/annotations.ts';
import type { Box, Label } from '../../schemas/sample.ts';
import { type Fields, isFields } from './coco-values.ts';
import { show } from './text.ts';

/** As exports name their predictions. */
export const OURS = 'sluice';
const LOCAL = '/data/local-files/?d=';
const UPLOADS = '/data/';

/** The path of the image, relative to a root: below the document root for local files, below the media folder for uploads. @returns why not, where it has none */
export function imageOf(task: Fields): { readonly path: string } | { readonly cause: string } {
  const { data } = task;
  if (!isFields(data)) return { cause: `data: expected an object, found ${show(data)}; export the project as JSON, not as JSON-MIN.` };
  const image = typeof data['image'] === 'string' ? data['image'] : Object.values(data).find((value) => typeof value === 'string');
  if (typeof image !== 'string' || image === '') return { cause: `data.image: expected a path, found ${show(data['image'])}.` };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(image)) return { cause: `data.image: ${show(image)} is no file here; copy the images, and give their folder with --root.` };
  if (image.startsWith(LOCAL)) return decoded(image.slice(LOCAL.length));
  return image.startsWith(UPLOADS) ? decoded(image.slice(UPLOADS.length)) : { path: image };
}

function decoded(text: string): { readonly path: string } | { readonly cause: string } {
  try {
    return { path: decodeURIComponent(text) };
  } catch {
    return { cause: `data.image: ${show(text)} is no encoded path.` };
  }
}

export interface Said {
  readonly label: Label;
  readonly faults: readonly AnnotationFaults[];
}

/** The results of the first annotation that was not cancelled, else those that an export of Sluice put in as a prediction; null where nobody has said anything. */
export function resultsOf({ annotations, predictions }: Fields): readonly Fields[] | null {
  const given = listOf(annotations).find((each) => each['was_cancelled'] !== true) ?? listOf(predictions).find((each) => each['model_version'] === OURS);
  return given === undefined ? null : listOf(given['result']);
}

/** What they say. @param where the task, for the causes */
export function saidOf(task: Fields, where: string): Said {
  const given = resultsOf(task);
  if (given === null) return { label: null, faults: [] };
  const results = given.map((result, i) => ({ result, where: `${where}, result[${i}]` }));
  const regions = results.filter(({ result }) => result['type'] === 'rectanglelabels' || result['type'] === 'polygonlabels' || result['type'] === 'ellipselabels');
  const [choice, ...more] = results.filter(({ result }) => result['type'] === 'choices').flatMap(({ result, where: at }) => namesIn(result, 'choices').map((name) => ({ name, where: at })));
  if (regions.length > 0 || choice === undefined) return usable(regions.flatMap(({ result, where: at }) => boxesOf(result, at)));
  return { label: choice.name, faults: usable(more.map(({ name, where: at }): Checked => ({ where: at, found: { code: 'SLUICE_E_ANNOTATION_CATEGORY', cause: `${at}: the image has the class ${show(choice.name)} already, and ${show(name)} is another.` } }))).faults };
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function namesIn(result: Fields, key: string): readonly string[] {
  const { value } = result;
  const names = isFields(value) ? value[key] : undefined;
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string' && name !== '') : [];
}

/** The box of a region, once for each class it has. */
function boxesOf(result: Fields, where: string): readonly Checked[] {
  const type = String(result['type']);
  const names = namesIn(result, type);
  const bbox = boundsOf(type, result);
  const bad = (code: AnnotationFault['code'], cause: string): readonly Checked[] => [{ where, found: { code, cause: `${where}${cause}` } }];
  if (names.length === 0) return bad('SLUICE_E_ANNOTATION_CATEGORY', `.value.${type}: the region has no label.`);
  if (bbox === null) return bad(type === 'polygonlabels' ? 'SLUICE_E_ANNOTATION_POLYGON' : 'SLUICE_E_ANNOTATION_BOX', `.value: the region has no place: ${show(JSON.stringify(result['value']), 200)}.`);
  if (isOutside(bbox, 1, 1)) return bad('SLUICE_E_ANNOTATION_OUTSIDE', '.value: nothing of the region lies in the image.');
  return names.map((name): Checked => ({ where, found: { class: name, bbox, relative: true } }));
}

/** In 0..1 of the image; null where a number is missing. Label Studio has percent, and turns a rectangle round its upper left corner. */
function boundsOf(type: string, { value, original_width: wide, original_height: high }: Fields): Box['bbox'] | null {
  const points = isFields(value) ? cornersOf(type, value, (typeof wide === 'number' && typeof high === 'number' && high > 0 ? wide / high : 1)) : [];
  if (points.length < 3 || !points.flat().every((side) => Number.isFinite(side) && Math.abs(side) < 1e6)) return null;
  const [xs, ys] = [points.map(([x]) => x / 100), points.map(([, y]) => y / 100)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
}

type Point = readonly [x: number, y: number];

function cornersOf(type: string, value: Fields, aspect: number): readonly Point[] {
  const number = (key: string): number => (typeof value[key] === 'number' ? value[key] : NaN);
  if (type === 'polygonlabels') return (Array.isArray(value['points']) ? value['points'] : []).map((point: unknown): Point => (Array.isArray(point) && point.length === 2 ? [Number(point[0]), Number(point[1])] : [NaN, NaN]));
  const [x, y] = [number('x'), number('y')];
  if (type === 'ellipselabels') return corners(x - number('radiusX'), y - number('radiusY'), 2 * number('radiusX'), 2 * number('radiusY'), 0, aspect);
  return corners(x, y, number('width'), number('height'), typeof value['rotation'] === 'number' ? value['rotation'] : 0, aspect);
}

/** @param rotation degrees, clockwise. @param aspect pixels of width for one of height */
function corners(x: number, y: number, width: number, height: number, rotation: number, aspect: number): readonly Point[] {
  const [cos, sin] = rotation % 360 === 0 ? [1, 0] : [Math.cos((rotation * Math.PI) / 180), Math.sin((rotation * Math.PI) / 180)];
  if (!(width >= 0) || !(height >= 0)) return [];
  return ([[0, 0], [width, 0], [width, height], [0, height]] as const).map(([dx, dy]) => [x + dx * cos - (dy / aspect) * sin, y + dx * aspect * sin + dy * cos]);
}
