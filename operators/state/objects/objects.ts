/**
 * The engine's half for objects: the crops of a label's boxes have a head and micro-clusters of their own. `together.ts` says what that makes
 * of the image.
 */
import type { BoxFault, Change, ObjectFinding } from '../../../schemas/decision.ts';
import type { Box, Prediction } from '../../../schemas/sample.ts';
import { Clusters } from '../clusters.ts';
import { Packer, Unpacker } from '../codec.ts';
import { Head } from '../head.ts';
import { hash32 } from '../hash.ts';
import { HeadLog } from '../head-log.ts';
import type { Policy } from '../policy.ts';
import { BACKGROUND } from './background.ts';
import { type EmbeddedObject, inPicture } from './choose.ts';
import { correctedFindings, moveCrops } from './corrected.ts';
import { Crops, type Taught } from './crops.ts';
import { boxFaults, type PlacedBox } from './faults.ts';
import { withPredicted } from './disagreement.ts';
import { shapeOf, Shapes } from './shapes.ts';
import { suspect } from './suspect.ts';

/** Kinds of the changelog records that are kept here. */
export const OBJECTS: ReadonlySet<string> = new Set(['object-cluster', 'object-clusters', 'object-crops', 'object-head', 'object-head-manifest', 'object-lesson', 'object-shape']);

/** Deviations of a box's shape from what is usual of its class from which it is implausible. */
const IMPLAUSIBLE = 4;

/** What is to be looked at of an image. */
export interface Scene {
  readonly boxes: readonly Box[];
  /** By a detector; empty where there is none. */
  readonly predicted: readonly Prediction[];
  /** Those whose crops were embedded. */
  readonly objects: readonly EmbeddedObject[];
  /** Of what lies beside them, unit length; null where it was not embedded. */
  readonly background: Float32Array | null;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
}

export class Objects {
  readonly #head: Head;
  readonly #log: HeadLog;
  readonly #clusters: Clusters;
  readonly #shapes: Shapes;
  readonly #crops = new Crops();

  constructor(policy: Policy, dimension: number) {
    this.#head = new Head(dimension, policy.head.halfLife);
    this.#log = new HeadLog(this.#head, { lesson: 'object-lesson', chunk: 'object-head', manifest: 'object-head-manifest' });
    this.#clusters = new Clusters(policy.clusters, dimension);
    this.#shapes = new Shapes(policy.head.halfLife);
  }

  /** Share of an object's cluster at which it is as common as the mean. */
  get evenShare(): number {
    return 1 / Math.max(1, this.#clusters.live);
  }

  /** What is said of each box, in the order of the label. Changes nothing. @param now the engine's time */
  look(scene: Scene, now: number, halfLife: number): readonly ObjectFinding[] {
    const findings = this.#found(scene, now, halfLife);
    return scene.predicted.length === 0 ? findings : withPredicted(findings, scene);
  }

  #found({ boxes, objects, background, width, height }: Scene, now: number, halfLife: number): readonly ObjectFinding[] {
    const placed = inPicture(boxes, { width, height });
    const faults = boxFaults(placed, width, height);
    const group = lessonsOf(objects, background);
    const classes = [...new Set([...this.#head.classes, ...group.map((lesson) => lesson.class)])];
    const scores = this.#head.scoresAmong(group, classes);
    const rowOf = new Map(objects.map(({ index }, row) => [index, row]));
    const company = companyOf(placed);
    return placed.map((box, index) => {
      const row = rowOf.get(index);
      const object = row === undefined ? undefined : objects[row];
      const seen = object === undefined || row === undefined ? null : { embedding: object.embedding, scores: scores[row] ?? new Float64Array() };
      return this.#said({ ...box, index, faults: faults[index] ?? [] }, seen, { classes, company, width, height, now, halfLife });
    });
  }

  /** What is said of a box. @param seen its crop and the scores of that; null where there is none */
  #said(box: PlacedBox & Pick<ObjectFinding, 'index' | 'faults'>, seen: { readonly embedding: Float32Array; readonly scores: Float64Array } | null, { classes, company, width, height, now, halfLife }: Surroundings): ObjectFinding {
    const { class: name, bbox, index } = box;
    const faults: BoxFault[] = [...box.faults];
    if (seen === null) return { class: name, bbox, index, cluster: null, share: null, suspicion: null, suggested: null, faults };
    if (this.#shapes.strangeness(name, shapeOf(bbox, width, height)) > IMPLAUSIBLE) faults.push('implausible');
    const { suspicion, suggested, empty } = suspect(seen.scores, classes, name, company, this.#shapes);
    if (empty) faults.push('background');
    const place = this.#clusters.place(seen.embedding);
    return { class: name, bbox, index, cluster: place.id, share: this.#clusters.share(place, now, halfLife), suspicion, suggested, faults };
  }

  /** The image is decided: its objects are learned. */
  take(seq: number, { boxes, objects, background, width, height }: Scene, now: number, halfLife: number): void {
    const [lesson, shape] = [this.#head.labels + 1, this.#shapes.seen + 1];
    for (const { class: name, bbox, embedding } of objects) {
      this.#clusters.add(embedding, this.#clusters.place(embedding), now, halfLife);
      this.#shapes.learn(name, shapeOf(bbox, width, height));
    }
    for (const { class: name, x } of lessonsOf(objects, background)) {
      this.#head.learn(x, [name]);
      this.#log.learned(new Packer().text(name).f32s(x).done());
    }
    if (objects.length > 0) this.#crops.set(seq, { width, height, boxes: hashOf(boxes), lesson, shape, crops: objects.map(({ class: name, bbox, embedding }) => ({ class: name, bbox, embedding })) });
    this.#clusters.takeMerged();
  }

  /** Whether an image is known to have had other boxes so far. */
  differs(seq: number, boxes: readonly Box[]): boolean {
    const taught = this.#crops.of(seq);
    return taught !== null && taught.boxes !== hashOf(boxes);
  }

  /**
   * Somebody says what the boxes of a decided image are. What its crops taught under boxes that are no more is taken back; a crop teaches what the box says that is about where it is.
   * @param before what was said of its boxes so far, where that is known. @returns what is said of them now; null where its crops are not known any more
   */
  correct(seq: number, boxes: readonly Box[], before: readonly ObjectFinding[], now: number, halfLife: number): readonly ObjectFinding[] | null {
    const taught = this.#crops.of(seq);
    if (taught === null) return null;
    const { width, height } = taught;
    const placed = inPicture(boxes, { width, height });
    const { crops, cropOf } = moveCrops(taught.crops, placed);
    const classes = [...new Set([...this.#head.classes, ...placed.map((box) => box.class)])];
    // The head is asked as if it had never learned what it was taught of them.
    const scores = this.#head.scoresWithout(taught.crops.map((crop, i) => ({ x: crop.embedding, classes: listed(crop.class), number: taught.lesson + i })));
    const surroundings = { classes, company: companyOf(placed), width, height, now, halfLife };
    const findings = correctedFindings(before, placed, { width, height }, (box) => {
      const crop = cropOf(box.index);
      return this.#said(box, crop === null ? null : { embedding: (taught.crops[crop] as Taught['crops'][number]).embedding, scores: scores[crop] ?? new Float64Array() }, surroundings);
    });
    this.#learnAgain(taught, crops);
    this.#crops.set(seq, { ...taught, boxes: hashOf(boxes), crops });
    return findings;
  }

  #learnAgain({ crops: before, lesson, shape, width, height }: Taught, crops: Taught['crops']): void {
    for (const [i, { class: name, bbox, embedding }] of crops.entries()) {
      const earlier = before[i] as Taught['crops'][number];
      this.#shapes.correct({ class: earlier.class, shape: shapeOf(earlier.bbox, width, height), number: shape + i }, { class: name, shape: shapeOf(bbox, width, height) });
      if (name === earlier.class) continue;
      const number = lesson + i;
      this.#head.correct({ x: embedding, classes: listed(earlier.class), number }, listed(name));
      this.#log.learned(new Packer().text('').f32s(embedding).f64(number).texts(listed(earlier.class)).texts(listed(name)).done());
    }
  }

  /** What the crops of these images taught is taken back, as far as they are known. */
  forget(seqs: Iterable<number>, now: number, halfLife: number): void {
    const counts = new Map<number, number>();
    for (const seq of seqs) {
      const taught = this.#crops.of(seq);
      for (const [i, { class: name, embedding }] of taught?.crops.entries() ?? []) {
        this.#head.unlearn({ x: embedding, classes: listed(name), number: (taught as Taught).lesson + i });
        const { row } = this.#clusters.place(embedding);
        if (row !== null) counts.set(row.id, (counts.get(row.id) ?? 0) + 1);
      }
      this.#crops.forget(seq);
    }
    // Which others a cluster holds is known of crops that are kept.
    const others = this.#crops.placed(new Set(counts.keys()), (x) => this.#clusters.place(x).row?.id ?? -1);
    for (const [id, count] of counts) this.#clusters.forget(id, count, () => others.get(id) ?? [], now, halfLife);
    this.#log.close();
  }

  takeChanges(): readonly Change[] {
    const changes: Change[] = [...this.#log.takeChanges()];
    for (const [key, value] of this.#clusters.takeChanges()) changes.push({ kind: 'object-cluster', key, value });
    for (const [key, value] of this.#shapes.takeChanges()) changes.push({ kind: 'object-shape', key, value });
    for (const [key, value] of this.#crops.takeChanges()) changes.push({ kind: 'object-crops', key, value });
    if (changes.length > 0) changes.push({ kind: 'object-clusters', key: 0, value: this.#clusters.packTotals() });
    return changes;
  }

  /** @param changes of the kinds of OBJECTS, one for each (kind, key), ordered by kind, then key */
  restore(changes: readonly Change[]): void {
    for (const { kind, key, value } of changes) {
      if (value === null) continue;
      if (kind === 'object-cluster') this.#clusters.restoreRow(key, value);
      else if (kind === 'object-clusters') this.#clusters.restoreTotals(value);
      else if (kind === 'object-shape') this.#shapes.restoreRow(key, value);
      else if (kind === 'object-crops') this.#crops.restoreRow(key, value);
    }
    this.#log.restore(changes, (lesson) => {
      const from = new Unpacker(lesson);
      const [name, x] = [from.text(), from.f32s()];
      if (from.ended) this.#head.learn(x, [name]);
      else this.#head.correct({ x, number: from.f64(), classes: from.texts() }, from.texts());
    });
  }
}

/** What a box is looked at in. */
interface Surroundings {
  /** Of the scores. */
  readonly classes: readonly string[];
  readonly company: ReadonlyMap<string, number>;
  readonly width: number;
  readonly height: number;
  readonly now: number;
  readonly halfLife: number;
}

/** How many boxes there are of each class. */
function companyOf(boxes: readonly PlacedBox[]): ReadonlyMap<string, number> {
  const company = new Map<string, number>();
  for (const { class: name } of boxes) company.set(name, (company.get(name) ?? 0) + 1);
  return company;
}

function listed(name: string | null): readonly string[] {
  return name === null ? [] : [name];
}

/** Tells labels apart by their boxes. */
function hashOf(boxes: readonly Box[]): number {
  return hash32(0, JSON.stringify(boxes.map(({ class: name, bbox, relative }) => [name, bbox, relative === true])));
}

/** What the head learns of an image: its objects, then what lies beside them. */
function lessonsOf(objects: readonly EmbeddedObject[], background: Float32Array | null): readonly { readonly x: Float32Array; readonly class: string }[] {
  const lessons = objects.map((object) => ({ x: object.embedding, class: object.class }));
  return background === null ? lessons : [...lessons, { x: background, class: BACKGROUND }];
}
