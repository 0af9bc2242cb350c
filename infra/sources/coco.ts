import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Entry, Fit } from '../../operators/ports.ts';
import { usable, type AnnotationFault } from '../../schemas/annotations.ts';
import { SluiceError } from '../../schemas/errors.ts';
import type { Box } from '../../schemas/sample.ts';
import { placedOf, segmentationFault, sizeOf, type Size } from './coco-annotation.ts';
import { checkCoco, idOf, isFields, type CocoFile, type Fields } from './coco-file.ts';
import { readPredictions, type Predictions } from './coco-results.ts';
import { manifestIdentity } from './identity.ts';
import { normalise, openRoot, resolveInside, type Root } from './inside.ts';
import { readJson } from './json.ts';
import { listedSource } from './listed.ts';
import { show, storable } from './text.ts';
import { FILE_FIT, type OpenedSource } from './types.ts';

/**
 * A COCO JSON: the images in the order of the file. The label is the boxes of all annotations of an image, in pixels, as the file has them
 * (crowds and empty boxes too); null where the file has no key `annotations`. A bad annotation is left out of it and told in `faults`.
 * `origin` is `{image, annotations}`, the bad ones too, `header` everything else.
 * The file is held in memory while the source is open.
 * @param root what `file_name` is relative to; by default the folder of the file
 * @param predictions of its images, a file of COCO results
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX, SLUICE_E_CONFIG_INVALID (root), SLUICE_E_UNSUPPORTED (too large)
 */
export async function openCoco(file: string, root?: string, fit: Fit = FILE_FIT, predictions?: string): Promise<OpenedSource> {
  const real = await realpath(file);
  const name = basename(real);
  const coco = checkCoco(await readJson(real), name);
  const base = await openRoot(root ?? dirname(file));
  const predicted = predictions === undefined ? null : await readPredictions(predictions, coco);
  return listedSource({
    identity: manifestIdentity('coco', real, base),
    fit,
    header: coco.header,
    count: coco.images.length,
    entry: (index) => entryOf(coco, base, name, index, predicted),
    faults: [...coco.strays, ...(predicted?.strays ?? [])],
  });
}

async function entryOf(coco: CocoFile, root: Root, name: string, index: number, predictions: Predictions | null): Promise<Entry> {
  const image = coco.images[index];
  const where = `images[${index}]`;
  const fields: Fields = isFields(image) ? image : {};
  const path = typeof fields['file_name'] === 'string' ? fields['file_name'] : '';
  const bad = (cause: string): Entry => {
    return { id: path === '' ? `${name}:${where}` : storable(normalise(path) || path), error: new SluiceError('SLUICE_E_ROW_INVALID', `${name}, ${cause}`) };
  };
  if (!isFields(image)) return bad(`${where}: expected an object, found ${show(image)}.`);
  if (path === '') return bad(`${where}.file_name: expected a path, found ${show(fields['file_name'])}.`);
  const id = idOf(image['id']);
  if (id === null) return bad(`${where}.id: expected a whole number (up to 2^53 - 1) or a text, found ${show(image['id'])}.`);
  const places = coco.byImage?.get(id) ?? [];
  const size = sizeOf(image);
  const { label, faults } = usable(places.map((place) => ({ where: `${name}, annotations[${place}]`, found: boxOf(coco, name, place, size) })));
  const predicted = predictions?.of(id, size) ?? null;
  const told = [...faults, ...(predicted?.faults ?? [])];
  const origin = `{"image":${coco.spelling.image(index)},"annotations":[${places.map((place) => coco.spelling.annotation(place)).join(',')}]}`;
  const item = await resolveInside(root, path);
  if ('error' in item) return item;
  return { sample: { id: item.id, uri: item.uri, stream: 'default', time: null, label: coco.byImage === null ? null : label, ...(predicted === null ? {} : { predicted: predicted.label ?? [] }), ...(told.length > 0 ? { faults: told } : {}), origin } };
}

/** The box of an annotation, or what is wrong with it. @param size of its image as the file has it; null where it has none */
export function boxOf(coco: CocoFile, file: string, place: number, size: Size | null): Box | AnnotationFault {
  const where = `${file}, annotations[${place}]`;
  const annotation = coco.annotations[place];
  const { id, category_id: category, bbox, segmentation, iscrowd }: Fields = isFields(annotation) ? annotation : {};
  // An id that is no exact number would come back from an export as another.
  if (id !== undefined && idOf(id) === null) return { code: 'SLUICE_E_ANNOTATION_ID', cause: `${where}.id: expected a whole number (up to 2^53 - 1) or a text, found ${show(id)}.` };
  const box = placedOf(coco.categories, where, category, bbox, size);
  if ('code' in box) return box;
  const fault = segmentationFault(segmentation, size);
  if (fault !== null) return { code: fault.code, cause: `${where}.segmentation${fault.cause}` };
  return iscrowd === 1 || iscrowd === true ? { ...box, crowd: true } : box;
}
