/** What the engine says of boxes and classes that are wrong, in one pass: each object is judged before its own class is learned. */
import type { Decided } from '../../operators/items.ts';
import { inPixels } from '../../operators/state/objects/choose.ts';
import { shapeOf, Shapes } from '../../operators/state/objects/shapes.ts';
import { DEFAULT_POLICY } from '../../pipelines/config/policy.ts';
import type { BoxFault, ObjectFinding } from '../../schemas/decision.ts';
import type { Box } from '../../schemas/sample.ts';
import { meanShown } from '../quality/audit.ts';
import { decided } from '../quality/engine-run.ts';
import { meanOf } from '../quality/measure.ts';
import { shuffled } from '../quality/random.ts';
import { auroc, type Scored } from '../quality/ranking.ts';
import { type Bbox, type Draw, drawnAgain, drawOf, emptied, movedOut, type ObjectPlace, scaled, shifted, someOf } from './corrupt.ts';
import { cachedScenes, type EmbeddedScenes, embeddedScene } from './embedded-scenes.ts';
import { boxAt, keyOf, objectsOf, withChanged, withSwapped } from './places.ts';

/** Part of the objects that is made wrong. */
export const WRONG = 0.08;
/** Objects of a class from which it is held against the tighter bound. */
const COMMON = 20;

/** What is done to one set in one pass, by the sample's number: other labels, and where the sample lies among those embedded anew. */
interface Corrupted {
  readonly labels: ReadonlyMap<number, readonly Box[]>;
  readonly anew?: { readonly set: EmbeddedScenes; readonly at: ReadonlyMap<number, number> } | undefined;
}

/** The findings of each sample, by its number. */
async function judged(set: EmbeddedScenes, { labels, anew }: Corrupted, seed: number): Promise<ReadonlyMap<number, readonly ObjectFinding[]>> {
  const order = [...shuffled(set.samples.length, seed)];
  const items = order.map((i, seq) => {
    const at = anew?.at.get(i);
    return anew === undefined || at === undefined ? embeddedScene(set, i, seq, labels.get(i)) : embeddedScene(anew.set, at, seq);
  });
  const found = new Map<number, readonly ObjectFinding[]>();
  for await (const { seq, findings } of decided(set.dimension, items, { objects: true, reveal: { when: 'all' }, seed }) as AsyncIterable<Decided>) found.set(order[seq] ?? -1, findings);
  return found;
}

export interface SwapFigures {
  readonly all: number;
  readonly common: number;
  /** Of the objects that suspicion marks for review. */
  readonly precision: number;
  readonly recall: number;
  /** Of the swapped ones, those whose own class is the one suggested. */
  readonly suggested: number;
}

/** 8 % of the objects get another class. */
export async function swapAudit(set: EmbeddedScenes, seed: number): Promise<SwapFigures> {
  const objects = objectsOf(set);
  const counts = new Map<string, number>();
  for (const place of objects) counts.set(boxAt(set, place).class, (counts.get(boxAt(set, place).class) ?? 0) + 1);
  const { labels, wrong } = withSwapped(set, WRONG, seed);
  const isWrong = new Set(wrong.map(keyOf));
  const found = await judged(set, { labels }, seed);
  const scored = objects.map((place) => ({ place, suspicion: findingOf(found, place).suspicion ?? NaN, wrong: isWrong.has(keyOf(place)) }));
  const flagged = scored.filter(({ suspicion }) => suspicion >= DEFAULT_POLICY.audit.review);
  return {
    all: auroc(scored),
    common: auroc(scored.filter(({ place }) => (counts.get(boxAt(set, place).class) ?? 0) >= COMMON)),
    ...rates(flagged.filter((each) => each.wrong).length, flagged.length, wrong.length),
    suggested: wrong.filter((place) => findingOf(found, place).suggested === boxAt(set, place).class).length / wrong.length,
  };
}

export interface BoxFigures {
  readonly duplicates: number;
  readonly outside: number;
  /** Boxes as they are that count as duplicates, and as outside: as parts of all that are looked at. */
  readonly untouched: { readonly duplicate: number; readonly outside: number; readonly implausible: number; readonly background: number };
  readonly shift: { readonly precision: number; readonly recall: number; readonly auroc: number };
  /** Also the area among objects of whose class enough had been seen. */
  readonly scale: { readonly precision: number; readonly recall: number; readonly auroc: number; readonly known: number };
}

export interface EmptyFigures {
  /** Of the boxes that are said to hold nothing. */
  readonly precision: number;
  readonly recall: number;
  /** How many were moved to where no box is. */
  readonly moved: number;
}

/** 8 % of the objects, as far as they find a place: their boxes are moved, as large as they are, to where no box is, and their samples embedded anew. */
export async function emptyAudit(set: EmbeddedScenes, seed: number): Promise<EmptyFigures> {
  const objects = objectsOf(set);
  const found = new Map<string, Bbox>();
  for (const place of objects) {
    const { width, height } = set.quality[place.sample] ?? { width: 0, height: 0 };
    const bbox = emptied(boxAt(set, place).bbox, set.samples[place.sample]?.label.map((box) => box.bbox) ?? [], width, height, drawOf(seed, place));
    if (bbox !== null) found.set(keyOf(place), bbox);
  }
  const movable = objects.filter((place) => found.has(keyOf(place)));
  const some = someOf(movable, (WRONG * objects.length) / movable.length, seed);
  const labels = withChanged(set, some, (box, place) => ({ ...box, bbox: found.get(keyOf(place)) ?? box.bbox }));
  const findings = await judged(set, { labels, anew: await embeddedAnew(set, labels, `emptied-${seed}`) }, seed);
  const isWrong = new Set(some.map(keyOf));
  const flagged = objects.filter((place) => findingOf(findings, place).faults.includes('background'));
  return { ...rates(flagged.filter((place) => isWrong.has(keyOf(place))).length, flagged.length, some.length), moved: some.length };
}

/** Boxes drawn twice, moved out of the picture, shifted, and scaled, each in a pass of its own; 8 % of the objects. */
export async function boxAudit(set: EmbeddedScenes, seed: number): Promise<BoxFigures> {
  const objects = objectsOf(set);
  const some = someOf(objects, WRONG, seed);
  const untouched = await judged(set, { labels: new Map() }, seed);
  const share = (fault: BoxFault): number => objects.filter((place) => findingOf(untouched, place).faults.includes(fault)).length / objects.length;
  return {
    duplicates: await duplicatesFound(set, some, seed),
    outside: await outsideFound(set, some, seed),
    untouched: { duplicate: share('duplicate'), outside: share('outside'), implausible: share('implausible'), background: share('background') },
    shift: await shiftFound(set, objects, some, seed),
    scale: await scaleFound(set, objects, some, seed),
  };
}

async function duplicatesFound(set: EmbeddedScenes, some: readonly ObjectPlace[], seed: number): Promise<number> {
  const labels = new Map<number, Box[]>();
  const added: ObjectPlace[] = some.map((place) => {
    const boxes = labels.get(place.sample) ?? [...(set.samples[place.sample]?.label ?? [])];
    const box = boxAt(set, place);
    boxes.push({ ...box, bbox: drawnAgain(box.bbox, drawOf(seed, place)) });
    labels.set(place.sample, boxes);
    return { sample: place.sample, index: boxes.length - 1 };
  });
  const found = await judged(set, { labels }, seed);
  return added.filter((place) => findingOf(found, place).faults.includes('duplicate')).length / added.length;
}

async function outsideFound(set: EmbeddedScenes, some: readonly ObjectPlace[], seed: number): Promise<number> {
  const sizeOf = (sample: number): readonly [number, number] => [set.quality[sample]?.width ?? 0, set.quality[sample]?.height ?? 0];
  const labels = withChanged(set, some, (box, place) => ({ ...box, bbox: movedOut(box.bbox, ...sizeOf(place.sample), drawOf(seed, place)) }));
  const found = await judged(set, { labels }, seed);
  return some.filter((place) => findingOf(found, place).faults.includes('outside')).length / some.length;
}

/** Found where the box has a fault or its class is for review: what is left in it looks like something else. The crops are those of the shifted boxes. */
async function shiftFound(set: EmbeddedScenes, objects: readonly ObjectPlace[], some: readonly ObjectPlace[], seed: number): Promise<BoxFigures['shift']> {
  const labels = withChanged(set, some, moved(shifted, seed));
  const found = await judged(set, { labels, anew: await embeddedAnew(set, labels, `shifted-${seed}`) }, seed);
  return figuresOf(objects, some, (place) => {
    const { faults, suspicion } = findingOf(found, place);
    return { score: suspicion ?? 1, flagged: faults.length > 0 || (suspicion ?? 0) >= DEFAULT_POLICY.audit.review };
  });
}

/** The geometry alone: the crops are as they were. Scored by how far a shape is from what is usual of its class, as the engine learns it. */
async function scaleFound(set: EmbeddedScenes, objects: readonly ObjectPlace[], some: readonly ObjectPlace[], seed: number): Promise<BoxFigures['scale']> {
  const labels = withChanged(set, some, moved(scaled, seed));
  const found = await judged(set, { labels }, seed);
  const strangeness = new Map<string, number>();
  const shapes = new Shapes(DEFAULT_POLICY.head.halfLife);
  for (const sample of shuffled(set.samples.length, seed)) {
    const here = objects.filter((place) => place.sample === sample).map((place) => {
      const { width, height } = set.quality[sample] ?? { width: 1, height: 1 };
      const box = labels.get(sample)?.[place.index] ?? boxAt(set, place);
      return { place, name: box.class, shape: shapeOf(inPixels(box, width, height), width, height) };
    });
    for (const { place, name, shape } of here) strangeness.set(keyOf(place), shapes.strangeness(name, shape));
    for (const { name, shape } of here) shapes.learn(name, shape);
  }
  const scoreOf = (place: ObjectPlace): number => strangeness.get(keyOf(place)) ?? NaN;
  const of = (place: ObjectPlace) => ({ score: scoreOf(place), flagged: findingOf(found, place).faults.some((fault) => fault !== 'background') });
  // The strangeness of a class that is hardly known is 0.
  return { ...figuresOf(objects, some, of), known: figuresOf(objects.filter((place) => scoreOf(place) > 0), some, of).auroc };
}

function moved(how: (bbox: Bbox, draw: Draw) => Bbox, seed: number): (box: Box, place: ObjectPlace) => Box {
  return (box, place) => ({ ...box, bbox: how(box.bbox, drawOf(seed, place)) });
}

/** The samples whose labels were changed, with all crops of theirs. */
async function embeddedAnew(set: EmbeddedScenes, labels: ReadonlyMap<number, readonly Box[]>, name: string): Promise<Corrupted['anew']> {
  const numbers = [...labels.keys()].sort((a, b) => a - b);
  const samples = numbers.flatMap((sample) => set.samples.slice(sample, sample + 1).map((each) => ({ ...each, label: labels.get(sample) ?? each.label })));
  return { set: await cachedScenes(name, samples), at: new Map(numbers.map((sample, at) => [sample, at])) };
}

function figuresOf(objects: readonly ObjectPlace[], some: readonly ObjectPlace[], of: (place: ObjectPlace) => { readonly score: number; readonly flagged: boolean }): BoxFigures['shift'] {
  const isWrong = new Set(some.map(keyOf));
  const each = objects.map((place) => ({ ...of(place), wrong: isWrong.has(keyOf(place)) }));
  const flagged = each.filter((one) => one.flagged);
  return { ...rates(flagged.filter(({ wrong }) => wrong).length, flagged.length, some.length), auroc: auroc(each.map(({ score, wrong }): Scored => ({ suspicion: score, wrong }))) };
}

export function rates(hits: number, flagged: number, wrong: number): { readonly precision: number; readonly recall: number } {
  return { precision: hits / flagged, recall: hits / wrong };
}

function findingOf(found: ReadonlyMap<number, readonly ObjectFinding[]>, { sample, index }: ObjectPlace): ObjectFinding {
  const finding = found.get(sample)?.[index];
  if (finding === undefined) throw new Error(`nothing is said of box ${index} of sample ${sample}`);
  return finding;
}

/** Mean and standard error. */
export function shown(values: readonly number[]): string {
  return `${meanShown(values)} ± ${meanOf(values).error.toFixed(4)}`;
}
