import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Entry, Fit } from '../../operators/ports.ts';
import { usable, type AnnotationFault } from '../../schemas/annotations.ts';
import { SluiceError } from '../../schemas/errors.ts';
import type { Box } from '../../schemas/sample.ts';
import { placedOf, segmentationFault, sizeOf, type Size } from './coco-annotation.ts';
import { openCocoFile, type CocoFile } from './coco-file.ts';
import { annotationFile, imagesOf } from './coco-place.ts';
import { readPredictions, type Predictions } from './coco-results.ts';
import { idOf, isFields, type Fields, type Id } from './coco-values.ts';
import { manifestIdentity } from './identity.ts';
import { normalise, openRoot, resolveInside, type Root } from './inside.ts';
import type { Json } from './json.ts';
import { listedSource } from './listed.ts';
import { show, storable } from './text.ts';
import { FILE_FIT, type OpenedSource } from './types.ts';

/**
 * A COCO JSON, or a folder with one in `annotations`: the images in the order of the file. The label is the boxes of all annotations of an image, in pixels, as the file has them
 * (crowds and empty boxes too); null where the file has no key `annotations`. A bad annotation is left out of it and told in `faults`.
 * `origin` is `{image, annotations}`, the bad ones too, `header` everything else.
 * The file is read once through at open, and an image's part of it when its turn has come; what is held is as `CocoFile` says.
 * @param root what `file_name` is relative to; by default the folder that `imagesOf` finds
 * @param predictions of its images, a file of COCO results
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX, SLUICE_E_CONFIG_INVALID (root), SLUICE_E_SOURCE_UNKNOWN (a folder with several), SLUICE_E_UNSUPPORTED (too large a file of predictions)
 */
export async function openCoco(location: string, root?: string, fit: Fit = FILE_FIT, predictions?: string): Promise<OpenedSource> {
  const file = await annotationFile(location);
  const real = await realpath(file);
  const name = basename(real);
  const given = root === undefined ? null : await openRoot(root);
  const coco = await openCocoFile(real);
  const base = given ?? (await openRoot(await imagesOf(file, firstOf(coco))));
  const predicted = predictions === undefined ? null : await readPredictions(predictions, coco);
  const source = listedSource({
    identity: manifestIdentity('coco', real, base),
    fit,
    header: coco.header,
    count: coco.count,
    entry: (index) => entryOf(coco, base, name, index, predicted),
    faults: [...coco.strays, ...(predicted?.strays ?? [])],
  });
  return { ...source, close: async () => coco.close() };
}

function firstOf(coco: CocoFile): string | null {
  const first = coco.count === 0 ? null : coco.image(0).value;
  return isFields(first) && typeof first['file_name'] === 'string' ? first['file_name'] : null;
}

async function entryOf(coco: CocoFile, root: Root, name: string, index: number, predictions: Predictions | null): Promise<Entry> {
  const { value: image, text: spelled } = coco.image(index);
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
  const annotations = annotationsOf(coco, id);
  const size = sizeOf(image);
  const { label, faults } = usable(annotations.map((annotation) => ({ where: `${name}, annotations[${annotation.place}]`, found: boxOf(coco, name, annotation, size) })));
  const predicted = predictions?.of(id, size) ?? null;
  const told = [...faults, ...(predicted?.faults ?? [])];
  const origin = `{"image":${spelled},"annotations":[${annotations.map(({ text }) => text).join(',')}]}`;
  const item = await resolveInside(root, path);
  if ('error' in item) return item;
  return { sample: { id: item.id, uri: item.uri, stream: 'default', time: null, label: coco.annotated ? label : null, ...(predicted === null ? {} : { predicted: predicted.label ?? [] }), ...(told.length > 0 ? { faults: told } : {}), origin } };
}

/** An annotation with its place in the list. */
export interface Annotation extends Json {
  readonly place: number;
}

/** Those of an image, in the order of the file. */
export function annotationsOf(coco: CocoFile, image: Id): readonly Annotation[] {
  return coco.placesOf(image).map((place) => ({ place, ...coco.annotation(place) }));
}

/** The box of an annotation, or what is wrong with it. @param size of its image as the file has it; null where it has none */
export function boxOf(coco: Pick<CocoFile, 'categories'>, file: string, { place, value: annotation }: Annotation, size: Size | null): Box | AnnotationFault {
  const where = `${file}, annotations[${place}]`;
  const { id, category_id: category, bbox, segmentation, iscrowd }: Fields = isFields(annotation) ? annotation : {};
  // An id that is no exact number would come back from an export as another.
  if (id !== undefined && idOf(id) === null) return { code: 'SLUICE_E_ANNOTATION_ID', cause: `${where}.id: expected a whole number (up to 2^53 - 1) or a text, found ${show(id)}.` };
  const box = placedOf(coco.categories, where, category, bbox, size);
  if ('code' in box) return box;
  const fault = segmentationFault(segmentation, size);
  if (fault !== null) return { code: fault.code, cause: `${where}.segmentation${fault.cause}` };
  return iscrowd === 1 || iscrowd === true ? { ...box, crowd: true } : box;
}
