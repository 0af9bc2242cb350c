import { normalise } from '../sources/inside.ts';
import type { Reader, StoredDecision } from '../store/types.ts';
import { inPixels, pointsInPixels } from './boxes.ts';
import { Categories } from './coco-categories.ts';
import { keptFile } from './frames.ts';
import { type Id, Ids } from './coco-ids.ts';
import { annotationTexts, type CocoHeader, type CocoOrigin, type Fields, idOf, imageText, readHeader, readOrigin, spelled, spelledList } from './coco-parts.ts';
import type { LeftOut } from './left-out.ts';
import { areaOf, outlinesOf } from './outlines.ts';
import { selected } from './select.ts';
import type { Selection } from './types.ts';

const MARK = 'sluice_export';

/** The first line of every export: a file that begins with it may be replaced by the next one. Readers of COCO pass over keys they do not know. */
export const FIRST_LINE = `{"${MARK}": "Written by sluice export --format coco; the next export to this folder replaces this file.",`;

/**
 * One COCO instances file. What came from COCO goes back whole: ids, unknown fields, all annotations, and the header. Items of other
 * sources get new ids; their boxes become annotations, a class an annotation without a box. Only ids are held in memory. Numbers stay as
 * they were spelled, as far as the origin has them so.
 * @param nameOf what an image is called, where that is not as it came
 */
export function* cocoText(reader: Reader, selection: Selection, nameOf: (decision: StoredDecision) => string | null = () => null): Iterable<string> {
  const headers = reader.headers().flatMap(({ source, header: text }) => {
    const header = readHeader(text);
    return header === null ? [] : [{ source, header }];
  });
  const categories = new Categories(headers);
  const known = survey(reader, selection);
  yield `${FIRST_LINE}\n`;
  for (const [key, value] of mergedHeader(headers.map(({ header }) => header))) yield `${JSON.stringify(key)}: ${value},\n`;
  yield '"images": [';
  yield* listed(images(reader, selection, known, nameOf));
  yield '],\n"annotations": [';
  yield* listed(annotations(reader, selection, known, categories));
  yield `],\n"categories": [${categories.texts.join(',')}]}\n`;
}

interface Known {
  readonly images: ReadonlySet<Id>;
  readonly annotations: ReadonlySet<Id>;
}

/** All ids that items come with, so that a new one never takes what a later item brings. */
function survey(reader: Reader, selection: Selection): Known {
  const known = { images: new Set<Id>(), annotations: new Set<Id>() };
  for (const { origin } of items(reader, selection)) {
    if (origin === null) continue;
    const image = idOf(origin.image);
    if (image !== undefined) known.images.add(image);
    for (const annotation of origin.annotations ?? []) {
      const id = idOf(annotation);
      if (id !== undefined) known.annotations.add(id);
    }
  }
  return known;
}

function* images(reader: Reader, selection: Selection, known: Known, nameOf: (decision: StoredDecision) => string | null): Iterable<string> {
  const ids = new Ids(known.images);
  for (const { decision, origin } of items(reader, selection)) {
    const id = ids.take(origin === null ? undefined : idOf(origin.image));
    const name = nameOf(decision);
    const called = origin?.image['file_name'];
    yield origin === null ? JSON.stringify({ id, file_name: name ?? keptFile(reader.dir, decision) ?? decision.id, width: decision.quality?.width, height: decision.quality?.height }) : imageText(origin, { id, ...(name === null || (typeof called === 'string' && normalise(called) === name) ? {} : { file_name: name }) });
  }
}

function* annotations(reader: Reader, selection: Selection, known: Known, categories: Categories): Iterable<string> {
  const imageIds = new Ids(known.images);
  const ids = new Ids(known.annotations);
  const sourceOf = sources(reader);
  for (const { decision, origin } of items(reader, selection)) {
    const image = imageIds.take(origin === null ? undefined : idOf(origin.image));
    if (origin === null || origin.annotations === null) {
      for (const made of madeFrom(decision, reader.origin(decision.seq), categories)) yield JSON.stringify({ id: ids.take(undefined), image_id: image, ...made });
      continue;
    }
    const texts = annotationTexts(origin);
    for (const [i, annotation] of origin.annotations.entries()) {
      const category = idOf(annotation, 'category_id');
      const moved = category === undefined ? {} : { category_id: categories.idFor(sourceOf(decision.seq), category) };
      yield spelled(texts[i] ?? '{}', annotation, { id: ids.take(idOf(annotation)), image_id: image, ...moved });
    }
  }
}

/** Counts what COCO does not hold of an item of another source. */
export function lackedByCoco({ label, quality }: StoredDecision, origin: string | null, leftOut: LeftOut): void {
  if (readOrigin(origin) === null) leftOut.addBeyondPolygons(origin, outlinesOf(origin, Array.isArray(label) ? label : [], quality), ['crowd flags']);
}

/** Annotations for a label that did not come from COCO. A class alone gets no box: nobody drew one. */
function madeFrom({ label, quality }: StoredDecision, origin: string | null, categories: Categories): Fields[] {
  if (label === null) return [];
  if (typeof label === 'string') return [{ category_id: categories.named(label) }];
  const outlines = outlinesOf(origin, label, quality).of;
  return label.map((box, i) => {
    const plain = inPixels(box, quality);
    const segmentation = (outlines[i] ?? []).map((polygon) => pointsInPixels(polygon, quality));
    const area = segmentation.length > 0 ? Math.round(areaOf(segmentation) * 1e6) / 1e6 : plain.bbox[2] * plain.bbox[3];
    return { category_id: categories.named(plain.class), bbox: plain.bbox, area, segmentation, iscrowd: box.crowd === true ? 1 : 0 };
  });
}

function* items(reader: Reader, selection: Selection): Iterable<{ readonly decision: StoredDecision; readonly origin: CocoOrigin | null }> {
  for (const decision of selected(reader, selection)) yield { decision, origin: readOrigin(reader.origin(decision.seq)) };
}

/** Which source an item came from, by the run log. To be asked in order of seq. */
function sources(reader: Reader): (seq: number) => string {
  const runs = reader.runs();
  let at = 0;
  return (seq) => {
    while ((runs[at + 1]?.seq ?? Infinity) <= seq) at += 1;
    return runs[at]?.config.source ?? '';
  };
}

/** The first source's header; of the others the licences it does not have. Categories are written apart. */
function mergedHeader(headers: readonly CocoHeader[]): CocoHeader {
  const merged = new Map<string, string>();
  for (const header of headers) for (const [key, text] of header) if (!merged.has(key)) merged.set(key, text);
  if (headers.length > 1) {
    const licenses = headers.flatMap((header) => spelledList(header, 'licenses'));
    const firsts = new Map(licenses.toReversed().map(({ text, fields }) => [idOf(fields) ?? text, text]));
    if (licenses.length > 0) merged.set('licenses', `[${[...firsts.values()].reverse().join(',')}]`);
  }
  for (const own of [MARK, 'images', 'annotations', 'categories']) merged.delete(own);
  return merged;
}

function* listed(entries: Iterable<string>): Iterable<string> {
  let first = true;
  for (const entry of entries) {
    yield `${first ? '\n' : ',\n'}${entry}`;
    first = false;
  }
}
