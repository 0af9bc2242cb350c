import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { classesOf } from '../../schemas/sample.ts';
import type { CvatHeader, CvatOrigin } from '../sources/cvat.ts';
import type { Reader, StoredDecision } from '../store/types.ts';
import { type Tree, xmlOf } from '../xml/tree.ts';
import { inPixels, pointsInPixels } from './boxes.ts';
import { writeDataset } from './dataset.ts';
import type { LeftOut } from './left-out.ts';
import type { Media } from './media.ts';
import { Names } from './names.ts';
import { keptBy } from './origin.ts';
import { asOne, outlinesOf } from './outlines.ts';
import { TextFile } from './output.ts';
import { selected } from './select.ts';
import type { Splits } from './splits.ts';
import type { FolderFormat, Selection } from './types.ts';

/**
 * A task of CVAT for images (1.1): `annotations.xml`, and `images`, which names in it are relative to. Boxes are `box`, the class of a whole image is a `tag`, a split is the
 * `subset`. What came from CVAT goes back as it was, but for the number and the name of its image.
 */
export const cvat: FolderFormat = {
  name: 'cvat',
  kind: 'folder',
  write: (reader, selection, to, options) =>
    writeDataset({ name: 'cvat', entries: ['annotations.xml', 'images'], images: ['images'], fill: (made, media, leftOut) => fill(reader, selection, options.splits, made, media, leftOut) }, reader, selection, to, options),
};

function fill(reader: Reader, selection: Selection, splits: Splits, made: string, media: Media, leftOut: LeftOut): void {
  mkdirSync(join(made, 'images'));
  const names = new Names('images', '');
  const file = new TextFile(join(made, 'annotations.xml'));
  try {
    file.add('<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n');
    for (const tree of headerOf(reader, selection)) file.add(xmlOf(tree, '  '));
    let number = 0;
    for (const decision of selected(reader, selection)) {
      const name = names.take(decision.seq, decision.id, decision.uri).image;
      media.add(decision.uri, made, join('images', name));
      const split = splits(decision);
      file.add(xmlOf(imageOf(decision, reader.origin(decision.seq), { id: String(number), name, ...(split === null ? {} : { subset: split }) }, leftOut), '  '));
      number += 1;
    }
    file.add('</annotations>\n');
    file.finish(true);
  } finally {
    file.close();
  }
}

/** What stood beside the images of the first source from CVAT; else the labels, which a task must have before annotations can be uploaded to it. */
function headerOf(reader: Reader, selection: Selection): readonly Tree[] {
  for (const { header } of reader.headers()) {
    const parsed: unknown = JSON.parse(header);
    if (typeof parsed === 'object' && parsed !== null && 'cvat' in parsed) return (parsed as CvatHeader).cvat;
  }
  const used = new Set<string>();
  for (const { label } of selected(reader, selection)) for (const name of classesOf(label) ?? []) used.add(name);
  const label = (name: string): Tree => ({ name: 'label', children: [{ name: 'name', text: name }] });
  return [{ name: 'version', text: '1.1' }, { name: 'meta', children: [{ name: 'task', children: [{ name: 'labels', children: [...used].sort().map(label) }] }] }];
}

function imageOf(decision: StoredDecision, origin: string | null, own: Readonly<Record<string, string>>, leftOut: LeftOut): Tree {
  const came = (keptBy('cvat', origin) ?? null) as CvatOrigin['cvat'] | null;
  if (came !== null) return { ...came, attributes: { ...came.attributes, ...own } };
  const { label, quality } = decision;
  const outlines = outlinesOf(origin, Array.isArray(label) ? label : [], quality);
  leftOut.addBeyondPolygons(origin, outlines);
  const { id = '', name = '', ...rest } = own;
  const attributes = { id, name, ...rest, width: String(quality?.width ?? 0), height: String(quality?.height ?? 0) };
  // CVAT lists every image; one that nobody has looked at reads as one that shows nothing.
  if (label === null) leftOut.add('that nothing is known of an image');
  if (label === null) return { name: 'image', attributes };
  if (typeof label === 'string') return { name: 'image', attributes, children: [{ name: 'tag', attributes: { label, source: 'manual' } }] };
  const boxes = label.map((box, i): Tree => {
    const { class: shown, bbox: [x, y, width, height] } = inPixels(box, quality);
    // Those of an origin are counted with what else it has.
    if (box.crowd === true && origin === null) leftOut.add('crowd flags');
    const side = (value: number): string => String(Math.round(value * 1e6) / 1e6);
    const outline = outlines.of[i] ?? null;
    if (outline !== null) return { name: 'polygon', attributes: { label: shown, source: 'manual', occluded: '0', points: pairs(pointsInPixels(asOne(outline), quality)), z_order: '0' } };
    return { name: 'box', attributes: { label: shown, source: 'manual', occluded: '0', xtl: side(x), ytl: side(y), xbr: side(x + width), ybr: side(y + height), z_order: '0' } };
  });
  return { name: 'image', attributes, children: boxes };
}

/** x,y;x,y;… */
function pairs(points: readonly number[]): string {
  return points.map((value, i) => `${i === 0 ? '' : i % 2 === 0 ? ';' : ','}${value}`).join('');
}
