/**
 * Decayed micro-clusters in two tiers, after DenStream (Cao, Ester, Qian, Zhou: Density-based clustering over an evolving data stream with noise, 2006):
 * a new cluster is an outlier until its weight shows that it is more; weights fade lazily as 2^(-Δt / half-life).
 *
 * Live clusters sit in typed arrays by slot; their ids are stable. At `max` live clusters the longest unseen are moved to a cold list, which keeps
 * centroid and weight: what returns is taken up again under its old id and is not new. A full cold list merges, it never forgets.
 */
import { decay } from './clock.ts';
import { norm, packRow, type Row, unpackRow } from './cluster-row.ts';
import { Packer, Unpacker } from './codec.ts';
import { dot } from './vectors.ts';

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
  /** Whether this item confirmed it. */
  readonly promoted: boolean;
  /** Similarity of its centroid to the nearest other confirmed one, live or cold; computed when it is promoted, else 0. */
  readonly known: number;
}

/** Bounds of the similarity below which an item founds a cluster. */
const MIN_RADIUS = 0.2;
const MAX_RADIUS = 0.95;
const MEMORY = 2000;
const NOWHERE = { near: 0, total: 0 };

export class Clusters {
  readonly #options: ClusterOptions;
  readonly #rows = new Map<number, Row>();
  readonly #changed = new Set<number>();
  readonly #gone = new Set<number>();
  #merged = new Map<number, number>();
  #live = 0;
  #nextId = 0;
  #touch = 0;
  /** Total decayed weight of live and cold clusters, at time `#at`. */
  #total = 0;
  #at = 0;
  /** Running mean and variance of the similarity to the nearest centroid. */
  #seen = 0;
  #mean = 0.5;
  #variance = 0.01;

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  get live(): number {
    return this.#live;
  }

  get cold(): number {
    return this.#rows.size - this.#live;
  }

  /** Similarity to a centroid from which an item belongs to it. */
  get radius(): number {
    return Math.min(MAX_RADIUS, Math.max(MIN_RADIUS, this.#mean - this.#options.spread * Math.sqrt(this.#variance)));
  }

  /** The nearest live cluster within the radius, else the nearest cold one within it, else the id of the cluster the item would found. */
  place(x: Float32Array): Place {
    const nearest = this.#nearest(x, false);
    if (nearest !== null && nearest.similarity >= this.radius) return nearest;
    const cold = this.#live < this.#rows.size ? this.#nearest(x, true) : null;
    if (cold !== null && cold.similarity >= this.radius) return cold;
    return { id: this.#nextId, row: null, similarity: nearest?.similarity ?? 0 };
  }

  #nearest(x: Float32Array, cold: boolean): (Place & { row: Row }) | null {
    let best: Row | null = null;
    let similarity = -Infinity;
    for (const row of this.#rows.values()) {
      if (row.cold !== cold) continue;
      const s = dot(x, 0, row.mean, 0, x.length) / row.norm;
      // Ties go to the older cluster, whatever the order of the map is after a restore.
      if (s > similarity || (s === similarity && best !== null && row.id < best.id)) {
        best = row;
        similarity = s;
      }
    }
    return best === null ? null : { id: best.id, row: best, similarity };
  }

  /** Share of all decayed weight the item's cluster would have with the item in it, 0..1. @param elsewhere what other engines have seen */
  share(place: Place, now: number, halfLife: number, elsewhere: { readonly near: number; readonly total: number } = NOWHERE): number {
    const own = place.row === null ? 0 : place.row.weight * decay(now - place.row.at, halfLife);
    const total = this.#total * decay(now - this.#at, halfLife);
    return (own + elsewhere.near + 1) / (total + elsewhere.total + 1);
  }

  /** A cluster as it is now; without weight where it is not there. */
  sketch(id: number, now: number, halfLife: number): { readonly weight: number; readonly centroid: Float32Array } {
    const row = this.#rows.get(id);
    return row === undefined ? { weight: 0, centroid: new Float32Array() } : { weight: row.weight * decay(now - row.at, halfLife), centroid: row.mean.slice() };
  }

  /** Counts the item in. */
  add(x: Float32Array, place: Place, now: number, halfLife: number): Joined {
    if (this.#rows.size > 0) this.#learnRadius(place.similarity);
    const row = place.row ?? this.#found(x, now);
    if (row.cold) this.#warm(row);
    const time = Math.max(now, row.at);
    row.weight = row.weight * decay(time - row.at, halfLife) + 1;
    row.at = time;
    row.touched = ++this.#touch;
    const step = 1 / row.weight;
    for (let i = 0; i < x.length; i++) row.mean[i] = (row.mean[i] as number) + step * ((x[i] as number) - (row.mean[i] as number));
    row.norm = norm(row.mean);
    this.#total = this.#total * decay(now - this.#at, halfLife) + 1;
    this.#at = this.#total === 1 ? now : Math.max(now, this.#at);
    const promoted = !row.confirmed && row.weight >= this.#options.promoteAt;
    if (promoted) row.confirmed = true;
    this.#changed.add(row.id);
    if (this.#live > this.#options.max) this.#cool(now, halfLife);
    const known = promoted ? this.#nearestConfirmed(row) : 0;
    return { cluster: { id: row.id, confirmed: row.confirmed, weight: row.weight }, promoted, known };
  }

  #nearestConfirmed(row: Row): number {
    let best = 0;
    for (const other of this.#rows.values()) {
      if (other !== row && other.confirmed) best = Math.max(best, dot(row.mean, 0, other.mean, 0, row.mean.length) / (row.norm * other.norm));
    }
    return best;
  }

  #found(x: Float32Array, now: number): Row {
    const row: Row = { id: this.#nextId++, mean: Float32Array.from(x), norm: 1, weight: 0, at: now, confirmed: false, cold: false, touched: 0 };
    this.#rows.set(row.id, row);
    this.#live += 1;
    return row;
  }

  #warm(row: Row): void {
    row.cold = false;
    this.#live += 1;
  }

  #learnRadius(similarity: number): void {
    this.#seen += 1;
    const rate = 1 / Math.min(this.#seen + 10, MEMORY);
    const difference = similarity - this.#mean;
    this.#mean += rate * difference;
    this.#variance += rate * (difference * difference - this.#variance);
  }

  /** Moves the longest unseen twentieth to the cold list. */
  #cool(now: number, halfLife: number): void {
    const keep = Math.floor(this.#options.max * 0.95);
    const longest = [...this.#rows.values()].filter((row) => !row.cold).sort((a, b) => a.touched - b.touched);
    for (const row of longest.slice(0, this.#live - keep)) {
      row.cold = true;
      this.#live -= 1;
      this.#changed.add(row.id);
    }
    while (this.cold > this.#options.maxCold) this.#mergeCold(now, halfLife);
  }

  /** Merges the longest unseen cold cluster into the cold one nearest to it; the weights add up. */
  #mergeCold(now: number, halfLife: number): void {
    const cold = [...this.#rows.values()].filter((row) => row.cold).sort((a, b) => a.touched - b.touched);
    const [from, ...others] = cold;
    if (from === undefined) return;
    let into: Row | null = null;
    let best = -Infinity;
    for (const row of others) {
      const s = dot(from.mean, 0, row.mean, 0, row.mean.length) / row.norm;
      if (s > best) {
        best = s;
        into = row;
      }
    }
    if (into !== null) this.merge(from.id, into.id, now, halfLife);
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
    for (let i = 0; i < b.mean.length; i++) b.mean[i] = (b.mean[i] as number) + part * ((a.mean[i] as number) - (b.mean[i] as number));
    b.norm = norm(b.mean);
    b.weight = wa + wb;
    b.at = time;
    // Two outliers stay one until an item confirms it: only then can it be announced.
    b.confirmed ||= a.confirmed;
    if (!a.cold) this.#live -= 1;
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
      yield { id: row.id, confirmed: row.confirmed, cold: row.cold, weight: row.weight * decay(now - row.at, halfLife) };
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
      if (row !== undefined) yield [id, packRow(row)];
    }
    this.#gone.clear();
    this.#changed.clear();
  }

  packTotals(): Uint8Array {
    return new Packer().f64(this.#nextId, this.#touch, this.#total, this.#at, this.#seen, this.#mean, this.#variance).done();
  }

  restoreTotals(value: Uint8Array): void {
    const from = new Unpacker(value);
    this.#nextId = from.f64();
    this.#touch = from.f64();
    this.#total = from.f64();
    this.#at = from.f64();
    this.#seen = from.f64();
    this.#mean = from.f64();
    this.#variance = from.f64();
  }

  restoreRow(id: number, value: Uint8Array): void {
    const row = unpackRow(id, value);
    this.#rows.set(id, row);
    if (!row.cold) this.#live += 1;
  }
}
