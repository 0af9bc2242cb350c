/** A label as manifests in JSON or Parquet give it: a class, or boxes. */
import { usable, type Checked, type Usable, isOutside } from '../../schemas/annotations.ts';
import type { Box, Label } from '../../schemas/sample.ts';
import { show } from './text.ts';

/** In pixels: no image is as wide or high. */
const LARGEST = 1e9;

interface Given {
  readonly label: Label;
  readonly faults: Usable['faults'];
}

/**
 * @param value a text, a list of `{class, bbox: [x, y, width, height], relative?, crowd?}`, or nothing
 * @param where its place, for the causes of faults
 * @returns null where it is none of these
 */
export function givenLabel(value: unknown, where: string): Given | null {
  if (value === undefined || value === null || value === '') return { label: null, faults: [] };
  if (typeof value === 'string') return { label: value, faults: [] };
  if (!Array.isArray(value)) return null;
  return usable(value.map((box: unknown, i) => boxAt(box, `${where}[${i}]`)));
}

function boxAt(value: unknown, where: string): Checked {
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const { class: name, bbox, relative, crowd } = fields;
  if (typeof name !== 'string' || name === '') return { where, found: { code: 'SLUICE_E_ANNOTATION_CATEGORY', cause: `${where}.class: expected a text, found ${show(name)}.` } };
  if (!isBbox(bbox)) return { where, found: { code: 'SLUICE_E_ANNOTATION_BOX', cause: `${where}.bbox: expected [x, y, width, height], width and height not negative, found ${show(bbox)}.` } };
  if (relative === true && isOutside(bbox, 1, 1)) return { where, found: { code: 'SLUICE_E_ANNOTATION_OUTSIDE', cause: `${where}.bbox: nothing of ${show(bbox)} lies in the image.` } };
  return { where, found: { class: name, bbox, ...(relative === true ? { relative } : {}), ...(crowd === true ? { crowd } : {}) } };
}

function isBbox(value: unknown): value is Box['bbox'] & [number, number, number, number] {
  return Array.isArray(value) && value.length === 4 && value.every((side) => typeof side === 'number' && Math.abs(side) <= LARGEST) && value[2] >= 0 && value[3] >= 0;
}
