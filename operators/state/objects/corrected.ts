/** What is said of the objects of a label that was corrected. */
import type { BoxFault, ObjectFinding } from '../../../schemas/decision.ts';
import type { Box } from '../../../schemas/sample.ts';
import { inPixels } from './choose.ts';
import { boxFaults } from './faults.ts';

/** Faults that a box has by its place alone: they are told anew. */
const PLACED: ReadonlySet<BoxFault> = new Set(['outside', 'duplicate']);

/**
 * Boxes that stayed as they were keep what was said of their crops; of those that somebody drew or named anew nothing is said but what can be told from their place. What was
 * overlooked is so no longer: whoever corrected the label has seen the image.
 * @param before what was said of the label so far; where that is empty nobody looked at its objects, and so it stays
 * @param width of the picture in pixels, as is the height. @returns in the order of the label
 */
export function correctedFindings(before: readonly ObjectFinding[], boxes: readonly Box[], width: number, height: number): readonly ObjectFinding[] {
  if (before.length === 0) return [];
  const known = new Map(before.filter(({ index }) => index !== null).map((finding) => [keyOf(finding), finding]));
  const placed = boxes.map((box) => ({ class: box.class, bbox: inPixels(box, width, height) }));
  const faults = boxFaults(placed, width, height);
  return placed.map((box, index) => {
    const finding = known.get(keyOf(box));
    const told = faults[index] ?? [];
    if (finding === undefined) return { ...box, index, cluster: null, share: null, suspicion: null, suggested: null, faults: told };
    return { ...finding, index, faults: [...told, ...finding.faults.filter((fault) => !PLACED.has(fault))] };
  });
}

function keyOf({ class: name, bbox }: Pick<ObjectFinding, 'class' | 'bbox'>): string {
  return JSON.stringify([name, bbox]);
}
