/**
 * What the crops of images taught, so that it can be taken back where the boxes turn out to be others. Kept are the images decided last, as many as have `KEPT` crops
 * together: at the usual half-life of the head (20,000 labels) an older lesson weighs less than an eighth.
 */
import { Packer, Unpacker } from '../codec.ts';
import { RENEWED_FROM } from '../forget.ts';

/** A kilobyte each at 256 numbers. */
const KEPT = 60_000;

export interface Crop {
  /** What the head holds it for; null: for nothing, since there is no such object. */
  readonly class: string | null;
  /** [x, y, width, height] in pixels, as the newest label has it. */
  readonly bbox: readonly [x: number, y: number, width: number, height: number];
  /** Unit length. */
  readonly embedding: Float32Array;
}

export interface Taught {
  /** Of the picture, in pixels, as is the height. */
  readonly width: number;
  readonly height: number;
  /** Hash of all boxes of the newest label. */
  readonly boxes: number;
  /** Number of the first crop among the lessons of the head; the others follow it. */
  readonly lesson: number;
  /** Number of the first crop among the shapes. */
  readonly shape: number;
  /** At least one. */
  readonly crops: readonly Crop[];
}

export class Crops {
  readonly #bySeq = new Map<number, Taught>();
  readonly #changed = new Set<number>();
  readonly #most: number;
  #count = 0;

  /** @param most crops kept */
  constructor(most = KEPT) {
    this.#most = most;
  }

  of(seq: number): Taught | null {
    return this.#bySeq.get(seq) ?? null;
  }

  set(seq: number, taught: Taught): void {
    this.#hold(seq, taught);
    this.#changed.add(seq);
    for (const oldest of this.#bySeq.keys()) {
      if (this.#count <= this.#most) break;
      this.forget(oldest);
    }
  }

  forget(seq: number): void {
    const taught = this.#bySeq.get(seq);
    if (taught === undefined) return;
    this.#count -= taught.crops.length;
    this.#bySeq.delete(seq);
    this.#changed.add(seq);
  }

  /** The crops that lie in some clusters, by cluster, the latest of each. */
  placed(clusters: ReadonlySet<number>, clusterOf: (x: Float32Array) => number): ReadonlyMap<number, readonly Float32Array[]> {
    const found = new Map<number, Float32Array[]>();
    if (clusters.size === 0) return found;
    for (const { crops } of this.#bySeq.values()) {
      for (const { embedding } of crops) {
        const cluster = clusterOf(embedding);
        if (!clusters.has(cluster)) continue;
        const list = found.get(cluster) ?? [];
        found.set(cluster, [...list.slice(1 - RENEWED_FROM), embedding]);
      }
    }
    return found;
  }

  #hold(seq: number, taught: Taught): void {
    this.#count += taught.crops.length - (this.#bySeq.get(seq)?.crops.length ?? 0);
    this.#bySeq.set(seq, taught);
  }

  *takeChanges(): Iterable<readonly [number, Uint8Array | null]> {
    for (const seq of this.#changed) {
      const taught = this.#bySeq.get(seq);
      yield [seq, taught === undefined ? null : pack(taught)];
    }
    this.#changed.clear();
  }

  /** To be called in order of seq. */
  restoreRow(seq: number, value: Uint8Array): void {
    const from = new Unpacker(value);
    const [width, height, boxes, lesson, shape, count] = [from.f64(), from.f64(), from.f64(), from.f64(), from.f64(), from.f64()];
    const crops = Array.from({ length: count }, (): Crop => {
      const [name] = from.texts();
      return { class: name ?? null, bbox: [from.f64(), from.f64(), from.f64(), from.f64()], embedding: from.f32s() };
    });
    this.#hold(seq, { width, height, boxes, lesson, shape, crops });
  }
}

function pack({ width, height, boxes, lesson, shape, crops }: Taught): Uint8Array {
  const out = new Packer().f64(width, height, boxes, lesson, shape, crops.length);
  for (const { class: name, bbox, embedding } of crops) out.texts(name === null ? [] : [name]).f64(...bbox).f32s(embedding);
  return out.done();
}
