/**
 * The memory: embeddings of what was admitted, in segments of typed arrays, with what is asked of them.
 *
 * The vector index (FAISS) only proposes candidates. `nearest` computes their similarities again in a fixed order and proves that no other row can be
 * nearer: rows the index had not seen yet are looked at one by one, and where the proposals are too close to call, all rows are. So the answer is that
 * of an exact search whenever the index was filled, and never depends on batches.
 */
import { Packer, Unpacker } from './codec.ts';
import type { Split } from './split.ts';
import { dot } from './vectors.ts';

const SEGMENT = 4096;
/** How far the index's arithmetic (float32, any order) may be from ours for unit vectors; measured: below 1e-6. */
const TOLERANCE = 1e-5;

/** One admitted item. */
export interface Admitted {
  readonly seq: number;
  readonly id: string;
  /** The one it is in now: not that of its decision, where that was merged away. */
  readonly cluster: number;
  /** The set it was admitted for; left out by an earlier version. */
  readonly split?: Split;
  readonly digest: string;
  /** Classes it is known to show; empty where none were learned. */
  readonly classes: readonly string[];
}

/** What the index proposed for one query, and what it knew then. */
export interface Proposal {
  /** `generation` of the memory that the index was filled from. */
  readonly generation: number;
  /** Rows the index held. */
  readonly indexed: number;
  /** Row numbers, most similar first, -1 where there were fewer. */
  readonly rows: Int32Array;
  /** The index's similarity of the last proposal: nothing else it held is nearer. -Infinity where it proposed all it held. */
  readonly bound: number;
}

export interface Nearest {
  readonly item: Admitted;
  readonly similarity: number;
}

export class Memory {
  readonly #d: number;
  #segments: Float32Array[] = [];
  #items: Admitted[] = [];
  #generation = 0;
  /** New row of each row before the last renumbering, -1 for what was dropped. */
  #moved = new Int32Array();

  constructor(dimension: number) {
    this.#d = dimension;
  }

  get count(): number {
    return this.#items.length;
  }

  /** Grows whenever rows were renumbered: an index filled before is void. */
  get generation(): number {
    return this.#generation;
  }

  get items(): readonly Admitted[] {
    return this.#items;
  }

  add(item: Admitted, x: Float32Array): void {
    const row = this.#items.length;
    const segment = (this.#segments[Math.floor(row / SEGMENT)] ??= new Float32Array(SEGMENT * this.#d));
    segment.set(x, (row % SEGMENT) * this.#d);
    this.#items.push(item);
  }

  /** The nearest row, ties to the earliest; null while the memory is empty. */
  nearest(x: Float32Array, proposal: Proposal | null): Nearest | null {
    if (this.#items.length === 0) return null;
    let best = -1;
    let similarity = -Infinity;
    const consider = (row: number): void => {
      const s = this.#similarity(x, row);
      if (s > similarity || (s === similarity && row < best)) {
        best = row;
        similarity = s;
      }
    };
    const current = this.#translated(proposal);
    if (current !== null) for (const row of current.rows) if (row >= 0) consider(row);
    const sure = current !== null && similarity > current.bound + TOLERANCE;
    for (let row = sure ? current.indexed : 0; row < this.#items.length; row++) consider(row);
    const item = this.#items[best];
    return item === undefined ? null : { item, similarity };
  }

  /** The proposal in today's row numbers. Rows only disappear, so its bound still holds. Null where it is older than the last renumbering. */
  #translated(proposal: Proposal | null): Proposal | null {
    if (proposal === null || proposal.generation === this.#generation) return proposal;
    if (proposal.generation !== this.#generation - 1) return null;
    const { rows, bound, indexed } = proposal;
    const kept = this.#moved.subarray(0, indexed).reduce((count, row) => count + (row >= 0 ? 1 : 0), 0);
    return { generation: this.#generation, indexed: kept, rows: rows.map((row) => (row < 0 ? -1 : (this.#moved[row] ?? -1))), bound };
  }

  #similarity(x: Float32Array, row: number): number {
    return dot(x, 0, this.#segments[Math.floor(row / SEGMENT)] as Float32Array, (row % SEGMENT) * this.#d, this.#d);
  }

  /** Similarity of two rows. */
  between(a: number, b: number): number {
    const segment = this.#segments[Math.floor(a / SEGMENT)] as Float32Array;
    const start = (a % SEGMENT) * this.#d;
    return dot(segment, start, this.#segments[Math.floor(b / SEGMENT)] as Float32Array, (b % SEGMENT) * this.#d, this.#d);
  }

  /** Rows from `start` on, as one matrix. */
  vectors(start: number): Float32Array {
    const d = this.#d;
    const out = new Float32Array((this.#items.length - start) * d);
    for (let row = start; row < this.#items.length; row++) {
      const from = (row % SEGMENT) * d;
      out.set((this.#segments[Math.floor(row / SEGMENT)] as Float32Array).subarray(from, from + d), (row - start) * d);
    }
    return out;
  }

  /** Says what an admitted item shows, once that is known. @returns the changed row, or null where the item has left the memory */
  classify(seq: number, classes: readonly string[]): Admitted | null {
    const row = this.#rowOf(seq);
    const item = this.#items[row];
    if (item === undefined || item.seq !== seq) return null;
    const changed = { ...item, classes };
    this.#items[row] = changed;
    return changed;
  }

  /** Whether the item with this seq is in the memory. */
  holds(seq: number): boolean {
    return this.of(seq) !== null;
  }

  /** All items, each once: those behind this seq, and round from the first again. */
  *behind(seq: number): Iterable<Admitted> {
    const first = this.#rowOf(seq + 1);
    for (let i = 0; i < this.#items.length; i++) yield this.#items[(first + i) % this.#items.length] as Admitted;
  }

  /** The item with this seq; null where it is not in the memory. */
  of(seq: number): Admitted | null {
    const item = this.#items[this.#rowOf(seq)];
    return item?.seq === seq ? item : null;
  }

  /** The embedding of the item with this seq; null where it is not in the memory. */
  embedding(seq: number): Float32Array | null {
    if (!this.holds(seq)) return null;
    const row = this.#rowOf(seq);
    const from = (row % SEGMENT) * this.#d;
    return (this.#segments[Math.floor(row / SEGMENT)] as Float32Array).slice(from, from + this.#d);
  }

  /** Puts items of clusters that were merged away into the ones that took them in. @returns the changed rows */
  relabel(merged: ReadonlyMap<number, number>): readonly Admitted[] {
    const changed: Admitted[] = [];
    for (let row = 0; row < this.#items.length; row++) {
      const item = this.#items[row] as Admitted;
      const cluster = merged.get(item.cluster);
      if (cluster === undefined) continue;
      const moved = { ...item, cluster };
      this.#items[row] = moved;
      changed.push(moved);
    }
    return changed;
  }

  /** Rows are in order of seq. */
  #rowOf(seq: number): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#items[middle] as Admitted).seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Adds an item that others came after: all are renumbered. */
  insert(item: Admitted, x: Float32Array): void {
    const vectors = this.vectors(0);
    const items = this.#items;
    const at = this.#rowOf(item.seq);
    this.#segments = [];
    this.#items = [];
    // Rows of no earlier proposal can be told from these.
    this.#generation += 2;
    items.forEach((each, row) => {
      if (row === at) this.add(item, x);
      this.add(each, vectors.subarray(row * this.#d, (row + 1) * this.#d));
    });
    if (at === items.length) this.add(item, x);
  }

  /** Drops the items with these seqs, as far as they are in the memory. @returns what was dropped */
  dropItems(seqs: ReadonlySet<number>): readonly Admitted[] {
    const rows = new Set([...seqs].filter((seq) => this.holds(seq)).map((seq) => this.#rowOf(seq)));
    return rows.size === 0 ? [] : this.drop(rows);
  }

  /** Drops these rows and renumbers the others. @returns what was dropped */
  drop(rows: ReadonlySet<number>): readonly Admitted[] {
    const vectors = this.vectors(0);
    const items = this.#items;
    this.#segments = [];
    this.#items = [];
    this.#generation += 1;
    this.#moved = new Int32Array(items.length).fill(-1);
    items.forEach((item, row) => {
      if (rows.has(row)) return;
      this.#moved[row] = this.#items.length;
      this.add(item, vectors.subarray(row * this.#d, (row + 1) * this.#d));
    });
    return items.filter((_, row) => rows.has(row));
  }
}

export function packAdmitted(item: Admitted): Uint8Array {
  const out = new Packer().f64(item.cluster).text(item.id).text(item.digest).texts(item.classes);
  return (item.split === undefined ? out : out.f64(item.split === 'validation' ? 1 : 0)).done();
}

export function unpackAdmitted(seq: number, value: Uint8Array): Admitted {
  const from = new Unpacker(value);
  const item = { cluster: from.f64(), id: from.text(), digest: from.text(), classes: from.texts(), seq };
  return from.ended ? item : { ...item, split: from.f64() === 1 ? 'validation' : 'train' };
}
