/** What the COCO source keeps of its file: an item's `origin` and the `header`. Anything else is another format's. */
import type { Id } from './coco-ids.ts';
import { member, slices, withMembers } from '../json/slices.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** `{image, annotations}` of one item, parsed, and as it was spelled. Where its label was corrected elsewhere, the annotations are null and the label tells. */
export interface CocoOrigin {
  readonly text: string;
  readonly image: Fields;
  readonly annotations: readonly Fields[] | null;
}

/** Null for an item of another source. */
export function readOrigin(origin: string | null): CocoOrigin | null {
  if (origin === null) return null;
  const parsed: unknown = JSON.parse(origin);
  if (!isFields(parsed) || !isFields(parsed['image'])) return null;
  const { image, annotations } = parsed;
  if (!Array.isArray(annotations)) return annotations === null ? { text: origin, image, annotations } : null;
  return { text: origin, image, annotations: annotations.map((annotation: unknown) => (isFields(annotation) ? annotation : {})) };
}

/** The image of an origin as JSON, with what is changed. */
export function imageText({ text, image }: CocoOrigin, changes: Fields): string {
  return spelled(member(text, 'image') ?? '{}', image, changes);
}

/** The annotations of an origin as they were spelled, in order. */
export function annotationTexts({ text }: CocoOrigin): string[] {
  const list = member(text, 'annotations') ?? '[]';
  return [...slices(list)].map(({ from, to }) => list.slice(from, to));
}

/** The object as it was spelled, or, where a change is one, with it. */
export function spelled(text: string, fields: Fields, changes: Fields): string {
  return Object.entries(changes).every(([key, value]) => fields[key] === value) ? text : withMembers(text, changes);
}

/** All keys of a file but images and annotations, by key as they were spelled: JSON.stringify would spell numbers anew, and run out of stack where lists nest deep. */
export type CocoHeader = ReadonlyMap<string, string>;

/** Null for the header of another source. */
export function readHeader(header: string): CocoHeader | null {
  const parsed: unknown = JSON.parse(header);
  if (!isFields(parsed)) return null;
  const named = Array.isArray(parsed['categories']);
  // A YOLO header holds `names`; a COCO file of mere images may lack categories.
  if (!named && (parsed['categories'] !== undefined || parsed['names'] !== undefined)) return null;
  // Of a key that comes twice the last counts, as in JSON.parse.
  return new Map([...slices(header)].flatMap(({ key, from, to }) => (key === null ? [] : [[key, header.slice(from, to)] as const])));
}

/** An object in a list of a header, parsed, and as it was spelled. */
export interface Spelled {
  readonly text: string;
  readonly fields: Fields;
}

/** The objects in a list of a header. */
export function spelledList(header: CocoHeader, key: string): readonly Spelled[] {
  const list = header.get(key) ?? '[]';
  if (!list.startsWith('[')) return [];
  return [...slices(list)].flatMap(({ from, to }) => {
    const text = list.slice(from, to);
    const fields: unknown = JSON.parse(text);
    return isFields(fields) ? [{ text, fields }] : [];
  });
}

/** The objects in a list of a parsed header. */
export function listOf(header: Fields, key: string): readonly Fields[] {
  const list = header[key];
  return Array.isArray(list) ? list.filter(isFields) : [];
}

export function idOf(fields: Fields, key = 'id'): Id | undefined {
  const id = fields[key];
  return typeof id === 'number' || typeof id === 'string' ? id : undefined;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
