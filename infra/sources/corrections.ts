/** Labels that take the place of earlier ones: a CSV `path,label`, or a COCO JSON. A bad row is told and stops nothing. */
import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { usable } from '../../schemas/annotations.ts';
import { SluiceError } from '../../schemas/errors.ts';
import type { Label } from '../../schemas/sample.ts';
import { annotationsOf, boxOf } from './coco.ts';
import { sizeOf } from './coco-annotation.ts';
import { openCocoFile, type CocoFile } from './coco-file.ts';
import { idOf, isFields, type Id } from './coco-values.ts';
import { Faults } from './faults.ts';
import { readHeader, widthFault, type Columns } from './header.ts';
import { normalise } from './inside.ts';
import { readRows } from './rows.ts';
import { errno, show, storable } from './text.ts';

export interface GivenCorrection {
  readonly label: Exclude<Label, null>;
  /** Its annotations as a COCO JSON spells them, as a list; null for another file. */
  readonly annotations: string | null;
}

/** A row that says nothing that could be understood. */
export interface BadRow {
  readonly id: string;
  readonly code: string;
  readonly cause: string;
}

export interface Corrections {
  /** By id, in the order of the file. */
  readonly given: ReadonlyMap<string, GivenCorrection>;
  /** Of a COCO JSON; empty for another file. */
  readonly categories: ReadonlyMap<Id, string>;
  readonly bad: readonly BadRow[];
}

/**
 * All of the file is held in memory. An image with a bad annotation stays as it was: left out, the annotation would count as taken away.
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX (no CSV or COCO JSON), SLUICE_E_CONFIG_INVALID (not there)
 */
export async function readCorrections(file: string): Promise<Corrections> {
  const stats = await stat(file).catch((thrown: unknown) => errno(thrown) || String(thrown));
  if (typeof stats === 'string' || !stats.isFile()) {
    throw new SluiceError('SLUICE_E_CONFIG_INVALID', `--labels: ${show(file)} ${typeof stats === 'string' ? `cannot be reached (${stats})` : 'is no regular file'}.`);
  }
  return extname(file).toLowerCase() === '.json' ? ofCoco(file) : ofCsv(file);
}

class Gathered {
  readonly given = new Map<string, GivenCorrection>();
  readonly bad: BadRow[] = [];

  refuse(id: string, code: string, cause: string): void {
    this.bad.push({ id: storable(id), code, cause });
  }

  add(id: string, correction: GivenCorrection, where: string): void {
    const before = this.given.get(id);
    if (before === undefined) this.given.set(id, correction);
    else if (JSON.stringify(before.label) !== JSON.stringify(correction.label)) this.refuse(id, 'SLUICE_E_ID_REPEATED', `${where}: ${show(id)} came before with another label, which holds.`);
  }
}

async function ofCsv(file: string): Promise<Corrections> {
  const name = basename(file);
  const faults = new Faults(name);
  const all = new Gathered();
  let columns: Columns<'path' | 'label'> | null = null;
  for await (const row of readRows(file)) {
    if (columns === null) {
      columns = readHeader(row, ['path', 'label'], [], faults);
      faults.raise();
      continue;
    }
    const path = row.fields[columns.place.path] ?? '';
    const label = row.fields[columns.place.label] ?? '';
    const width = widthFault(row, columns);
    if (width !== null) all.refuse(path, 'SLUICE_E_ROW_INVALID', `${name}, ${width.join(': ')}`);
    else if (path === '') all.refuse(path, 'SLUICE_E_ROW_INVALID', `${name}, line ${row.line}, column "path": the path is empty.`);
    else if (label !== '') all.add(normalise(path) ?? path, { label, annotations: null }, `${name}, line ${row.line}`);
  }
  if (columns === null) readHeader(null, ['path', 'label'], [], faults);
  faults.raise();
  return { ...all, categories: new Map() };
}

async function ofCoco(file: string): Promise<Corrections> {
  const coco = await openCocoFile(file);
  try {
    return correctionsIn(coco, basename(file));
  } finally {
    coco.close();
  }
}

function correctionsIn(coco: CocoFile, name: string): Corrections {
  if (!coco.annotated) throw new SluiceError('SLUICE_E_SOURCE_SYNTAX', `${name}: there is no key "annotations", so nothing is said of its images.`);
  const all = new Gathered();
  for (let index = 0; index < coco.count; index++) {
    const { value: image } = coco.image(index);
    const where = `${name}, images[${index}]`;
    const path = isFields(image) && typeof image['file_name'] === 'string' ? image['file_name'] : '';
    const id = isFields(image) ? idOf(image['id']) : null;
    if (!isFields(image) || path === '' || id === null) {
      all.refuse(path || where, 'SLUICE_E_ROW_INVALID', `${where}: expected an object with a "file_name" and an "id", a whole number or a text, found ${show(image)}.`);
      continue;
    }
    const annotations = annotationsOf(coco, id);
    const { label, faults } = usable(annotations.map((annotation) => ({ where: `${name}, annotations[${annotation.place}]`, found: boxOf(coco, name, annotation, sizeOf(image)) })));
    for (const { code, causes } of faults) all.refuse(path, code, causes.join(' '));
    if (faults.length > 0 || label === null) continue;
    all.add(normalise(path) ?? path, { label, annotations: `[${annotations.map(({ text }) => text).join(',')}]` }, where);
  }
  for (const { code, causes } of coco.strays) all.refuse(name, code, causes.join(' '));
  return { ...all, categories: coco.categories };
}
