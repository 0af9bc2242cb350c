/**
 * Clusters by place, their centroids side by side: the live ones first, the cold ones behind them, so that an item is compared with a tier in one pass:
 * in 8-bit copies, and in full with those that may be the nearest by these.
 * Places change; ids do not.
 */
import { norm, type Row } from './cluster-row.ts';
import { RoughRows } from './rough-rows.ts';
import { Rows } from './rows.ts';

export type Tier = 'live' | 'cold' | 'all';

export interface Near {
  readonly row: Row;
  readonly similarity: number;
}

export class Centroids {
  readonly #vectors: Rows;
  readonly #rough: RoughRows;
  readonly #rows: Row[] = [];
  /** Length of each centroid by place, side by side as well. */
  #norms = new Float64Array(64);
  #live = 0;

  constructor(dimension: number) {
    this.#vectors = new Rows(dimension);
    this.#rough = new RoughRows(dimension);
  }

  get count(): number {
    return this.#rows.length;
  }

  get live(): number {
    return this.#live;
  }

  isCold(row: Row): boolean {
    return row.place >= this.#live;
  }

  /** In no order that means anything. */
  tier(tier: Tier): readonly Row[] {
    return this.#rows.slice(...this.#range(tier));
  }

  #range(tier: Tier): [from: number, to: number] {
    return [tier === 'cold' ? this.#live : 0, tier === 'live' ? this.#live : this.count];
  }

  /** The centroid itself, good until the next cluster is added. */
  of(row: Row): Float32Array {
    return this.#vectors.row(row.place);
  }

  /** Length of its centroid. */
  normOf(row: Row): number {
    return this.#norms[row.place] as number;
  }

  /** Moves a centroid by this part of the way to x. */
  move(row: Row, x: Float32Array, part: number): void {
    const mean = this.of(row);
    for (let i = 0; i < x.length; i++) mean[i] = (mean[i] as number) + part * ((x[i] as number) - (mean[i] as number));
    const length = norm(mean);
    this.#norms[row.place] = length;
    this.#rough.set(row.place, mean, length);
  }

  /** Adds a cold one. */
  add(row: Row, centroid: Float32Array): void {
    row.place = this.count;
    this.#rows.push(row);
    this.#vectors.push(centroid);
    if (row.place === this.#norms.length) {
      const norms = new Float64Array(2 * row.place);
      norms.set(this.#norms);
      this.#norms = norms;
    }
    const length = norm(centroid);
    this.#norms[row.place] = length;
    this.#rough.push(centroid, length);
  }

  warm(row: Row): void {
    this.#swap(row.place, this.#live);
    this.#live += 1;
  }

  cool(row: Row): void {
    this.#live -= 1;
    this.#swap(row.place, this.#live);
  }

  remove(row: Row): void {
    if (!this.isCold(row)) this.cool(row);
    this.#swap(row.place, this.count - 1);
    this.#rows.pop();
    this.#vectors.pop();
    this.#rough.pop();
  }

  #swap(a: number, b: number): void {
    if (a === b) return;
    const [first, second] = [this.#rows[a] as Row, this.#rows[b] as Row];
    this.#vectors.swap(a, b);
    this.#rough.swap(a, b);
    const norms = this.#norms;
    [norms[a], norms[b]] = [norms[b] as number, norms[a] as number];
    this.#rows[a] = second;
    this.#rows[b] = first;
    second.place = a;
    first.place = b;
  }

  /** The cluster of a tier whose centroid's direction is nearest to x; ties go to the older one. @param counts which ones count; all where not given */
  nearest(x: Float32Array, tier: Tier, counts?: (row: Row) => boolean): Near | null {
    const [from, to] = this.#range(tier);
    let best: Row | null = null;
    let similarity = -Infinity;
    for (const at of this.#rough.nearest(x, norm(x), from, to, counts && ((place) => counts(this.#rows[place] as Row)))) {
      const s = this.#vectors.dot(x, at) / (this.#norms[at] as number);
      const row = this.#rows[at] as Row;
      if (s > similarity || (s === similarity && best !== null && row.id < best.id)) {
        best = row;
        similarity = s;
      }
    }
    return best === null ? null : { row: best, similarity };
  }
}
