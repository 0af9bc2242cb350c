/** What people do wrong with boxes, done to some of the objects of a set at random. */
import { uniform } from '../../operators/state/hash.ts';
import { overlap } from '../../operators/state/objects/faults.ts';
import type { Box } from '../../schemas/sample.ts';
import { shuffled } from '../quality/random.ts';

/** One object: its sample's number, and its place among the boxes of the label. */
export interface ObjectPlace {
  readonly sample: number;
  readonly index: number;
}

export type Bbox = Box['bbox'];

/** What a hash of (seed, object) gives for each thing that is drawn, 0..1. */
export type Draw = (what: string) => number;

export function drawOf(seed: number, { sample, index }: ObjectPlace): Draw {
  return (what) => uniform(seed, `${sample} ${index} ${what}`);
}

/** So many of the objects, as a share of all, drawn by the seed. */
export function someOf(objects: readonly ObjectPlace[], share: number, seed: number): readonly ObjectPlace[] {
  return [...shuffled(objects.length, seed).subarray(0, Math.round(share * objects.length))].flatMap((k) => objects.slice(k, k + 1));
}

/** Another class, any of the others alike. */
export function swapped(name: string, classes: readonly string[], draw: Draw): string {
  const others = classes.filter((other) => other !== name);
  return others[Math.floor(draw('class') * others.length)] ?? name;
}

/** The same box drawn again: each side up to 2 pixels off. */
export function drawnAgain([x, y, w, h]: Bbox, draw: Draw): Bbox {
  const off = (what: string): number => Math.round((draw(what) * 2 - 1) * 2);
  const [left, top] = [x + off('left'), y + off('top')];
  return [left, top, Math.max(1, x + w + off('right') - left), Math.max(1, y + h + off('bottom') - top)];
}

/** Moved over an edge of the picture until half of it or less is inside. @param width of the picture, as is the height */
export function movedOut([x, y, w, h]: Bbox, width: number, height: number, draw: Draw): Bbox {
  const inside = draw('inside') / 2;
  const edge = Math.floor(draw('edge') * 4);
  if (edge === 0) return [-(1 - inside) * w, y, w, h];
  if (edge === 1) return [width - inside * w, y, w, h];
  if (edge === 2) return [x, -(1 - inside) * h, w, h];
  return [x, height - inside * h, w, h];
}

/** Moved by 30 to 60 % of its size, along one side or both. */
export function shifted([x, y, w, h]: Bbox, draw: Draw): Bbox {
  const by = (what: string): number => (0.3 + 0.3 * draw(what)) * (draw(`${what} back`) < 0.5 ? -1 : 1);
  const along = Math.floor(draw('along') * 3);
  return [along === 1 ? x : x + by('x') * w, along === 0 ? y : y + by('y') * h, w, h];
}

/** Three times as wide and high, or a third, about its centre. */
export function scaled([x, y, w, h]: Bbox, draw: Draw): Bbox {
  const by = draw('scale') < 0.5 ? 3 : 1 / 3;
  return [x + (w - by * w) / 2, y + (h - by * h) / 2, by * w, by * h];
}

/** As large as it is, somewhere where it overlaps no box of its image; null where none of 64 places will do. */
export function emptied([, , w, h]: Bbox, boxes: readonly Bbox[], width: number, height: number, draw: Draw): Bbox | null {
  if (w > width || h > height) return null;
  for (let place = 0; place < 64; place++) {
    const bbox: Bbox = [draw(`left ${place}`) * (width - w), draw(`top ${place}`) * (height - h), w, h];
    if (boxes.every((other) => overlap(bbox, other) === 0)) return bbox;
  }
  return null;
}
