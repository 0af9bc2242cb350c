/** COCO results: what a detector says of the images of a COCO JSON, a list of {image_id, category_id, bbox, score}. */
import { basename } from 'node:path';
import { FaultCounts, usable, type AnnotationFault, type AnnotationFaults, type Usable } from '../../schemas/annotations.ts';
import type { Prediction } from '../../schemas/sample.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { placedOf, type Size } from './coco-annotation.ts';
import type { CocoFile } from './coco-file.ts';
import { idOf, isFields, type Fields, type Id } from './coco-values.ts';
import { readJson } from './json.ts';
import { show } from './text.ts';

export interface Predictions {
  /** Those of one image, and what is wrong with others of it. @param size of the image; null where unknown */
  of(image: Id, size: Size | null): Usable<Prediction>;
  /** Those of images that the COCO JSON does not have. */
  readonly strays: readonly AnnotationFaults[];
}

/**
 * The file is held in memory, up to the 500 MiB that a JSON may have. A bad prediction is left out and told, as a bad annotation is.
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX where it is no JSON or no list, SLUICE_E_UNSUPPORTED (too large), SLUICE_E_SOURCE_UNKNOWN (not there)
 */
export async function readPredictions(file: string, coco: Pick<CocoFile, 'has' | 'categories'>): Promise<Predictions> {
  const name = basename(file);
  const { value } = await readJson(file);
  if (!Array.isArray(value)) throw new SluiceError('SLUICE_E_SOURCE_SYNTAX', `${name}: expected a list of predictions, found ${show(value)}.`);
  const list: readonly unknown[] = value;
  const byImage = new Map<Id, number[]>();
  const strays = new FaultCounts();
  for (const [i, each] of list.entries()) {
    const id = isFields(each) ? idOf(each['image_id']) : null;
    if (id === null || !coco.has(id)) {
      strays.add({ code: 'SLUICE_E_ANNOTATION_IMAGE', cause: isFields(each) ? `${name}, [${i}].image_id: there is no image ${show(each['image_id'])}.` : `${name}, [${i}]: expected an object, found ${show(each)}.` });
      continue;
    }
    const places = byImage.get(id) ?? [];
    places.push(i);
    byImage.set(id, places);
  }
  const found = (place: number, size: Size | null): Prediction | AnnotationFault => predictionOf(coco.categories, `${name}, [${place}]`, list[place], size);
  return { strays: strays.list(), of: (image, size) => usable((byImage.get(image) ?? []).map((place) => ({ where: `${name}, [${place}]`, found: found(place, size) }))) };
}

function predictionOf(categories: CocoFile['categories'], where: string, value: unknown, size: Size | null): Prediction | AnnotationFault {
  const { category_id: category, bbox, score }: Fields = isFields(value) ? value : {};
  const box = placedOf(categories, where, category, bbox, size);
  if ('code' in box) return box;
  if (typeof score !== 'number' || !(score >= 0 && score <= 1)) return { code: 'SLUICE_E_ANNOTATION_SCORE', cause: `${where}.score: expected a number from 0 to 1, found ${show(score)}.` };
  return { ...box, score };
}
