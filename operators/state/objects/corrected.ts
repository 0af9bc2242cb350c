/** What is said of the objects of a label that was corrected, and which of its boxes the crops of the old one show. */
import type { BoxFault, ObjectFinding } from '../../../schemas/decision.ts';
import type { PictureSize } from './choose.ts';
import type { Crop } from './crops.ts';
import { boxFaults, iou, type PlacedBox } from './faults.ts';

/** Faults that a box has by its place alone: they are told anew. */
const PLACED: ReadonlySet<BoxFault> = new Set(['outside', 'duplicate']);
/** Intersection over union from which a box is around what a crop shows: the usual bound for the same object. */
const SAME_OBJECT = 0.5;

/** A box with its place among those of the label, and with the faults that its place tells. */
export type Told = PlacedBox & { readonly index: number; readonly faults: readonly BoxFault[] };

/**
 * Boxes that stayed as they were keep what was said of their crops. What was overlooked is so no longer: whoever corrected the label has seen the image.
 * @param before what was said of the label so far
 * @param look says what there is to say of a box that somebody drew or named anew. @returns in the order of the label
 */
export function correctedFindings(before: readonly ObjectFinding[], boxes: readonly PlacedBox[], { width, height }: PictureSize, look: (box: Told) => ObjectFinding): readonly ObjectFinding[] {
  const known = new Map(before.filter(({ index }) => index !== null).map((finding) => [keyOf(finding), finding]));
  const faults = boxFaults(boxes, width, height);
  return boxes.map((box, index) => {
    const finding = known.get(keyOf(box));
    const told = faults[index] ?? [];
    return finding === undefined ? look({ ...box, index, faults: told }) : { ...finding, index, faults: [...told, ...finding.faults.filter((fault) => !PLACED.has(fault))] };
  });
}

/** What is said of a box whose crop nobody has. */
export function unseen({ class: name, bbox, index, faults }: Told): ObjectFinding {
  return { index, class: name, bbox, cluster: null, share: null, suspicion: null, suggested: null, faults };
}

/** A crop is of the box most like its own, if that has half in common with it; else of nothing. Several may be of one box: an object that was drawn twice is still that object. */
export function moveCrops(crops: readonly Crop[], boxes: readonly PlacedBox[]): { readonly crops: readonly Crop[]; /** The crop that shows a box best; null where none does. */ readonly cropOf: (box: number) => number | null } {
  const best = new Map<number, { readonly crop: number; readonly common: number }>();
  const moved = crops.map((crop, at): Crop => {
    let [found, common] = [-1, 0];
    for (const [i, box] of boxes.entries()) {
      const shared = iou(crop.bbox, box.bbox);
      if (shared > common || (shared === common && shared > 0 && box.class === crop.class && boxes[found]?.class !== crop.class)) [found, common] = [i, shared];
    }
    const box = boxes[found];
    if (box === undefined || common < SAME_OBJECT) return { ...crop, class: null };
    if (common > (best.get(found)?.common ?? 0)) best.set(found, { crop: at, common });
    return { class: box.class, bbox: box.bbox, embedding: crop.embedding };
  });
  return { crops: moved, cropOf: (box) => best.get(box)?.crop ?? null };
}

function keyOf({ class: name, bbox }: Pick<ObjectFinding, 'class' | 'bbox'>): string {
  return JSON.stringify([name, bbox]);
}
