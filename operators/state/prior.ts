/**
 * What is known of the others' clusters: a prior for how common a scene is and how full a class. What is dense elsewhere is not rare here.
 * Weights fade by this engine's clock. At most `MOST` clusters are held, the heaviest: the lightest would change a share the least.
 */
import { decay } from './clock.ts';
import { norm } from './cluster-row.ts';
import { Packer, Unpacker } from './codec.ts';
import type { ClusterSketch } from '../../schemas/told.ts';
import { Rows } from './rows.ts';
import type { Change } from '../../schemas/decision.ts';

/** One look at all of them costs as much as one at as many clusters of our own. */
const MOST = 500;
/** Whether we have a cluster there is looked up again when the weight has grown by this: a look is as dear as a decision. */
const GROWN = 1.5;
/** Classes summed up at most, those of the first clusters by key. */
const MOST_CLASSES = 1000;
/** More than the clusters that a partition ever founds. */
const PARTITION = 2 ** 32;

interface Row {
  readonly key: number;
  readonly partition: number;
  readonly decided: number;
  readonly centroid: Float32Array;
  readonly norm: number;
  readonly weight: number;
  /** Time of this engine's clock to which the weights are decayed. */
  readonly at: number;
  readonly counts: ClusterSketch['counts'];
  /** Whether it is none of the scenes that we have a cluster for ourselves. */
  readonly foreign: boolean;
  /** Weight when that was looked up. */
  readonly looked: number;
}

export class Prior {
  readonly #rows = new Map<number, Row>();
  readonly #changed = new Set<number>();
  /** The centroids side by side, in the order of `#rows`, as long as they are not stale: an item is compared with all of them in one pass. */
  #centroids: Rows | null = null;
  #stale = true;
  /** Sums over the rows, decayed to `#at`. */
  #total = 0;
  #counts = new Map<string, number>();
  #at = 0;
  #foreign = 0;

  /** Clusters held. */
  get size(): number {
    return this.#rows.size;
  }

  /** Those of them that we have no cluster for. */
  get foreign(): number {
    return this.#foreign;
  }

  /** Takes in what another partition says of one cluster. @param isForeign whether we have no cluster there. To be followed by `settle` */
  hear(partition: number, cluster: number, sketch: ClusterSketch | null, now: number, isForeign: (centroid: Float32Array) => boolean): void {
    const key = partition * PARTITION + cluster;
    if (sketch === null) return this.#drop(key);
    const { decided, centroid, weight, time, counts } = sketch;
    // News that was overtaken on its way.
    const known = this.#rows.get(key);
    if (known !== undefined && decided < known.decided) return;
    const settled = known !== undefined && weight < GROWN * known.looked;
    const { foreign, looked } = settled ? known : { foreign: isForeign(centroid), looked: weight };
    this.#rows.set(key, { key, partition, decided, centroid, norm: norm(centroid), weight, at: Math.min(time ?? now, now), counts, foreign, looked });
    this.#changed.add(key);
    this.#stale = true;
  }

  #drop(key: number): void {
    if (!this.#rows.delete(key)) return;
    this.#changed.add(key);
    this.#stale = true;
  }

  /** Holds the bound and sums up what has been heard. */
  settle(now: number, halfLife: number): void {
    const weightOf = ({ weight, at }: Row): number => weight * decay(now - at, halfLife);
    if (this.#rows.size > MOST) {
      const lightest = [...this.#rows.values()].sort((a, b) => weightOf(a) - weightOf(b) || a.key - b.key);
      for (const { key } of lightest.slice(0, this.#rows.size - MOST)) this.#drop(key);
    }
    this.#at = now;
    this.#total = 0;
    this.#foreign = 0;
    this.#counts = new Map();
    for (const row of this.#ordered()) {
      const faded = decay(now - row.at, halfLife);
      this.#total += row.weight * faded;
      this.#foreign += row.foreign ? 1 : 0;
      for (const entry of row.counts) if (this.#counts.size < MOST_CLASSES || this.#counts.has(entry.class)) this.#counts.set(entry.class, (this.#counts.get(entry.class) ?? 0) + entry.weight * faded);
    }
  }

  /** In the order of their keys, so that sums have the same bits after a restore. */
  #ordered(): readonly Row[] {
    return [...this.#rows.values()].sort((a, b) => a.key - b.key);
  }

  /** Decayed weight of the others' clusters that an item belongs to, of each partition the nearest one within the radius; and of all of them. */
  weigh(x: Float32Array, radius: number, now: number, halfLife: number): { readonly near: number; readonly total: number } {
    const total = this.#total * decay(now - this.#at, halfLife);
    const nearest = new Map<number, { row: Row; similarity: number }>();
    const dots = this.#dots(x);
    let i = 0;
    for (const row of this.#rows.values()) {
      const similarity = (dots[i++] as number) / row.norm;
      if (similarity < radius) continue;
      const best = nearest.get(row.partition);
      if (best === undefined || similarity > best.similarity || (similarity === best.similarity && row.key < best.row.key)) nearest.set(row.partition, { row, similarity });
    }
    let near = 0;
    for (const { row } of [...nearest.values()].sort((a, b) => a.row.key - b.row.key)) near += row.weight * decay(now - row.at, halfLife);
    return { near: Math.min(near, total), total };
  }

  /** Greatest similarity of x, of any length, to one of the others' clusters that weighs at least so much; -1 where there is none. */
  nearest(x: Float32Array, least: number, now: number, halfLife: number): number {
    const [dots, length] = [this.#dots(x), norm(x)];
    let [best, i] = [-1, 0];
    for (const row of this.#rows.values()) {
      const similarity = (dots[i++] as number) / row.norm / length;
      if (similarity > best && row.weight * decay(now - row.at, halfLife) >= least) best = similarity;
    }
    return best;
  }

  /** The inner products with the centroids. */
  #dots(x: Float32Array): Float64Array {
    const centroids = (this.#centroids ??= new Rows(x.length));
    if (this.#stale) {
      while (centroids.count > 0) centroids.pop();
      for (const { centroid } of this.#rows.values()) centroids.push(centroid);
      this.#stale = false;
    }
    return centroids.dots(x, 0, centroids.count);
  }

  /** Decayed weight of each class among what the others admitted. */
  counts(now: number, halfLife: number): { readonly counts: ReadonlyMap<string, number>; readonly fade: number } {
    return { counts: this.#counts, fade: decay(now - this.#at, halfLife) };
  }

  *takeChanges(): Iterable<Change> {
    for (const key of this.#changed) {
      const row = this.#rows.get(key);
      yield { kind: 'prior', key, value: row === undefined ? null : pack(row) };
    }
    this.#changed.clear();
  }

  restoreRow(key: number, value: Uint8Array): void {
    const from = new Unpacker(value);
    const [weight, at, foreign, decided, looked] = [from.f64(), from.f64(), from.f64() === 1, from.f64(), from.f64()];
    const centroid = from.f32s();
    const counts = from.texts().map((name) => ({ class: name, weight: from.f64() }));
    this.#rows.set(key, { key, partition: Math.floor(key / PARTITION), decided, centroid, norm: norm(centroid), weight, at, counts, foreign, looked });
    this.#stale = true;
  }

  /** The sums as they were. */
  packSums(): Uint8Array {
    const counts = [...this.#counts];
    return new Packer()
      .f64(this.#total, this.#at, this.#foreign)
      .texts(counts.map(([name]) => name))
      .f64(...counts.map(([, count]) => count))
      .done();
  }

  restoreSums(value: Uint8Array): void {
    const from = new Unpacker(value);
    this.#total = from.f64();
    this.#at = from.f64();
    this.#foreign = from.f64();
    this.#counts = new Map(from.texts().map((name) => [name, from.f64()]));
  }
}

function pack({ weight, at, foreign, decided, looked, centroid, counts }: Row): Uint8Array {
  return new Packer()
    .f64(weight, at, foreign ? 1 : 0, decided, looked)
    .f32s(centroid)
    .texts(counts.map((entry) => entry.class))
    .f64(...counts.map((entry) => entry.weight))
    .done();
}
