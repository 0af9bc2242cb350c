/** Labels and predictions in records: JSON, which comes from outside and is believed nothing. */
import { isOutside, usable, type AnnotationFault, type AnnotationFaults, type Checked, type Usable } from './annotations.ts';
import { SluiceError } from './errors.ts';
import type { Box, Label, Prediction } from './sample.ts';

/** What a text of a record is, for errors. */
type Text = 'label' | 'predictions';

/** State is kept as UTF-8: such a name would come back as another class. */
const HALF = 'has half a surrogate pair in it';

export function labelJson(label: Label): string | null {
  return label === null ? null : JSON.stringify(label);
}

/** A label all of whose boxes must be good. @throws SluiceError SLUICE_E_LABEL_INVALID */
export function labelOf(json: string | null): Label {
  const value = valueOf(json);
  return Array.isArray(value) ? value.map((item, i) => goodBoxOf(item, `label: box ${i}`)) : value;
}

/** A label, and what of its boxes cannot be used. @throws SluiceError SLUICE_E_LABEL_INVALID for what is no label at all */
export function usableLabelOf(json: string | null): { readonly label: Label; readonly faults: readonly AnnotationFaults[] } {
  const value = valueOf(json);
  if (!Array.isArray(value)) return { label: value, faults: [] };
  return usable(value.map((item, i) => boxFound('label', item, i)));
}

/** What of a detector's boxes can be used. @throws SluiceError SLUICE_E_LABEL_INVALID for what is no list at all */
export function usablePredictionsOf(json: string): Usable<Prediction> {
  const value = parse('predictions', json);
  if (!Array.isArray(value)) throw invalid('predictions', 'expected a list of boxes');
  return usable(value.map((item: unknown, i) => scored(boxFound('predictions', item, i), item)));
}

function scored({ where, found }: Checked, item: unknown): Checked<Prediction> {
  if ('code' in found) return { where, found };
  const { score } = item as { readonly score?: unknown };
  if (typeof score === 'number' && score >= 0 && score <= 1) return { where, found: { ...found, score } };
  return { where, found: { code: 'SLUICE_E_ANNOTATION_SCORE', cause: `${where}: "score" is to be a number from 0 to 1` } };
}

function boxFound(what: Text, item: unknown, index: number): Checked {
  const where = `${what}: box ${index}`;
  return { where, found: insideOf(boxOf(item, where), where) };
}

function valueOf(json: string | null): string | unknown[] | null {
  const value = json === null ? null : parse('label', json);
  if (value === null || Array.isArray(value)) return value;
  if (typeof value !== 'string') throw invalid('label', 'expected a string, a list of boxes or null');
  if (!value.isWellFormed()) throw invalid('label', `the class ${HALF}`);
  return value;
}

function parse(what: Text, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (thrown) {
    throw invalid(what, 'it is no JSON', { cause: thrown });
  }
}

function goodBoxOf(value: unknown, where: string): Box {
  const box = boxOf(value, where);
  if ('code' in box) throw new SluiceError('SLUICE_E_LABEL_INVALID', box.cause);
  return box;
}

function boxOf(value: unknown, where: string): Box | AnnotationFault {
  const fault = (kind: 'BOX' | 'CATEGORY', what: string): AnnotationFault => ({ code: `SLUICE_E_ANNOTATION_${kind}`, cause: `${where}: ${what}` });
  if (typeof value !== 'object' || value === null) return fault('BOX', 'expected an object');
  const { class: name, bbox, relative, crowd }: { class?: unknown; bbox?: unknown; relative?: unknown; crowd?: unknown } = value;
  if (typeof name !== 'string' || name === '') return fault('CATEGORY', '"class" is to be a name');
  if (!name.isWellFormed()) return fault('CATEGORY', `"class" ${HALF}`);
  if (!isBbox(bbox)) return fault('BOX', '"bbox" is to be [x, y, width, height], numbers, the last two not negative');
  if (relative !== undefined && typeof relative !== 'boolean') return fault('BOX', '"relative" is to be true or false');
  if (crowd !== undefined && typeof crowd !== 'boolean') return fault('BOX', '"crowd" is to be true or false');
  return { class: name, bbox, ...(relative === true ? { relative } : {}), ...(crowd === true ? { crowd } : {}) };
}

/** Of a relative box it is known without the picture whether it lies in it. */
function insideOf(box: Box | AnnotationFault, where: string): Box | AnnotationFault {
  if ('code' in box || box.relative !== true || !isOutside(box.bbox, 1, 1)) return box;
  return { code: 'SLUICE_E_ANNOTATION_OUTSIDE', cause: `${where}: nothing of [${box.bbox.join(', ')}] lies in the image, which goes from 0 to 1` };
}

function isBbox(value: unknown): value is [number, number, number, number] {
  return Array.isArray(value) && value.length === 4 && value.every((side) => Number.isFinite(side)) && value[2] >= 0 && value[3] >= 0;
}

function invalid(what: Text, why: string, options?: ErrorOptions): SluiceError {
  return new SluiceError('SLUICE_E_LABEL_INVALID', `${what}: ${why}`, options);
}
