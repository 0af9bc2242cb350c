/** Which objects of a label are embedded as crops of their own, and which part of the picture each crop is. */
import type { Box } from '../../../schemas/sample.ts';
import type { PlacedBox } from './faults.ts';

/** Area in pixels, of what lies within the picture, from which an object is worth looking at. */
export const LEAST_AREA = 24 * 24;
/** Context around a box, on each side, as a part of its width and height; see docs/objects.md. */
const CONTEXT = 0.05;

export interface ChosenObject {
  /** Its place among the boxes of the label. */
  readonly index: number;
  readonly class: string;
  /** [x, y, width, height] in pixels, as the label has it. */
  readonly bbox: readonly [x: number, y: number, width: number, height: number];
  /** With context, inside the picture. */
  readonly region: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
}

export interface EmbeddedObject extends Omit<ChosenObject, 'region'> {
  /** Of its crop, unit length. */
  readonly embedding: Float32Array;
}

/**
 * Objects of at least 24² pixels that are no crowds, `most` at most: of each class the largest first, so that no class is lost to a crowd of another, then the largest of the others.
 * @param width of the picture in pixels, as is the height. @returns in the order of the label
 */
export function chooseObjects(boxes: readonly Box[], width: number, height: number, most: number): readonly ChosenObject[] {
  const fit = boxes.flatMap((box, index) => chosen(box, index, width, height) ?? []);
  const bySize = fit.toSorted((a, b) => areaOf(b) - areaOf(a) || a.index - b.index);
  const classes = new Set<string>();
  const first = new Set(bySize.filter((object) => !classes.has(object.class) && classes.add(object.class)));
  const others = bySize.filter((object) => !first.has(object));
  return [...first, ...others].slice(0, most).sort((a, b) => a.index - b.index);
}

function areaOf({ bbox }: ChosenObject): number {
  return bbox[2] * bbox[3];
}

/** Null for a crowd, and for what is too small within the picture. */
function chosen(box: Box, index: number, width: number, height: number): ChosenObject | null {
  if (box.crowd === true) return null;
  const bbox = inPixels(box, width, height);
  const [x, y, w, h] = bbox;
  // Numbers of a label may be so large that sums of them are none.
  const [seenWidth, seenHeight] = [Math.min(width, x + w) - Math.max(0, x), Math.min(height, y + h) - Math.max(0, y)];
  if (!(Math.min(seenWidth, seenHeight) > 0 && seenWidth * seenHeight >= LEAST_AREA)) return null;
  const left = Math.max(0, Math.floor(x - CONTEXT * w));
  const top = Math.max(0, Math.floor(y - CONTEXT * h));
  const right = Math.min(width, Math.ceil(x + w + CONTEXT * w));
  const bottom = Math.min(height, Math.ceil(y + h + CONTEXT * h));
  return { index, class: box.class, bbox, region: { left, top, width: right - left, height: bottom - top } };
}

/** In pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export function inPicture(boxes: readonly Box[], { width, height }: PictureSize): readonly PlacedBox[] {
  return boxes.map((box) => ({ class: box.class, bbox: inPixels(box, width, height) }));
}

/** [x, y, width, height] of a box in pixels. */
export function inPixels({ bbox: [x, y, w, h], relative }: Box, width: number, height: number): readonly [number, number, number, number] {
  return relative === true ? [x * width, y * height, w * width, h * height] : [x, y, w, h];
}
