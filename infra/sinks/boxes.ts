import type { Quality } from '../../schemas/decision.ts';
import type { Box } from '../../schemas/sample.ts';

export interface PlainBox {
  readonly class: string;
  /** [x, y, width, height] of the box. */
  readonly bbox: readonly [number, number, number, number];
}

/** A millionth of a pixel: what multiplying fractions leaves beyond it is noise. */
const ROUND = 1e6;

/** The box in pixels of the original picture. @param quality null where nobody has looked how large it is: then a box in fractions stays as it is */
export function inPixels(box: Box, quality: Quality | null): PlainBox {
  const [x, y, w, h] = box.bbox;
  const { width, height } = quality ?? { width: 1, height: 1 };
  if (box.relative !== true) return { class: box.class, bbox: [x, y, w, h] };
  return { class: box.class, bbox: [rounded(x * width), rounded(y * height), rounded(w * width), rounded(h * height)] };
}

/** The box in 0..1 of the picture. @param quality as above */
export function inFractions(box: Box, quality: Quality | null): PlainBox {
  const [x, y, w, h] = box.bbox;
  const { width, height } = quality ?? { width: 1, height: 1 };
  return { class: box.class, bbox: box.relative === true ? [x, y, w, h] : [x / width, y / height, w / width, h / height] };
}

/** Coordinates x, y, x, y, … in 0..1 as pixels. */
export function pointsInPixels(points: readonly number[], quality: Quality | null): readonly number[] {
  const { width, height } = quality ?? { width: 1, height: 1 };
  return points.map((value, i) => rounded(value * (i % 2 === 0 ? width : height)));
}

function rounded(value: number): number {
  return Math.round(value * ROUND) / ROUND;
}
