/** Labels in records: JSON, which comes from outside and is believed nothing. */
import { SluiceError } from './errors.ts';
import type { Box, Label } from './sample.ts';

export function labelJson(label: Label): string | null {
  return label === null ? null : JSON.stringify(label);
}

/** @throws SluiceError SLUICE_E_LABEL_INVALID */
export function labelOf(json: string | null): Label {
  if (json === null) return null;
  const value = parse(json);
  if (value === null) return null;
  if (typeof value === 'string') return classOf(value, 'the class');
  if (!Array.isArray(value)) throw invalid('expected a string, a list of boxes or null');
  return value.map(boxOf);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (thrown) {
    throw invalid('it is no JSON', { cause: thrown });
  }
}

function boxOf(value: unknown, index: number): Box {
  if (typeof value !== 'object' || value === null) throw invalid(`box ${index}: expected an object`);
  const { class: name, bbox, relative, crowd }: { class?: unknown; bbox?: unknown; relative?: unknown; crowd?: unknown } = value;
  if (typeof name !== 'string') throw invalid(`box ${index}: "class" is to be a string`);
  classOf(name, `box ${index}: "class"`);
  if (!isBbox(bbox)) throw invalid(`box ${index}: "bbox" is to be [x, y, width, height], numbers, the last two not negative`);
  if (relative !== undefined && typeof relative !== 'boolean') throw invalid(`box ${index}: "relative" is to be true or false`);
  if (crowd !== undefined && typeof crowd !== 'boolean') throw invalid(`box ${index}: "crowd" is to be true or false`);
  return { class: name, bbox, ...(relative === true ? { relative } : {}), ...(crowd === true ? { crowd } : {}) };
}

/** State is kept as UTF-8: half a surrogate pair would come back as another class. */
function classOf(name: string, where: string): string {
  if (!name.isWellFormed()) throw invalid(`${where} has half a surrogate pair in it`);
  return name;
}

function isBbox(value: unknown): value is [number, number, number, number] {
  return Array.isArray(value) && value.length === 4 && value.every((side) => Number.isFinite(side)) && value[2] >= 0 && value[3] >= 0;
}

function invalid(what: string, options?: ErrorOptions): SluiceError {
  return new SluiceError('SLUICE_E_LABEL_INVALID', `label: ${what}`, options);
}
