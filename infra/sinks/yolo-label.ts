import type { Quality } from '../../schemas/decision.ts';
import type { Box } from '../../schemas/sample.ts';
import { inFractions } from './boxes.ts';
import { readOrigin } from './coco-parts.ts';
import { asOne, type Outline } from './outlines.ts';
import { type Classes, readNames } from './yolo-classes.ts';

/**
 * The text of an item's label file; null for no file, which is how a YOLO source says "nothing to see".
 * What came from YOLO goes back as it was, points and all; only class numbers change where the numbering does.
 * @param outlines of the boxes, where polygons are wanted in place of boxes: one without has its corners; null where boxes are
 */
export function labelText(boxes: readonly Box[] | null, quality: Quality | null, origin: string | null, classes: Classes, outlines: readonly (Outline | null)[] | null = null): string | null {
  const parsed: unknown = origin === null ? null : JSON.parse(origin);
  const names = readNames(parsed);
  if (names !== null) {
    const text = (parsed as { readonly text?: unknown }).text;
    return typeof text === 'string' ? renumbered(text, names, classes) : null;
  }
  if (boxes === null) return null;
  const crowd = crowds(boxes, origin);
  return boxes.flatMap((box, i) => (crowd.has(i) ? [] : line(box, quality, classes, outlines === null ? null : (outlines[i] ?? 'corners')))).join('');
}

/**
 * COCO's crowd regions, by place among the boxes: they are no objects, and COCO's own converters for YOLO leave them out. The boxes are the annotations in their
 * order without the bad ones, so each is the next annotation with its sides.
 */
function crowds(boxes: readonly Box[], origin: string | null): ReadonlySet<number> {
  const annotations = readOrigin(origin)?.annotations ?? [];
  const found = new Set<number>();
  let at = 0;
  for (const { iscrowd, bbox } of annotations) {
    if (!sameSides(boxes[at]?.bbox, bbox)) continue;
    if (iscrowd === 1 || iscrowd === true) found.add(at);
    at += 1;
  }
  return found;
}

function sameSides(box: Box['bbox'] | undefined, bbox: unknown): boolean {
  return box !== undefined && Array.isArray(bbox) && bbox.length === 4 && box.every((side, i) => side === bbox[i]);
}

/** `class cx cy width height`, or `class x1 y1 x2 y2 …`, cut at the edges of the picture: trainers refuse a picture whose boxes leave it. */
function line(box: Box, quality: Quality | null, classes: Classes, outline: Outline | 'corners' | null): string[] {
  const [x, y, width, height] = inFractions(box, quality).bbox;
  const [left, right] = [clamp(x), clamp(x + width)];
  const [top, bottom] = [clamp(y), clamp(y + height)];
  if (right <= left || bottom <= top) return [];
  const corners = [left, top, right, top, right, bottom, left, bottom];
  const values = outline === null ? [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top] : outline === 'corners' ? corners : asOne(outline).map(clamp);
  return [`${classes.numberOf(box.class)} ${values.map((value) => String(Number(value.toFixed(6)))).join(' ')}\n`];
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function renumbered(text: string, names: ReadonlyMap<number, string>, classes: Classes): string {
  return text.replaceAll(/^([^\S\n\r]*)(\d+)/gm, (whole, space: string, digits: string) => {
    const number = Number(digits);
    const name = names.get(number) ?? digits;
    const moved = classes.numberOf(name);
    // A line that names a class there is none of was no good before either.
    return classes.names[number] === name || moved < 0 ? whole : `${space}${moved}`;
  });
}
