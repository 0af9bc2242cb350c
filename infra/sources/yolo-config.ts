/** data.yaml of an Ultralytics data set: class names, and which folders or lists hold the images. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import { Faults } from './faults.ts';
import { show } from './text.ts';

export interface YoloConfig {
  /** Class names by class number; null where the file names none. */
  readonly names: ReadonlyMap<number, string> | null;
  /** Keypoints that follow the box in each label line: how many, of how many numbers each; null for detect and segment. */
  readonly keypoints: readonly [count: number, numbers: number] | null;
  /** `path`: where the sets lie, absolute or relative; null where it is not given. */
  readonly path: string | null;
  /** The values of train, val and test. */
  readonly sets: readonly string[];
  /** The value of `unlabelled`, a key of Sluice's own exports: a set of images of which nothing is known. */
  readonly unlabelled: readonly string[];
}

export const NO_CONFIG: YoloConfig = { names: null, keypoints: null, path: null, sets: [], unlabelled: [] };

/** @throws SluiceError SLUICE_E_SOURCE_SYNTAX naming all faults with line and column */
export function parseYoloConfig(text: string, file: string): YoloConfig {
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = new Faults(file);
  const where = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `line ${line}, column ${col}`;
  };
  for (const error of doc.errors) faults.add(where(error.pos[0]), `${error.message}.`);
  faults.raise();
  const fault: Fault = (path, what) => faults.add(where(offsetOf(doc, path)), `${path[0]}: ${what}`);
  const top = plain(doc, faults);
  const config: YoloConfig = {
    names: readNames(top['names'], fault),
    keypoints: readKeypoints(top['kpt_shape'], fault),
    path: typeof top['path'] === 'string' ? top['path'] : null,
    sets: ['train', 'val', 'test'].flatMap((key) => readSet(key, top[key], fault)),
    // To others the key may mean anything.
    unlabelled: typeof top['unlabelled'] === 'string' && top['unlabelled'] !== '' ? [top['unlabelled']] : [],
  };
  faults.raise();
  return config;
}

/** Of the value at a path of keys, or of what holds it. */
function offsetOf(doc: Document, path: readonly string[]): number {
  // Class numbers are numbers to YAML, where they are the keys of a map.
  const keys = path.map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  for (let length = keys.length; length > 0; length -= 1) {
    const node: unknown = doc.getIn(keys.slice(0, length), true);
    if ((isScalar(node) || isSeq(node) || isMap(node)) && node.range) return node.range[0];
  }
  return 0;
}

function plain(doc: Document, faults: Faults): Readonly<Record<string, unknown>> {
  if (doc.contents === null) return {};
  if (!isMap(doc.contents)) faults.add('line 1, column 1', 'expected keys such as names, train and val.');
  faults.raise();
  try {
    return doc.toJS() as Record<string, unknown>;
  } catch (thrown) {
    // Aliases that multiply (a "billion laughs" file).
    faults.add('line 1, column 1', `${thrown instanceof Error ? thrown.message : String(thrown)}.`);
    faults.raise();
    return {};
  }
}

type Fault = (path: readonly [key: string, ...string[]], what: string) => void;

function readNames(value: unknown, fault: Fault): ReadonlyMap<number, string> | null {
  if (value === undefined || value === null) return null;
  const names = new Map<number, string>();
  if (typeof value !== 'object') fault(['names'], `expected a list or a map of class names, found ${show(value)}.`);
  else for (const [key, name] of Object.entries(value)) {
    if (!/^(?:0|[1-9]\d*)$/.test(key)) fault(['names', key], `${show(key)} is no class number.`);
    else if (name === '' || (typeof name !== 'string' && typeof name !== 'number' && typeof name !== 'boolean')) fault(['names', key], `the name of class ${key} is ${show(name)}.`);
    else names.set(Number(key), String(name));
  }
  return names;
}

function readKeypoints(value: unknown, fault: Fault): YoloConfig['keypoints'] {
  if (value === undefined || value === null) return null;
  const shape: readonly unknown[] = Array.isArray(value) ? value : [];
  const [count, dimensions] = shape;
  if (typeof count === 'number' && Number.isInteger(count) && count > 0 && (dimensions === 2 || dimensions === 3)) return [count, dimensions];
  fault(['kpt_shape'], `expected [keypoints, 2 or 3], found ${show(value)}.`);
  return null;
}

function readSet(key: string, value: unknown, fault: Fault): readonly string[] {
  if (value === undefined || value === null || value === '') return [];
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.flatMap((item) => {
    if (typeof item === 'string') return [item];
    fault([key], `expected a folder or a list of folders, found ${show(item)}.`);
    return [];
  });
}
