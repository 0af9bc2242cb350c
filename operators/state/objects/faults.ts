/** What is wrong with a box by itself, or beside the others of its image. */
import type { BoxFault } from '../../../schemas/decision.ts';

export interface PlacedBox {
  readonly class: string;
  /** [x, y, width, height] in pixels. */
  readonly bbox: readonly [x: number, y: number, width: number, height: number];
}

/** Part of a box that has to lie in the picture: annotators miss its edge by a pixel or two. */
const INSIDE = 0.9;
/** Intersection over union from which two boxes of one class are the same object drawn twice; of small ones the edges count. */
const SAME = 0.7;
/** Pixels by which each edge may differ: a hand is no steadier than the less; of a long side the more. */
const [STEADY, STEADY_LONG] = [2, 3];
const LONG = 12;

/** @param width of the picture in pixels, as is the height; 0 where nobody saw it: then no box is outside but one without an area. @returns the faults of each box, in order; of two that are the same, the later one's */
export function boxFaults(boxes: readonly PlacedBox[], width: number, height: number): readonly (readonly BoxFault[])[] {
  const earlier = new Map<string, PlacedBox[]>();
  return boxes.map((box) => {
    const faults: BoxFault[] = [];
    const [, , w, h] = box.bbox;
    const known = width * height > 0;
    if (w * h === 0 || (known && overlap(box.bbox, [0, 0, width, height]) < INSIDE * w * h)) faults.push('outside');
    const alike = earlier.get(box.class) ?? [];
    if (alike.some((other) => iou(box.bbox, other.bbox) >= SAME || sameEdges(box.bbox, other.bbox))) faults.push('duplicate');
    alike.push(box);
    earlier.set(box.class, alike);
    return faults;
  });
}

type Bbox = PlacedBox['bbox'];

/** Area that two boxes share. */
export function overlap([ax, ay, aw, ah]: Bbox, [bx, by, bw, bh]: Bbox): number {
  return Math.max(0, Math.min(ax + aw, bx + bw) - Math.max(ax, bx)) * Math.max(0, Math.min(ay + ah, by + bh) - Math.max(ay, by));
}

function sameEdges([ax, ay, aw, ah]: Bbox, [bx, by, bw, bh]: Bbox): boolean {
  const same = (a: number, b: number, side: number): boolean => Math.abs(a - b) <= (side < LONG ? STEADY : STEADY_LONG);
  const [width, height] = [Math.min(aw, bw), Math.min(ah, bh)];
  return same(ax, bx, width) && same(ax + aw, bx + bw, width) && same(ay, by, height) && same(ay + ah, by + bh, height);
}

export function iou(a: Bbox, b: Bbox): number {
  const both = overlap(a, b);
  const union = a[2] * a[3] + b[2] * b[3] - both;
  return union > 0 ? both / union : 0;
}
