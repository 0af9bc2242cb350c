/** What of a COCO annotation has a class and a place, or a shape: boxes, polygons and run-length encoded masks. */
import { isOutside, type AnnotationFault } from '../../schemas/annotations.ts';
import type { Box } from '../../schemas/sample.ts';
import { idOf, isFields, type Fields, type Id } from './coco-values.ts';
import { show } from './text.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** No image is as wide or high. In pixels. */
const LARGEST = 1e9;
/** Coordinates of three points. */
const LEAST_COORDINATES = 6;

/** Of an image as the file has it; null where it does not say. The file is asked, since the picture is not decoded yet. */
export function sizeOf({ width, height }: Fields): Size | null {
  return typeof width === 'number' && typeof height === 'number' && width > 0 && height > 0 ? { width, height } : null;
}

/** The class and box of an annotation or prediction, or what is wrong with them. @param size of the image as its file has it; null where it has none */
export function placedOf(categories: ReadonlyMap<Id, string>, where: string, category: unknown, bbox: unknown, size: Size | null): Box | AnnotationFault {
  const key = idOf(category);
  const name = key === null ? undefined : categories.get(key);
  if (name === undefined) return { code: 'SLUICE_E_ANNOTATION_CATEGORY', cause: `${where}.category_id: there is no category ${show(category)}.` };
  if (!isBbox(bbox)) return { code: 'SLUICE_E_ANNOTATION_BOX', cause: `${where}.bbox: expected [x, y, width, height] in pixels, each at most ${LARGEST}, found ${show(bbox)}.` };
  if (size !== null && isOutside(bbox, size.width, size.height)) return { code: 'SLUICE_E_ANNOTATION_OUTSIDE', cause: `${where}.bbox: nothing of ${show(bbox)} lies in the image of ${size.width} x ${size.height} pixels.` };
  return { class: name, bbox };
}

function isBbox(value: unknown): value is [number, number, number, number] {
  return Array.isArray(value) && value.length === 4 && value.every((side) => typeof side === 'number' && Math.abs(side) <= LARGEST) && value[2] >= 0 && value[3] >= 0;
}

/** What is wrong with a segmentation, the cause to be put behind its place; null for none. @param size of the image; null where unknown */
export function segmentationFault(segmentation: unknown, size: Size | null): AnnotationFault | null {
  if (segmentation === undefined || segmentation === null) return null;
  if (isFields(segmentation)) {
    const cause = rleFault(segmentation, size);
    return cause === null ? null : { code: 'SLUICE_E_ANNOTATION_RLE', cause };
  }
  const cause = polygonFault(segmentation);
  return cause === null ? null : { code: 'SLUICE_E_ANNOTATION_POLYGON', cause };
}

function polygonFault(polygons: unknown): string | null {
  if (!Array.isArray(polygons)) return `: expected a list of polygons or a mask, found ${show(polygons)}.`;
  for (const [i, polygon] of polygons.entries() as Iterable<[number, unknown]>) {
    if (!Array.isArray(polygon)) return `[${i}]: expected a list of coordinates, found ${show(polygon)}.`;
    if (polygon.length < LEAST_COORDINATES || polygon.length % 2 === 1) return `[${i}]: expected pairs of at least three points, found ${polygon.length} numbers.`;
    const bad = polygon.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) return `[${i}][${bad}]: expected a number, found ${show(polygon[bad])}.`;
  }
  return null;
}

function rleFault({ size, counts }: Fields, image: Size | null): string | null {
  if (!Array.isArray(size) || size.length !== 2 || !size.every((side) => Number.isSafeInteger(side) && side >= 0)) return `.size: expected [height, width], found ${show(size)}.`;
  const [height, width] = size as [number, number];
  if (image !== null && (height !== image.height || width !== image.width)) return `.size: the mask is ${width} x ${height} pixels, the image ${image.width} x ${image.height}.`;
  const runs = typeof counts === 'string' ? unpackedSum(counts) : listedSum(counts);
  if (runs === null) return `.counts: expected runs, none of them negative, as a list or packed into a text, found ${show(counts)}.`;
  return runs === height * width ? null : `.counts: the runs add up to ${runs} pixels, not to ${width} x ${height}.`;
}

/** Null where it is no list of runs. */
function listedSum(counts: unknown): number | null {
  if (!Array.isArray(counts)) return null;
  let sum = 0;
  for (const run of counts as unknown[]) {
    if (typeof run !== 'number' || !Number.isSafeInteger(run) || run < 0) return null;
    sum += run;
  }
  return sum;
}

/**
 * The runs of COCO's packed form, added up: five bits a character from '0' on, the lowest first, a sixth for "more to come"; from the fourth run on the
 * difference to the run two before it (rleFrString of pycocotools' maskApi.c). Null where it is no such text.
 */
function unpackedSum(text: string): number | null {
  let [sum, last, before] = [0, 0, 0];
  for (let at = 0, runs = 0; at < text.length; runs++) {
    let value = 0;
    for (let weight = 1, more = true; more; at++, weight *= 32) {
      const digit = text.charCodeAt(at) - 48;
      // A run of a mask fits into 32 bits: seven characters at most.
      if (!(digit >= 0 && digit < 64) || weight > 32 ** 6) return null;
      value += (digit & 31) * weight;
      more = digit >= 32;
      if (!more && (digit & 16) !== 0) value -= 32 * weight;
    }
    const run = runs > 2 ? value + before : value;
    if (run < 0) return null;
    [sum, last, before] = [sum + run, run, last];
  }
  return sum;
}
