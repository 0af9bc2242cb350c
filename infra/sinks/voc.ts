import { mkdirSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Box } from '../../schemas/sample.ts';
import type { Reader, StoredDecision } from '../store/types.ts';
import { escapeXml } from '../xml/write.ts';
import { inPixels } from './boxes.ts';
import { writeDataset, writeSmall } from './dataset.ts';
import type { LeftOut } from './left-out.ts';
import type { Media } from './media.ts';
import { Names } from './names.ts';
import { keptBy } from './origin.ts';
import { selected } from './select.ts';
import { SPLITS, type Splits } from './splits.ts';
import type { FolderFormat, Selection } from './types.ts';

/**
 * A Pascal VOC folder: `JPEGImages`, `Annotations`, and for each split a list in `ImageSets/Main`. Boxes are corners in pixels. What came from VOC goes back as
 * it was, fields and all. An image of which nothing is known gets no annotation file, one that shows nothing an empty one.
 */
export const voc: FolderFormat = {
  name: 'voc',
  kind: 'folder',
  write: (reader, selection, to, options) =>
    writeDataset(
      { name: 'voc', entries: ['Annotations', 'ImageSets', 'JPEGImages'], images: ['JPEGImages'], fill: (made, media, leftOut) => fill(reader, selection, options.splits, made, media, leftOut) },
      reader, selection, to, options,
    ),
};

function fill(reader: Reader, selection: Selection, splits: Splits, made: string, media: Media, leftOut: LeftOut): void {
  for (const folder of ['Annotations', 'JPEGImages']) mkdirSync(join(made, folder));
  const names = new Names('JPEGImages', '.xml');
  const sets = new Map<string, string[]>();
  for (const decision of selected(reader, selection)) {
    const { image, label } = names.take(decision.seq, decision.id, decision.uri);
    media.add(decision.uri, made, join('JPEGImages', image));
    const text = annotation(decision, image, reader.origin(decision.seq), leftOut);
    if (text !== null) writeSmall(join(made, 'Annotations', label), text);
    const set = splits(decision);
    if (set !== null) sets.set(set, [...(sets.get(set) ?? []), label.slice(0, -extname(label).length)]);
  }
  for (const set of SPLITS) if (sets.has(set)) writeSmall(join(made, 'ImageSets', 'Main', `${set}.txt`), (sets.get(set) ?? []).map((name) => `${name}\n`).join(''));
}

/** Null for none. */
function annotation(decision: StoredDecision, image: string, origin: string | null, leftOut: LeftOut): string | null {
  const own = ownText(origin);
  if (own !== undefined) return own;
  leftOut.addBeyond(origin);
  const { label, quality } = decision;
  if (typeof label === 'string') leftOut.add('classes of whole images');
  if (label === null || typeof label === 'string') return null;
  const folder = dirname(join('JPEGImages', image));
  return [
    '<annotation>',
    `  <folder>${escapeXml(folder)}</folder>`,
    `  <filename>${escapeXml(basename(image))}</filename>`,
    `  <size><width>${quality?.width ?? 0}</width><height>${quality?.height ?? 0}</height><depth>3</depth></size>`,
    '  <segmented>0</segmented>',
    ...label.map((box) => object(box, decision)),
    '</annotation>\n',
  ].join('\n');
}

/** What the VOC source kept of the file; undefined for an item of another source. */
function ownText(origin: string | null): string | null | undefined {
  const kept = keptBy('voc', origin);
  return typeof kept === 'string' || kept === null ? kept : undefined;
}

/** Crowds are marked as difficult: evaluation passes over those as over crowds. */
function object(box: Box, { quality }: StoredDecision): string {
  const { class: name, bbox: [x, y, width, height] } = inPixels(box, quality);
  const corners = `<xmin>${x}</xmin><ymin>${y}</ymin><xmax>${sum(x, width)}</xmax><ymax>${sum(y, height)}</ymax>`;
  return `  <object><name>${escapeXml(name)}</name><pose>Unspecified</pose><truncated>0</truncated><difficult>${box.crowd === true ? 1 : 0}</difficult><bndbox>${corners}</bndbox></object>`;
}

/** To a millionth of a pixel, without the noise of adding fractions. */
function sum(a: number, b: number): number {
  return Math.round((a + b) * 1e6) / 1e6;
}
