/** The members of one sample of WebDataset. */
import { isUtf8 } from 'node:buffer';
import type { Entry } from '../../operators/ports.ts';
import type { AnnotationFaults } from '../../schemas/annotations.ts';
import { SluiceError } from '../../schemas/errors.ts';
import type { Label } from '../../schemas/sample.ts';
import { type Fields, isFields } from './coco-values.ts';
import { givenLabel } from './given-label.ts';
import { jsonOf } from './json.ts';
import { show, storable } from './text.ts';
import { parseTime } from './time.ts';

export interface Member {
  /** The name up to the first dot of its last part. */
  readonly key: string;
  /** What is behind that dot. */
  readonly extension: string;
  readonly image: boolean;
  /** In the shard; more than `bytes` has where it is too large. */
  readonly size: number;
  readonly bytes: Buffer;
}

/** What an export to WebDataset gives back: members by their extensions, as far as they are texts. */
export interface WebDatasetOrigin {
  readonly webdataset: {
    readonly key: string;
    readonly members: Readonly<Record<string, string>>;
    /** Members that are neither. */
    readonly others: number;
  };
}

/** @param shard its name. @param file its path */
export function sampleOf(shard: string, file: string, members: readonly Member[]): Entry {
  const image = members.find((member) => member.image);
  const key = members[0]?.key ?? '';
  const id = storable(`${shard}/${key}${image === undefined ? '' : `.${image.extension}`}`);
  const bad = (code: 'SLUICE_E_ROW_INVALID' | 'SLUICE_E_IMAGE_TOO_LARGE', cause: string): Entry => ({ id, error: new SluiceError(code, `${shard}.tar, ${show(key)}: ${cause}`) });
  if (image === undefined) return bad('SLUICE_E_ROW_INVALID', `there is no image among ${members.map(({ extension }) => extension).join(', ')}.`);
  if (image.size > image.bytes.length) return bad('SLUICE_E_IMAGE_TOO_LARGE', `the image has ${image.size} bytes.`);
  const texts = members.filter((member) => !member.image && member.size === member.bytes.length && isUtf8(member.bytes)).map(({ extension, bytes }) => [extension, bytes.toString('utf8')] as const);
  const found = new Map(texts);
  const json = found.has('json') ? fieldsOf(found.get('json') ?? '') : {};
  if (json === null) return bad('SLUICE_E_ROW_INVALID', 'its .json is no JSON object.');
  const said = saidOf(found.get('cls') ?? null, json, `${shard}.tar, ${show(key)}`);
  if (said === null) return bad('SLUICE_E_ROW_INVALID', `label: expected a class, a list of boxes or null, found ${show(json['label'])}.`);
  const { stream, time: when } = json;
  const time = typeof when === 'string' ? parseTime(when) : null;
  const origin: WebDatasetOrigin = { webdataset: { key, members: Object.fromEntries(texts), others: members.length - 1 - texts.length } };
  const sample = { id, uri: `${file}#${key}.${image.extension}`, stream: typeof stream === 'string' && stream !== '' ? stream : 'default', time, label: said.label, ...(said.faults.length > 0 ? { faults: said.faults } : {}), origin: JSON.stringify(origin) };
  return { sample, bytes: image.bytes };
}

function fieldsOf(text: string): Fields | null {
  const read = jsonOf(text);
  return 'value' in read && isFields(read.value) ? read.value : null;
}

/** `label` or `class` of the JSON; else what `.cls` says, which is a class or the number of one. */
function saidOf(cls: string | null, json: Fields, where: string): { readonly label: Label; readonly faults: readonly AnnotationFaults[] } | null {
  const value = json['label'] ?? json['class'];
  if (typeof value === 'number') return { label: String(value), faults: [] };
  if (value !== undefined) return givenLabel(value, `${where}, label`);
  return { label: cls?.trim() || null, faults: [] };
}
