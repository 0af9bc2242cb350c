/** One image of a CVAT file. */
import { isOutside, usable, type AnnotationFault, type Checked, type Usable } from '../../schemas/annotations.ts';
import type { Box, Label } from '../../schemas/sample.ts';
import { decimal, type Element } from '../xml/read.ts';
import { show } from './text.ts';

type Sides = readonly [left: number, top: number, right: number, bottom: number];

interface Annotated {
  readonly label: Label;
  readonly faults: Usable['faults'];
}

/** Shapes that have an extent; polylines, points, skeletons and cuboids are kept for an export and say nothing here. */
const SHAPES: Readonly<Record<string, (attributes: Element['attributes']) => Sides>> = {
  box: ({ xtl, ytl, xbr, ybr }) => [decimal(xtl), decimal(ytl), decimal(xbr), decimal(ybr)],
  polygon: ({ points = '' }) => boundsOf(points),
  ellipse: ({ cx, cy, rx, ry }) => [decimal(cx) - decimal(rx), decimal(cy) - decimal(ry), decimal(cx) + decimal(rx), decimal(cy) + decimal(ry)],
  // The last pixels belong to a mask.
  mask: ({ left, top, width, height }) => [decimal(left), decimal(top), decimal(left) + decimal(width), decimal(top) + decimal(height)],
};

/**
 * The boxes round the shapes of an image, in pixels; where it has none but a tag, that is the class of the whole image.
 * @param where the file, for the causes
 */
export function labelOf({ attributes, children }: Element, where: string): Annotated {
  const [width, height] = [decimal(attributes['width']), decimal(attributes['height'])];
  const [tag, ...more] = children.filter(({ name }) => name === 'tag');
  const shapes = children.filter(({ name }) => name in SHAPES);
  if (shapes.length === 0 && tag !== undefined) {
    const name = tag.attributes['label'] ?? '';
    const second = more.map((other): Checked => ({ where: at(where, other), found: { code: 'SLUICE_E_ANNOTATION_CATEGORY', cause: `${at(where, other)}: the image has the class ${show(name)} already, and this is another.` } }));
    const nameless: readonly Checked[] = name === '' ? [{ where, found: { code: 'SLUICE_E_ANNOTATION_CATEGORY', cause: `${at(where, tag)}: the tag has no label.` } }] : [];
    return { label: name === '' ? null : name, faults: usable([...nameless, ...second]).faults };
  }
  return usable(shapes.map((shape): Checked => ({ where: at(where, shape), found: boxOf(shape, at(where, shape), width, height) })));
}

function at(where: string, { line }: Element): string {
  return `${where}, line ${line}`;
}

function boxOf({ name, attributes }: Element, where: string, width: number, height: number): Box | AnnotationFault {
  const { label = '' } = attributes;
  if (label === '') return { code: 'SLUICE_E_ANNOTATION_CATEGORY', cause: `${where}: the ${name} has no label.` };
  const [left, top, right, bottom] = SHAPES[name]?.(attributes) ?? [NaN, NaN, NaN, NaN];
  const bbox: Box['bbox'] = [left, top, right - left, bottom - top];
  if (!bbox.every(Number.isFinite) || bbox[2] < 0 || bbox[3] < 0) return { code: name === 'polygon' ? 'SLUICE_E_ANNOTATION_POLYGON' : 'SLUICE_E_ANNOTATION_BOX', cause: `${where}: the ${name} has no place: ${show(JSON.stringify(attributes), 200)}.` };
  if (width > 0 && height > 0 && isOutside(bbox, width, height)) return { code: 'SLUICE_E_ANNOTATION_OUTSIDE', cause: `${where}: nothing of the ${name} lies in the image of ${width} x ${height} pixels.` };
  return { class: label, bbox };
}

/** Of points `x,y;x,y;x,y`; NaN where they are none, or less than three. */
function boundsOf(points: string): Sides {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const pairs = points.split(';');
  for (const pair of pairs) {
    const [x, y, more] = pair.split(',').map(decimal);
    if (more !== undefined || x === undefined || y === undefined || Number.isNaN(x) || Number.isNaN(y)) return [NaN, NaN, NaN, NaN];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  }
  return pairs.length < 3 ? [NaN, NaN, NaN, NaN] : [left, top, right, bottom];
}
