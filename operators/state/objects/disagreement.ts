/** What was found of objects, together with what a detector says of them. */
import type { ObjectFinding } from '../../../schemas/decision.ts';
import type { Box, Prediction } from '../../../schemas/sample.ts';
import { inPixels } from './choose.ts';
import { compare } from './predicted.ts';

/** From here something is said: of a badly located box, where it has about half in common with the one predicted. A detector is off by a few pixels as people are. */
const WRONG = 0.5;

export interface Seen {
  readonly boxes: readonly Box[];
  readonly predicted: readonly Prediction[];
  /** In pixels. */
  readonly width: number;
  readonly height: number;
}

/** An object is as suspicious as the most suspicious that is said of it, by its crop or by the detector; what was overlooked comes last. */
export function withPredicted(findings: readonly ObjectFinding[], { boxes, predicted, width, height }: Seen): readonly ObjectFinding[] {
  const placed = <B extends Box>(box: B) => ({ ...box, bbox: inPixels(box, width, height) });
  const compared = compare(boxes.map(placed), predicted.map(placed));
  const known = findings.map((finding, i): ObjectFinding => {
    const said = compared.boxes[i];
    if (said === undefined) return finding;
    const { mislocated, swapped, suggested } = said;
    const suspicion = Math.max(finding.suspicion ?? 0, mislocated, swapped);
    if (swapped >= WRONG) return { ...finding, suspicion, suggested };
    return mislocated >= WRONG ? { ...finding, suspicion, faults: [...finding.faults, 'mislocated'] } : finding;
  });
  const overlooked = compared.overlooked.flatMap(({ prediction, value }): ObjectFinding[] =>
    value < WRONG ? [] : [{ index: null, class: prediction.class, bbox: prediction.bbox, cluster: null, share: null, suspicion: value, suggested: null, faults: ['overlooked'] }],
  );
  return [...known, ...overlooked];
}
