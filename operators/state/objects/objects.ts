/**
 * The engine's half for objects: the crops of a label's boxes have a head and micro-clusters of their own. `together.ts` says what that makes
 * of the image.
 */
import type { BoxFault, Change, ObjectFinding } from '../../../schemas/decision.ts';
import type { Box, Prediction } from '../../../schemas/sample.ts';
import { Clusters } from '../clusters.ts';
import { Packer, Unpacker } from '../codec.ts';
import { Head } from '../head.ts';
import { HeadLog } from '../head-log.ts';
import type { Policy } from '../policy.ts';
import { BACKGROUND } from './background.ts';
import { inPixels, type EmbeddedObject } from './choose.ts';
import { boxFaults } from './faults.ts';
import { withPredicted } from './disagreement.ts';
import { shapeOf, Shapes } from './shapes.ts';
import { suspect } from './suspect.ts';

/** Kinds of the changelog records that are kept here. */
export const OBJECTS: ReadonlySet<string> = new Set(['object-cluster', 'object-clusters', 'object-head', 'object-head-manifest', 'object-lesson', 'object-shape']);

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
    const placed = boxes.map((box) => ({ class: box.class, bbox: inPixels(box, width, height) }));
    const faults = boxFaults(placed, width, height);
    const group = lessonsOf(objects, background);
    const classes = [...new Set([...this.#head.classes, ...group.map((lesson) => lesson.class)])];
    const scores = this.#head.scoresAmong(group, classes);
    const rowOf = new Map(objects.map(({ index }, row) => [index, row]));
    const company = new Map<string, number>();
    for (const { class: name } of placed) company.set(name, (company.get(name) ?? 0) + 1);
    return placed.map((box, index) => {
      const row = rowOf.get(index);
      const object = row === undefined ? undefined : objects[row];
      const found: BoxFault[] = [...(faults[index] ?? [])];
      if (object === undefined || row === undefined) return { ...box, index, cluster: null, share: null, suspicion: null, suggested: null, faults: found };
      if (this.#shapes.strangeness(box.class, shapeOf(box.bbox, width, height)) > IMPLAUSIBLE) found.push('implausible');
      const { suspicion, suggested, empty } = suspect(scores[row] ?? new Float64Array(), classes, object.class, company, this.#shapes);
      if (empty) found.push('background');
      const place = this.#clusters.place(object.embedding);
      return { ...box, index, cluster: place.id, share: this.#clusters.share(place, now, halfLife), suspicion, suggested, faults: found };
    });
  }

  /** The image is decided: its objects are learned. */
  take({ objects, background, width, height }: Scene, now: number, halfLife: number): void {
    for (const { class: name, bbox, embedding } of objects) {
      this.#clusters.add(embedding, this.#clusters.place(embedding), now, halfLife);
      this.#shapes.learn(name, shapeOf(bbox, width, height));
    }
    for (const { class: name, x } of lessonsOf(objects, background)) {
      this.#head.learn(x, [name]);
      this.#log.learned(new Packer().text(name).f32s(x).done());
    }
    this.#clusters.takeMerged();
  }

  takeChanges(): readonly Change[] {
    const changes: Change[] = [...this.#log.takeChanges()];
    for (const [key, value] of this.#clusters.takeChanges()) changes.push({ kind: 'object-cluster', key, value });
    for (const [key, value] of this.#shapes.takeChanges()) changes.push({ kind: 'object-shape', key, value });
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
    }
    this.#log.restore(changes, (lesson) => {
      const from = new Unpacker(lesson);
      const name = from.text();
      this.#head.learn(from.f32s(), [name]);
    });
  }
}

/** What the head learns of an image: its objects, then what lies beside them. */
function lessonsOf(objects: readonly EmbeddedObject[], background: Float32Array | null): readonly { readonly x: Float32Array; readonly class: string }[] {
  const lessons = objects.map((object) => ({ x: object.embedding, class: object.class }));
  return background === null ? lessons : [...lessons, { x: background, class: BACKGROUND }];
}
