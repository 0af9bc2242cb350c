/**
 * What the predictions of a detector say of the boxes of a label, in the terms of ObjectLab (Tkachenko, Thyagarajan, Mueller: ObjectLab: Automated Diagnosis of
 * Mislabeled Images in Object Detection Data, 2023): overlooked, badly located and swapped. Its scores are turned round: 1 is surely wrong here.
 * Where it differs, one error is told once; see docs/decisions/predictions.md.
 */
import { iou, overlap, type PlacedBox } from './faults.ts';

/** Weight of the intersection over union against that of the distance of the centres. */
const ALPHA = 0.9;
/** By which the nearness of centres falls, for each pixel. */
const FALL = 0.1;
/** Scores from which a prediction is trusted against a label, and from which it is about where it says. */
const SURE = 0.95;
const LIKELY = 0.5;

export interface Predicted extends PlacedBox {
  /** 0..1. */
  readonly score: number;
}

export interface Labelled extends PlacedBox {
  readonly crowd?: true;
}

export interface Compared {
  /** For each box of the label, 0..1: that it is badly located, and that its class is wrong; with the class that is predicted in its place. */
  readonly boxes: readonly { readonly mislocated: number; readonly swapped: number; readonly suggested: string | null }[];
  /** Of each prediction that is trusted, that it is of an object without a box, 0..1. */
  readonly overlooked: readonly { readonly prediction: Predicted; readonly value: number }[];
}

/** In O(boxes · predictions). */
export function compare(boxes: readonly Labelled[], predictions: readonly Predicted[]): Compared {
  const likely = predictions.filter(({ score }) => score >= LIKELY);
  /** Of each likely prediction, the box of its class that it fits best. */
  const fits = likely.map((prediction) => best(boxes, (box) => (box.class === prediction.class && box.crowd !== true ? similarity(box, prediction) : 0)));
  return {
    boxes: boxes.map((box, index) => {
      if (box.crowd === true) return { mislocated: 0, swapped: 0, suggested: null };
      const own = Math.max(-1, ...fits.map((fit) => (fit.index === index ? fit.value : -1)));
      const rival = best(likely, (prediction) => (prediction.class !== box.class && prediction.score >= SURE ? similarity(box, prediction) : 0));
      const swapped = rival.value > own ? rival.value : 0;
      return { mislocated: own < 0 ? 0 : 1 - own, swapped, suggested: swapped > 0 ? (likely[rival.index]?.class ?? null) : null };
    }),
    overlooked: likely.filter(({ score }) => score >= SURE).map((prediction) => ({ prediction, value: 1 - best(boxes, (box) => covered(box, prediction)).value })),
  };
}

/** The first of the greatest values above 0; index -1 and 0 where there is none. */
function best<T>(items: readonly T[], valueOf: (item: T) => number): { readonly index: number; readonly value: number } {
  let found = { index: -1, value: 0 };
  items.forEach((item, index) => {
    const value = valueOf(item);
    if (value > found.value) found = { index, value };
  });
  return found;
}

/** 0..1, 1 for the same box. */
function similarity({ bbox: a }: PlacedBox, { bbox: b }: PlacedBox): number {
  const distance = Math.hypot(a[0] + a[2] / 2 - b[0] - b[2] / 2, a[1] + a[3] / 2 - b[1] - b[3] / 2);
  return ALPHA * iou(a, b) + (1 - ALPHA) * Math.exp(-FALL * distance);
}

/** Of a crowd any part is an object that has its box. */
function covered(box: Labelled, prediction: Predicted): number {
  if (box.crowd !== true) return similarity(box, prediction);
  const [, , w, h] = prediction.bbox;
  return box.class === prediction.class && w * h > 0 ? overlap(box.bbox, prediction.bbox) / (w * h) : 0;
}
