/** What Hugging Face's datasets say in a Parquet file beside its columns, and how they write boxes. */
import type { FileMetaData } from 'hyparquet';
import { isFields } from './coco-values.ts';

/** Names of the classes that numbers mean. */
export interface ClassNames {
  /** In the column `label`. */
  readonly label: readonly string[];
  /** In the column `objects`. */
  readonly objects: readonly string[];
}

/** Where an object's class stands: the first is what most data sets have, the second what the documentation of `imagefolder` says. */
const CATEGORIES = ['category', 'categories', 'label', 'labels'];

/** Empty where the metadata knows none. */
export function classNames({ key_value_metadata: pairs }: FileMetaData): ClassNames {
  const text = pairs?.find(({ key }) => key === 'huggingface')?.value;
  try {
    const { info } = JSON.parse(text ?? '{}') as { info?: { features?: { label?: unknown; objects?: unknown } } };
    const { label, objects } = info?.features ?? {};
    const inside = found(objects, (fields) => CATEGORIES.map((name) => fields[name]).find((value) => value !== undefined));
    return { label: namesOf(label), objects: namesOf(inside) };
  } catch {
    return { label: [], objects: [] };
  }
}

/** `names` of a ClassLabel, however many lists it is in. */
function namesOf(feature: unknown): readonly string[] {
  const names = found(feature, (fields) => fields['names']);
  return Array.isArray(names) ? names.map(String) : [];
}

/** What `look` finds in a feature or in the first one inside of it that has it. */
function found(feature: unknown, look: (fields: Readonly<Record<string, unknown>>) => unknown): unknown {
  if (Array.isArray(feature)) return feature.map((each) => found(each, look)).find((value) => value !== undefined);
  if (!isFields(feature)) return undefined;
  return look(feature) ?? found(feature['feature'], look);
}

/**
 * The column `objects`: an object of lists, or a list of objects, with `bbox` ([x, y, width, height] in pixels, as COCO has it) and the class, by name or number.
 * @returns boxes as `givenLabel` takes them; null where it is neither
 */
export function objectBoxes(objects: unknown, names: readonly string[]): readonly unknown[] | null {
  if (Array.isArray(objects)) return objects.map((object: unknown) => (isFields(object) ? boxOf(object['bbox'], categoryIn(object), names) : object));
  if (!isFields(objects)) return null;
  const [boxes, categories] = [listOf(objects['bbox']), listOf(categoryIn(objects))];
  if (boxes === null || categories === null || boxes.length !== categories.length) return null;
  return boxes.map((bbox, i) => boxOf(bbox, categories[i], names));
}

function categoryIn(fields: Readonly<Record<string, unknown>>): unknown {
  return CATEGORIES.map((name) => fields[name]).find((value) => value !== undefined);
}

function boxOf(bbox: unknown, category: unknown, names: readonly string[]): { readonly class: unknown; readonly bbox: unknown } {
  return { class: nameOf(category, names), bbox: listOf(bbox) ?? bbox };
}

/** The class that a number means; a number that means none is a name itself. */
export function nameOf(category: unknown, names: readonly string[]): unknown {
  if (typeof category !== 'number' && typeof category !== 'bigint') return category;
  return names[Number(category)] ?? String(category);
}

function listOf(value: unknown): readonly unknown[] | null {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView)) ? [...(value as Iterable<unknown>)] : null;
}
