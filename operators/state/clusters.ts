/**
 * Decayed micro-clusters in two tiers, after DenStream (Cao, Ester, Qian, Zhou: Density-based clustering over an evolving data stream with noise, 2006):
 * a new cluster is an outlier until its weight shows that it is more; weights fade lazily as 2^(-Δt / half-life).
 *
 * Their centroids sit side by side in one memory; their ids are stable. At `max` live clusters the longest unseen are moved to a cold list, which keeps
 * centroid and weight: what returns is taken up again under its old id and is not new. A full cold list merges, it never forgets.
 */
import { Centroids, type Near } from './centroids.ts';
import { decay } from './clock.ts';
import { MANY } from './forget.ts';
import { newRow, packRow, type Row, unpackRow } from './cluster-row.ts';
import { Packer, Unpacker } from './codec.ts';
import type { Lots } from './lots.ts';
import { Radius } from './radius.ts';

export interface ClusterOptions {
  /** Live clusters at most; one more moves a twentieth of them to the cold list. */
  readonly max: number;
  /** Cold clusters at most; beyond it they are merged into their nearest. */
  readonly maxCold: number;
  /** Decayed weight from which a cluster is confirmed. */
  readonly promoteAt: number;
  /** Deviations below the mean similarity to the nearest centroid at which an item founds a cluster of its own. */
  readonly spread: number;
}

export interface Cluster {
  readonly id: number;
  readonly confirmed: boolean;
  /** Decayed to the time asked for. */
  readonly weight: number;
}

/** Where an item belongs, found without changing anything. `row` null: it would found a cluster. */
export interface Place {
  readonly id: number;
  readonly row: Row | null;
  readonly similarity: number;
}

/** What an item did to its cluster. */
export interface Joined {
  readonly cluster: Cluster;
  /** Whether this item founded it. */
  readonly founded: boolean;
}

/** Another cluster, and how like its centroid is. */
export interface Known {
  readonly id: number;
  readonly similarity: number;
}

const NOWHERE = { near: 0, total: 0 };

export class Clusters {
  readonly #options: ClusterOptions;
  readonly #rows = new Map<number, Row>();
  readonly #centroids: Centroids;
  readonly #changed = new Set<number>();
  readonly #gone = new Set<number>();
  #merged = new Map<number, number>();
  #nextId = 0;
  #touch = 0;
  /** Total decayed weight of live and cold clusters, at time `#at`. */
  #total = 0;
  #at = 0;
  readonly #radius: Radius;

  constructor(options: ClusterOptions, dimension: number) {
    this.#options = options;
    this.#radius = new Radius(options.spread);
    this.#centroids = new Centroids(dimension);
  }

  get live(): number {
    return this.#centroids.live;
  }

  get cold(): number {
    return this.#centroids.count - this.live;
  }

  /** Similarity to a centroid from which an item belongs to it. */
  get radius(): number {
    return this.#radius.value;
  }

  /** The nearest live cluster within the radius, else the nearest cold one within it, else the id of the cluster the item would found. */
  place(x: Float32Array): Place {
    const live = this.#centroids.nearest(x, 'live');
    if (live !== null && live.similarity >= this.radius) return placeIn(live);
    const cold = this.cold > 0 ? this.#centroids.nearest(x, 'cold') : null;
    if (cold !== null && cold.similarity >= this.radius) return placeIn(cold);
    return { id: this.#nextId, row: null, similarity: live?.similarity ?? 0 };
  }

  /** Share of all decayed weight the item's cluster would have with the item in it, 0..1. @param elsewhere what other engines have seen */
  share(place: Place, now: number, halfLife: number, elsewhere: { readonly near: number; readonly total: number } = NOWHERE): number {
    const own = place.row === null ? 0 : place.row.weight * decay(now - place.row.at, halfLife);
    const total = this.#total * decay(now - this.#at, halfLife);
    return (own + elsewhere.near + 1) / (total + elsewhere.total + 1);
  }

  /** Its decayed weight; 0 where it is not there. */
  weight(id: number, now: number, halfLife: number): number {
    const row = this.#rows.get(id);
    return row === undefined ? 0 : row.weight * decay(now - row.at, halfLife);
  }

  /** The cluster an item is in that was put into `id` once: where that was merged away, the one it would be put into now. */
  whereNow(id: number, x: Float32Array): number {
    return this.#rows.has(id) ? id : this.place(x).id;
  }

  /** A copy; empty where it is not there. */
  centroid(id: number): Float32Array {
    const row = this.#rows.get(id);
    return row === undefined ? new Float32Array() : this.#centroids.of(row).slice();
  }

  /** Counts the item in. @param lots what it drew from, if it did: its cluster's lots, or those that a new cluster begins with */
  add(x: Float32Array, place: Place, now: number, halfLife: number, lots: Lots | null = null): Joined {
    if (this.#rows.size > 0) this.#radius.learn(place.similarity);
    const row = place.row ?? this.#found(x, now);
    if (this.#centroids.isCold(row)) this.#centroids.warm(row);
    const time = Math.max(now, row.at);
    row.weight = row.weight * decay(time - row.at, halfLife) + 1;
    row.at = time;
    row.lots = lots === null ? null : { ...lots, drawn: lots.drawn + 1 };
    row.touched = ++this.#touch;
    const step = 1 / row.weight;
    this.#centroids.move(row, x, step);
    this.#total = this.#total * decay(now - this.#at, halfLife) + 1;
    this.#at = this.#total === 1 ? now : Math.max(now, this.#at);
    if (row.weight >= this.#options.promoteAt) row.confirmed = true;
    this.#changed.add(row.id);
    if (this.live > this.#options.max) this.#cool(now, halfLife);
    return { cluster: { id: row.id, confirmed: row.confirmed, weight: row.weight }, founded: place.row === null };
  }

  /** The confirmed cluster, live or cold, whose centroid is most like that of cluster `id`; null where there is none. */
  nearestConfirmed(id: number): Known | null {
    const row = this.#rows.get(id);
    if (row === undefined) return null;
    const nearest = this.#centroids.nearest(this.#centroids.of(row), 'all', (other) => other !== row && other.confirmed);
    return nearest === null ? null : { id: nearest.row.id, similarity: nearest.similarity / this.#centroids.normOf(row) };
  }

  /** What was announced is known from then on, whatever its weight. */
  confirm(id: number): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    row.confirmed = true;
    this.#changed.add(id);
  }

  #found(x: Float32Array, now: number): Row {
    const row = newRow(this.#nextId++, now);
    this.#rows.set(row.id, row);
    this.#centroids.add(row, x);
    return row;
  }

  /**
   * An item that it counted is to be forgotten. A centroid of many others stays as it is; one of few is made anew from those that are known, and where none are the cluster goes.
   * @param count how many of its items are forgotten. @param others embeddings of items of it that stay. @returns whether it is gone
   */
  forget(id: number, count: number, others: () => readonly Float32Array[], now: number, halfLife: number): boolean {
    const row = this.#rows.get(id);
    if (row === undefined || row.weight >= count + MANY) return false;
    const known = others();
    const weight = Math.min(row.weight, known.length);
    this.#total = Math.max(0, this.total(now, halfLife) - (row.weight - weight) * decay(now - row.at, halfLife));
    this.#at = now;
    if (known.length === 0) {
      this.#centroids.remove(row);
      this.#rows.delete(id);
      this.#changed.delete(id);
      this.#gone.add(id);
      return true;
    }
    known.forEach((x, i) => this.#centroids.move(row, x, 1 / (i + 1)));
    row.weight = weight;
    this.#changed.add(id);
    return false;
  }

  /** Moves the longest unseen twentieth to the cold list. What that is too many for is merged into the nearest cold ones, the longest unseen first. */
  #cool(now: number, halfLife: number): void {
    const keep = Math.floor(this.#options.max * 0.95);
    for (const row of longestUnseen(this.#centroids.tier('live')).slice(0, this.live - keep)) {
      this.#centroids.cool(row);
      this.#changed.add(row.id);
    }
    const tooMany = this.cold - this.#options.maxCold;
    if (tooMany > 0) for (const row of longestUnseen(this.#centroids.tier('cold')).slice(0, tooMany)) this.#mergeCold(row, now, halfLife);
  }

  #mergeCold(from: Row, now: number, halfLife: number): void {
    const into = this.#centroids.nearest(this.#centroids.of(from), 'cold', (other) => other !== from);
    if (into !== null) this.merge(from.id, into.row.id, now, halfLife);
  }

  /** Puts cluster `from` into cluster `into`: weights add up, the centroid is their weighted mean. */
  merge(from: number, into: number, now: number, halfLife: number): void {
    const a = this.#rows.get(from);
    const b = this.#rows.get(into);
    if (a === undefined || b === undefined || a === b) return;
    const time = Math.max(now, a.at, b.at);
    const wa = a.weight * decay(time - a.at, halfLife);
    const wb = b.weight * decay(time - b.at, halfLife);
    const part = wa + wb > 0 ? wa / (wa + wb) : 0.5;
    this.#centroids.move(b, this.#centroids.of(a), part);
    b.weight = wa + wb;
    b.at = time;
    // Two outliers stay one until an item confirms it: only then can it be announced.
    b.confirmed ||= a.confirmed;
    this.#centroids.remove(a);
    this.#rows.delete(a.id);
    this.#changed.delete(a.id);
    this.#gone.add(a.id);
    this.#merged.set(a.id, b.id);
    this.#changed.add(b.id);
  }

  /** Total decayed weight of live and cold clusters. */
  total(now: number, halfLife: number): number {
    return this.#total * decay(now - this.#at, halfLife);
  }

  /** All clusters, by id. */
  *all(now: number, halfLife: number): Iterable<Cluster & { cold: boolean }> {
    for (const row of [...this.#rows.values()].sort((a, b) => a.id - b.id)) {
      yield { id: row.id, confirmed: row.confirmed, cold: this.#centroids.isCold(row), weight: row.weight * decay(now - row.at, halfLife) };
    }
  }

  /** Decayed weight of a confirmed cluster; 0 of one that is not confirmed or not there. */
  densityOf(id: number, now: number, halfLife: number): number {
    const row = this.#rows.get(id);
    return row === undefined || !row.confirmed ? 0 : row.weight * decay(now - row.at, halfLife);
  }

  /** Clusters merged away since the last call, each with the one it is in now. */
  takeMerged(): ReadonlyMap<number, number> {
    const merged = this.#merged;
    this.#merged = new Map();
    const whereNow = (id: number): number => {
      const into = merged.get(id);
      return into === undefined ? id : whereNow(into);
    };
    return new Map([...merged.keys()].map((id) => [id, whereNow(id)]));
  }

  /** What changed since the last call, as (id, value); null for clusters merged away. */
  *takeChanges(): Iterable<readonly [number, Uint8Array | null]> {
    for (const id of this.#gone) yield [id, null];
    for (const id of this.#changed) {
      const row = this.#rows.get(id);
      if (row !== undefined) yield [id, packRow(row, this.#centroids.isCold(row), this.#centroids.of(row))];
    }
    this.#gone.clear();
    this.#changed.clear();
  }

  packTotals(): Uint8Array {
    return this.#radius.pack(new Packer().f64(this.#nextId, this.#touch, this.#total, this.#at)).done();
  }

  restoreTotals(value: Uint8Array): void {
    const from = new Unpacker(value);
    this.#nextId = from.f64();
    this.#touch = from.f64();
    this.#total = from.f64();
    this.#at = from.f64();
    this.#radius.restore(from);
  }

  restoreRow(id: number, value: Uint8Array): void {
    const { row, cold, centroid } = unpackRow(id, value);
    this.#rows.set(id, row);
    this.#centroids.add(row, centroid);
    if (!cold) this.#centroids.warm(row);
  }
}

/** Totals as they were, with the radius of others. */
export function withRadius(totals: Uint8Array, others: Uint8Array): Uint8Array {
  const [own, other] = [new Unpacker(totals), new Unpacker(others)];
  const kept = [own.f64(), own.f64(), own.f64(), own.f64()];
  for (let i = 0; i < kept.length; i++) other.f64();
  return new Packer().f64(...kept, other.f64(), other.f64(), other.f64()).done();
}

function placeIn({ row, similarity }: Near): Place {
  return { id: row.id, row, similarity };
}

function longestUnseen(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((a, b) => a.touched - b.touched);
}
