/** One sample of a data set that FiftyOne wrote. */
import { isOutside, usable, type AnnotationFaults, type Checked } from '../../schemas/annotations.ts';
import type { Box, Label } from '../../schemas/sample.ts';
import { type Fields, isFields } from './coco-values.ts';
import { show } from './text.ts';

/** The field of labels that tools of FiftyOne write where nothing else is said. */
export const GROUND_TRUTH = 'ground_truth';

export interface Said {
  readonly label: Label;
  readonly faults: readonly AnnotationFaults[];
}

/** What a field of a sample says: a `Classification` is the class of the image, `Detections` and closed `Polylines` are boxes; null where the field is empty or of another kind. */
export function saidOf(sample: Fields, field: string, where: string): Said {
  const value = sample[field];
  const labels = isFields(value) ? value : {};
  const at = `${where}.${field}`;
  switch (labels['_cls']) {
    case 'Classification': {
      const { label } = labels;
      if (typeof label === 'string' && label !== '') return { label, faults: [] };
      return { label: null, faults: usable([{ where: at, found: { code: 'SLUICE_E_ANNOTATION_CATEGORY', cause: `${at}.label: expected a text, found ${show(label)}.` } }]).faults };
    }
    case 'Detections':
      return boxes(labels['detections'], `${at}.detections`, ({ bounding_box: box }) => (isBox(box) ? box : null));
    case 'Polylines':
      return boxes(labels['polylines'], `${at}.polylines`, ({ points }) => boundsOf(points));
    default:
      return { label: null, faults: [] };
  }
}

/** Whether a field holds what `saidOf` understands. */
export function isLabels(value: unknown): boolean {
  return isFields(value) && ['Classification', 'Detections', 'Polylines'].includes(String(value['_cls']));
}

function boxes(list: unknown, where: string, placeOf: (object: Fields) => Box['bbox'] | null): Said {
  return usable(
    (Array.isArray(list) ? list : []).map((value: unknown, i): Checked => {
      const at = `${where}[${i}]`;
      const object: Fields = isFields(value) ? value : {};
      const { label } = object;
      const bbox = placeOf(object);
      if (typeof label !== 'string' || label === '') return { where: at, found: { code: 'SLUICE_E_ANNOTATION_CATEGORY', cause: `${at}.label: expected a text, found ${show(label)}.` } };
      if (bbox === null) return { where: at, found: { code: 'SLUICE_E_ANNOTATION_BOX', cause: `${at}: it has no place: ${show(object['bounding_box'] ?? object['points'])}.` } };
      if (isOutside(bbox, 1, 1)) return { where: at, found: { code: 'SLUICE_E_ANNOTATION_OUTSIDE', cause: `${at}: nothing of it lies in the image.` } };
      return { where: at, found: { class: label, bbox, relative: true, ...(object['iscrowd'] === true || object['iscrowd'] === 1 ? { crowd: true } : {}) } };
    }),
  );
}

function isBox(value: unknown): value is [number, number, number, number] {
  return Array.isArray(value) && value.length === 4 && value.every((side) => typeof side === 'number' && Math.abs(side) < 1e6) && value[2] >= 0 && value[3] >= 0;
}

/** Of shapes, each a list of points; null where there is none. */
function boundsOf(shapes: unknown): Box['bbox'] | null {
  const points: readonly unknown[] = Array.isArray(shapes) ? shapes.flat(1) : [];
  const good = points.filter((point): point is [number, number] => Array.isArray(point) && point.length === 2 && point.every((side) => typeof side === 'number' && Math.abs(side) < 1e6));
  if (good.length < 3 || good.length < points.length) return null;
  const [xs, ys] = [good.map(([x]) => x), good.map(([, y]) => y)];
  const [left, top] = [xs.reduce((a, b) => Math.min(a, b)), ys.reduce((a, b) => Math.min(a, b))];
  return [left, top, xs.reduce((a, b) => Math.max(a, b)) - left, ys.reduce((a, b) => Math.max(a, b)) - top];
}
