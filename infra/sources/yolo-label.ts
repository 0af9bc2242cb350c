import { usable, type AnnotationFault, type Checked, type Usable } from '../../schemas/annotations.ts';
import type { Box } from '../../schemas/sample.ts';
import { show } from './text.ts';

/** Ultralytics' own slack for coordinates that rounding has carried over the edge. */
const SLACK = 0.01;

/** With the classes that are named in the text, those of bad lines too: the text is to be understood again when it is written. */
export interface YoloLabel extends Usable {
  readonly classes: readonly number[];
}

/**
 * The text of one label file: a line an object, `class cx cy width height` (detect), the same and keypoints (pose), or `class x1 y1 x2 y2 x3 y3 …`
 * (segment, oriented boxes), all relative to the image. Boxes come out as [left, top, width, height], relative; of a polygon, the box around it.
 * @param path of the file, for the causes
 * @param names null where there are none: then a class is called by its number
 * @param keypoints numbers of keypoints after each box, 0 for none
 */
export function parseYoloLabel(text: string, path: string, names: ReadonlyMap<number, string> | null, keypoints: number): YoloLabel {
  const classes = new Set<number>();
  const checked = function* (): Iterable<Checked> {
    for (const [i, line] of text.split(/\r\n|\n|\r/).entries()) {
      const words = line.trim().split(/\s+/);
      if (words[0] === '') continue;
      const where = `${path}, line ${i + 1}`;
      const found = lineOf(words, names, keypoints, classes);
      yield { where, found: 'code' in found ? { code: found.code, cause: `${where}: ${found.cause}` } : found };
    }
  };
  const { label, faults } = usable(checked());
  return { label, faults, classes: [...classes].sort((a, b) => a - b) };
}

/** @param classes gets the class of the line */
function lineOf([label = '', ...rest]: readonly string[], names: ReadonlyMap<number, string> | null, keypoints: number, classes: Set<number>): Box | AnnotationFault {
  // Some tools write the class as a fraction.
  if (!/^\d{1,9}(?:\.0*)?$/.test(label)) return { code: 'SLUICE_E_ANNOTATION_CATEGORY', cause: `${show(label)} is no class number.` };
  const number = Math.trunc(Number(label));
  const name = names === null ? String(number) : names.get(number);
  if (name === undefined) return { code: 'SLUICE_E_ANNOTATION_CATEGORY', cause: `there is no class ${number} in data.yaml.` };
  classes.add(number);
  const values = rest.map(decimal);
  const bad = values.findIndex(Number.isNaN);
  if (bad >= 0) return { code: 'SLUICE_E_ANNOTATION_BOX', cause: `${show(rest[bad])} is no number.` };
  const box = boxOf(values, keypoints);
  return 'code' in box ? box : { class: name, bbox: box, relative: true };
}

/** A decimal number, NaN for all else (Number takes '', '0x10' and 'Infinity'). */
function decimal(word: string): number {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(word) ? Number(word) : Number.NaN;
}

function boxOf(values: readonly number[], keypoints: number): Box['bbox'] | AnnotationFault {
  const detect = values.length === 4 || (keypoints > 0 && values.length === 4 + keypoints);
  if (!detect && (values.length < 6 || values.length % 2 === 1)) {
    const code = values.length < 6 ? 'SLUICE_E_ANNOTATION_BOX' : 'SLUICE_E_ANNOTATION_POLYGON';
    return { code, cause: `${values.length} numbers after the class; expected 4 (a box), or pairs of at least three points.` };
  }
  const coordinates = detect ? values.slice(0, 4) : values;
  const off = coordinates.find((value) => value < -SLACK || value > 1 + SLACK);
  const [x = 0, y = 0, width = 0, height = 0] = coordinates;
  if (detect && (width < 0 || height < 0)) return { code: 'SLUICE_E_ANNOTATION_BOX', cause: 'the box has a negative side.' };
  if (off !== undefined) return { code: 'SLUICE_E_ANNOTATION_OUTSIDE', cause: `${off} lies outside the image; coordinates are relative, 0 to 1.` };
  return detect ? [x - width / 2, y - height / 2, width, height] : around(values);
}

/** The box around points [x1, y1, x2, y2, …]; by a loop, since a polygon may have more points than a call takes arguments. */
function around(points: readonly number[]): Box['bbox'] {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [i, value] of points.entries()) {
    if (i % 2 === 0) [left, right] = [Math.min(left, value), Math.max(right, value)];
    else [top, bottom] = [Math.min(top, value), Math.max(bottom, value)];
  }
  return [left, top, right - left, bottom - top];
}
