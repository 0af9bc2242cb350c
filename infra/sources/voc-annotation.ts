/** One annotation file of Pascal VOC. */
import { isOutside, usable, type AnnotationFault, type Checked, type Usable } from '../../schemas/annotations.ts';
import type { Box } from '../../schemas/sample.ts';
import { show } from './text.ts';
import { childOf, decimal, readXml, textOf, type Element, XmlFault } from '../xml/read.ts';

/**
 * The boxes of an annotation file, in pixels: [xmin, ymin, xmax - xmin, ymax - ymin], which is what today's tools mean by the corners.
 * @param path of the file, for the causes
 * @throws XmlFault where it is no XML or no VOC annotation
 */
export function parseVoc(text: string, path: string): Usable {
  const { root, elements } = readXml(text);
  if (root !== 'annotation') throw new XmlFault(1, 1, `expected <annotation>, found <${root}>`);
  const size = elements.find(({ name }) => name === 'size');
  const [width, height] = [decimal(size && textOf(size, 'width')), decimal(size && textOf(size, 'height'))];
  const checked = function* (): Iterable<Checked> {
    for (const element of elements) {
      if (element.name !== 'object') continue;
      const where = `${path}, line ${element.line}`;
      const found = boxOf(element, width, height);
      yield { where, found: 'code' in found ? { code: found.code, cause: `${where}: ${found.cause}` } : found };
    }
  };
  return usable(checked());
}

/** @param width NaN or 0 where the file does not say, as is the height */
function boxOf(object: Element, width: number, height: number): Box | AnnotationFault {
  const name = textOf(object, 'name');
  if (name === null) return { code: 'SLUICE_E_ANNOTATION_CATEGORY', cause: 'the object has no <name>.' };
  const bounds = childOf(object, 'bndbox');
  if (bounds === undefined) return { code: 'SLUICE_E_ANNOTATION_BOX', cause: 'the object has no <bndbox>.' };
  const [xmin, ymin, xmax, ymax] = ['xmin', 'ymin', 'xmax', 'ymax'].map((side) => decimal(textOf(bounds, side))) as [number, number, number, number];
  if ([xmin, ymin, xmax, ymax].some(Number.isNaN)) {
    const bad = ['xmin', 'ymin', 'xmax', 'ymax'].find((side) => Number.isNaN(decimal(textOf(bounds, side)))) ?? '';
    return { code: 'SLUICE_E_ANNOTATION_BOX', cause: `<${bad}> is ${show(textOf(bounds, bad))}, no number.` };
  }
  if (xmax < xmin || ymax < ymin) return { code: 'SLUICE_E_ANNOTATION_BOX', cause: `the box ends (${xmax}, ${ymax}) before it begins (${xmin}, ${ymin}).` };
  const bbox = [xmin, ymin, xmax - xmin, ymax - ymin] as const;
  if (width > 0 && height > 0 && isOutside(bbox, width, height)) return { code: 'SLUICE_E_ANNOTATION_OUTSIDE', cause: `nothing of ${show(bbox)} lies in the image of ${width} x ${height} pixels.` };
  return { class: name, bbox };
}
