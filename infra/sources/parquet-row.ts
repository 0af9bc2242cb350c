/** One row of a Parquet file. */
import type { Entry } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { isFields } from './coco-values.ts';
import { givenLabel } from './given-label.ts';
import { type ClassNames, nameOf, objectBoxes } from './hugging-face.ts';
import { normalise, resolveInside, type Root } from './inside.ts';
import { show, storable } from './text.ts';
import { parseTime } from './time.ts';

/** Where a path stands that is not with its image; the first that is there. `id` is what an export of Sluice has. */
const PATHS = ['path', 'file_name', 'id'];
/** The first of them that says something is the label. */
const LABELS = ['boxes', 'objects', 'label'];
const OTHERS = ['stream', 'time', ...LABELS];

type Row = Readonly<Record<string, unknown>>;

export interface Place {
  readonly file: string;
  /** From 0. */
  readonly at: number;
  readonly root: Root;
  readonly names: ClassNames;
  /** Whether there are several files: ids then begin with the name of theirs, where they are made from rows. */
  readonly many: boolean;
}

/** Columns that are read; null where none says what an image is. */
export function usedColumns(names: readonly string[]): readonly string[] | null {
  const image = names.includes('image') ? 'image' : PATHS.find((name) => names.includes(name));
  return image === undefined ? null : [...new Set([image, ...(image === 'image' ? PATHS : []), ...OTHERS])].filter((name) => names.includes(name));
}

export async function entryOf(row: Row, { file, at, root, names, many }: Place): Promise<Entry> {
  const where = `${file}, row ${at}`;
  const { image, id: given, stream, time: when } = row;
  const { bytes, path: inside } = isFields(image) && !(image instanceof Uint8Array) ? image : { bytes: image, path: undefined };
  const path = [inside, ...PATHS.map((name) => row[name])].find((value) => typeof value === 'string' && value !== '');
  const made = `${many ? `${file}:` : ''}${String(at)}`;
  const name = typeof given === 'string' && given !== '' ? given : typeof given === 'number' || typeof given === 'bigint' ? String(given) : typeof path === 'string' ? (normalise(path) ?? path) : made;
  const id = storable(name);
  const bad = (cause: string): Entry => ({ id, error: new SluiceError('SLUICE_E_ROW_INVALID', `${where}: ${cause}`) });
  const time = when instanceof Date ? when.getTime() : typeof when === 'string' ? parseTime(when) : null;
  if (when !== null && when !== undefined && (time === null || Number.isNaN(time))) return bad(`time: expected a timestamp, or a time of the form 2026-01-31T12:00:00Z, found ${show(when)}.`);
  const column = LABELS.find((each) => row[each] !== null && row[each] !== undefined) ?? 'label';
  const value = row[column];
  const boxes = column === 'objects' ? objectBoxes(value, names.objects) : null;
  const label = column === 'objects' && boxes === null ? null : givenLabel(boxes ?? nameOf(value, names.label), `${where}, ${column}`);
  if (label === null) return bad(`${column}: expected ${column === 'objects' ? 'as many classes as boxes' : 'a class, or boxes'}, found ${show(value)}.`);
  const said = { stream: typeof stream === 'string' && stream !== '' ? stream : 'default', time, label: label.label, ...(label.faults.length > 0 ? { faults: label.faults } : {}), origin: null };
  if (bytes instanceof Uint8Array && bytes.length > 0) return { sample: { id, uri: `${root.path}/${file}#${at}`, ...said }, bytes };
  if (bytes instanceof Uint8Array) return { id, error: new SluiceError('SLUICE_E_IMAGE_EMPTY', `${where}: the image holds no bytes.`) };
  if (typeof path !== 'string') return bad('there is neither an image nor a path.');
  const item = await resolveInside(root, path);
  return 'error' in item ? item : { sample: { id: typeof given === 'string' && given !== '' ? id : item.id, uri: item.uri, ...said } };
}
