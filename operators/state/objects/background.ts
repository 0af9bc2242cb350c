/** What lies beside the objects of a picture: one region that no box covers, embedded as a crop too, so that the head of objects knows what boxes around nothing look like. */
import type { Box } from '../../../schemas/sample.ts';
import { uniform } from '../hash.ts';
import { inPixels, type ChosenObject } from './choose.ts';
import { overlap } from './faults.ts';

/** The class that the head of objects knows it by: no source gives a class without a name. */
export const BACKGROUND = '';
/** Side in pixels. */
const LEAST_SIDE = 24;
/** Places that are tried at one size before a smaller one, and sizes. Bounds what a picture full of boxes costs. */
const PLACES = 16;
const SIZES = 8;
const SMALLER = 1.5;

/**
 * A region as large as one of the boxes, or smaller where such a one finds no place; drawn by a hash of the id. Null where there are no boxes (nobody said then
 * what counts as an object), and where hardly anything is free.
 * @param width of the picture in pixels, as is the height
 */
export function chooseBackground(id: string, boxes: readonly Box[], width: number, height: number): ChosenObject['region'] | null {
  const draw = (what: string): number => uniform(0, `${id} background ${what}`);
  const placed = boxes.map((box) => inPixels(box, width, height));
  const like = placed[Math.floor(draw('box') * placed.length)];
  if (like === undefined) return null;
  for (let size = 0; size < SIZES; size++) {
    const [w, h] = [like[2], like[3]].map((side) => Math.max(LEAST_SIDE, Math.round(side / SMALLER ** size))) as [number, number];
    if (w > width || h > height) continue;
    for (let place = 0; place < PLACES; place++) {
      const left = Math.floor(draw(`${size} ${place} left`) * (width - w + 1));
      const top = Math.floor(draw(`${size} ${place} top`) * (height - h + 1));
      if (placed.every((box) => overlap(box, [left, top, w, h]) === 0)) return { left, top, width: w, height: h };
    }
  }
  return null;
}
