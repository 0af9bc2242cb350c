/**
 * What the predictions of a detector find in wrong labels. No detector is at hand: its predictions are MADE from the labels as they are, each side up to a tenth
 * of the box off, one object in ten missing, most of them not sure of themselves, and a sure one about nothing in every tenth image.
 */
import { withPredicted } from '../../operators/state/objects/disagreement.ts';
import { uniform } from '../../operators/state/hash.ts';
import type { ObjectFinding } from '../../schemas/decision.ts';
import type { Box, Prediction } from '../../schemas/sample.ts';
import { rates, WRONG } from './box-audit.ts';
import { type Bbox, type Draw, drawOf, shifted, someOf, type ObjectPlace } from './corrupt.ts';
import type { EmbeddedScenes } from './embedded-scenes.ts';
import { keyOf, objectsOf, withChanged, withSwapped } from './places.ts';

const OFF = 0.1;
const MISSING = 0.1;
const SPURIOUS = 0.1;

export interface PredictedFigures {
  readonly overlooked: ReturnType<typeof rates>;
  readonly mislocated: ReturnType<typeof rates>;
  readonly swapped: ReturnType<typeof rates>;
}

/** 8 % of the objects lose their boxes, have them shifted by 30 to 60 % of their size, or get another class; a pass each. */
export function predictedAudit(set: EmbeddedScenes, seed: number): PredictedFigures {
  const some = someOf(objectsOf(set), WRONG, seed);
  const predicted = set.samples.map((_, sample) => madeFor(set, sample, seed));
  const found = (labels: ReadonlyMap<number, readonly Box[]>): readonly (readonly ObjectFinding[])[] =>
    set.samples.map(({ label }, sample) => {
      const boxes = labels.get(sample) ?? label;
      const { width, height } = set.quality[sample] ?? { width: 1, height: 1 };
      return withPredicted(boxes.map(({ class: name, bbox }, index) => ({ index, class: name, bbox, cluster: null, share: null, suspicion: null, suggested: null, faults: [] })), { boxes, predicted: predicted[sample] ?? [], width, height });
    });
  const { labels: swappedLabels, wrong } = withSwapped(set, WRONG, seed);
  const moved = withChanged(set, some, (box, place) => ({ ...box, bbox: shifted(box.bbox, drawOf(seed, place)) }));
  return {
    overlooked: overlookedIn(found(without(set, some)), set, some),
    mislocated: among(found(moved), some, ({ faults }) => faults.includes('mislocated')),
    swapped: among(found(swappedLabels), wrong, ({ suggested }) => suggested !== null),
  };
}

function madeFor({ samples, quality }: EmbeddedScenes, sample: number, seed: number): readonly Prediction[] {
  const made = (samples[sample]?.label ?? []).flatMap((box, index): Prediction[] => {
    const draw = drawOf(seed, { sample, index });
    return box.crowd === true || draw('missing') < MISSING ? [] : [{ class: box.class, bbox: about(box.bbox, draw), score: 1 - 0.5 * draw('score') ** 3 }];
  });
  const draw: Draw = (what) => uniform(seed, `${sample} spurious ${what}`);
  const { width, height } = quality[sample] ?? { width: 1, height: 1 };
  const [w, h] = [(0.1 + 0.3 * draw('width')) * width, (0.1 + 0.3 * draw('height')) * height];
  const name = samples[sample]?.label[0]?.class;
  return name === undefined || draw('whether') >= SPURIOUS ? made : [...made, { class: name, bbox: [draw('left') * (width - w), draw('top') * (height - h), w, h], score: 0.97 }];
}

function about([x, y, w, h]: Bbox, draw: Draw): Bbox {
  const off = (what: string, side: number): number => (2 * draw(`off ${what}`) - 1) * OFF * side;
  const [left, top] = [x + off('left', w), y + off('top', h)];
  return [left, top, x + w + off('right', w) - left, y + h + off('bottom', h) - top];
}

function without(set: EmbeddedScenes, some: readonly ObjectPlace[]): ReadonlyMap<number, readonly Box[]> {
  const gone = new Set(some.map(keyOf));
  return new Map(some.map(({ sample }) => [sample, (set.samples[sample]?.label ?? []).filter((_, index) => !gone.has(keyOf({ sample, index })))]));
}

/** An object that lost its box is found where a prediction of its class that is said to be overlooked is about in its place. */
function overlookedIn(found: readonly (readonly ObjectFinding[])[], set: EmbeddedScenes, some: readonly ObjectPlace[]): ReturnType<typeof rates> {
  const said = found.map((findings) => findings.filter(({ index }) => index === null));
  const matches = (place: ObjectPlace, finding: ObjectFinding): boolean => {
    const box = set.samples[place.sample]?.label[place.index];
    return box !== undefined && finding.class === box.class && finding.bbox.every((value, i) => Math.abs(value - (box.bbox[i] ?? 0)) <= 2 * OFF * (box.bbox[2 + (i % 2)] ?? 0) + 1e-9);
  };
  const right = said.flatMap((findings, sample) => findings.filter((finding) => some.some((place) => place.sample === sample && matches(place, finding))));
  const hit = some.filter((place) => said[place.sample]?.some((finding) => matches(place, finding)) === true);
  return { precision: right.length / said.flat().length, recall: hit.length / some.length };
}

function among(found: readonly (readonly ObjectFinding[])[], wrong: readonly ObjectPlace[], isSaid: (finding: ObjectFinding) => boolean): ReturnType<typeof rates> {
  const keys = new Set(wrong.map(keyOf));
  const said = found.flatMap((findings, sample) => findings.flatMap((finding) => (finding.index !== null && isSaid(finding) ? [keyOf({ sample, index: finding.index })] : [])));
  return rates(said.filter((key) => keys.has(key)).length, said.length, wrong.length);
}
