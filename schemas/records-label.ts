/** Labels in records: JSON, which comes from outside and is believed nothing. */
import { isOutside, usable, type AnnotationFault, type AnnotationFaults } from './annotations.ts';
import { SluiceError } from './errors.ts';
import type { Box, Label } from './sample.ts';

/** State is kept as UTF-8: such a name would come back as another class. */
const HALF = 'has half a surrogate pair in it';

export function labelJson(label: Label): string | null {
  return label === null ? null : JSON.stringify(label);
}

/** A label all of whose boxes must be good. @throws SluiceError SLUICE_E_LABEL_INVALID */
export function labelOf(json: string | null): Label {
  const value = valueOf(json);
  return Array.isArray(value) ? value.map(goodBoxOf) : value;
}

/** A label, and what of its boxes cannot be used. @throws SluiceError SLUICE_E_LABEL_INVALID for what is no label at all */
export function usableLabelOf(json: string | null): { readonly label: Label; readonly faults: readonly AnnotationFaults[] } {
  const value = valueOf(json);
  if (!Array.isArray(value)) return { label: value, faults: [] };
  return usable(value.map((item, i) => ({ where: `label: box ${i}`, found: insideOf(boxOf(item, i), i) })));
}

function valueOf(json: string | null): string | unknown[] | null {
  const value = json === null ? null : parse(json);
  if (value === null || Array.isArray(value)) return value;
  if (typeof value !== 'string') throw invalid('expected a string, a list of boxes or null');
  if (!value.isWellFormed()) throw invalid(`the class ${HALF}`);
  return value;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (thrown) {
    throw invalid('it is no JSON', { cause: thrown });
  }
}

function goodBoxOf(value: unknown, index: number): Box {
  const box = boxOf(value, index);
  if ('code' in box) throw new SluiceError('SLUICE_E_LABEL_INVALID', box.cause);
  return box;
}

function boxOf(value: unknown, index: number): Box | AnnotationFault {
  const fault = (kind: 'BOX' | 'CATEGORY', what: string): AnnotationFault => ({ code: `SLUICE_E_ANNOTATION_${kind}`, cause: `label: box ${index}: ${what}` });
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
function insideOf(box: Box | AnnotationFault, index: number): Box | AnnotationFault {
  if ('code' in box || box.relative !== true || !isOutside(box.bbox, 1, 1)) return box;
  return { code: 'SLUICE_E_ANNOTATION_OUTSIDE', cause: `label: box ${index}: nothing of [${box.bbox.join(', ')}] lies in the image, which goes from 0 to 1` };
}

function isBbox(value: unknown): value is [number, number, number, number] {
  return Array.isArray(value) && value.length === 4 && value.every((side) => Number.isFinite(side)) && value[2] >= 0 && value[3] >= 0;
}

function invalid(what: string, options?: ErrorOptions): SluiceError {
  return new SluiceError('SLUICE_E_LABEL_INVALID', `label: ${what}`, options);
}
