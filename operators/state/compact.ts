/**
 * Keeps the memory under its bound. Items of confirmed clusters whose nearest kept neighbour in the cluster is closest leave first, whatever their
 * cluster: what they stood for is still remembered by that neighbour. Every cluster keeps at least 8 exemplars, and the last member of a class never leaves.
 * Where that leaves more than the bound, more stays.
 */
import type { Memory } from './memory.ts';

const EXEMPLARS = 8;
/** The memory is brought down to this part of its bound, so that compaction is rare. */
const KEEP = 0.9;
/** Rows of one cluster are compared with each other in blocks of this size: bounds the time to 128 comparisons a row and round. */
const BLOCK = 256;
/** An item leaves only for a neighbour that still stays; each round finds new neighbours for those whose own has left. */
const ROUNDS = 40;

interface Candidate {
  readonly row: number;
  readonly neighbour: number;
  readonly similarity: number;
}

/** Rows to drop. @param densityOf decayed weight of a confirmed cluster, 0 of any other */
export function rowsToDrop(memory: Memory, max: number, densityOf: (cluster: number) => number): ReadonlySet<number> {
  const drop = new Set<number>();
  if (memory.count <= max) return drop;
  const surplus = memory.count - Math.floor(max * KEEP);
  const kept = new Kept(memory, densityOf);
  for (let round = 0; round < ROUNDS && drop.size < surplus; round++) {
    const before = drop.size;
    // No more than are needed: one that loses its neighbour waits for the next round rather than let a less redundant one go.
    const free = candidates(memory, kept.rowsByCluster(drop)).filter(({ row }) => kept.canSpare(row));
    for (const { row, neighbour } of free.slice(0, surplus - drop.size)) {
      if (drop.has(neighbour) || !kept.canSpare(row)) continue;
      kept.spare(row);
      drop.add(row);
    }
    if (drop.size === before) break;
  }
  return drop;
}

/** Counts what is still there, by cluster and by class. */
class Kept {
  readonly #memory: Memory;
  readonly #ofCluster = new Map<number, number>();
  readonly #ofClass = new Map<string, number>();
  readonly #dense: ReadonlySet<number>;

  constructor(memory: Memory, densityOf: (cluster: number) => number) {
    this.#memory = memory;
    for (const { cluster, classes } of memory.items) {
      this.#ofCluster.set(cluster, (this.#ofCluster.get(cluster) ?? 0) + 1);
      for (const name of classes) this.#ofClass.set(name, (this.#ofClass.get(name) ?? 0) + 1);
    }
    this.#dense = new Set([...this.#ofCluster.keys()].filter((cluster) => densityOf(cluster) > 0));
  }

  rowsByCluster(dropped: ReadonlySet<number>): readonly (readonly number[])[] {
    const rows = new Map<number, number[]>();
    this.#memory.items.forEach(({ cluster }, row) => {
      if (dropped.has(row) || !this.#dense.has(cluster)) return;
      const list = rows.get(cluster);
      if (list === undefined) rows.set(cluster, [row]);
      else list.push(row);
    });
    return [...rows.values()];
  }

  canSpare(row: number): boolean {
    const { cluster = -1, classes = [] } = this.#memory.items[row] ?? {};
    return (this.#ofCluster.get(cluster) ?? 0) > EXEMPLARS && classes.every((name) => (this.#ofClass.get(name) ?? 0) > 1);
  }

  spare(row: number): void {
    const { cluster = -1, classes = [] } = this.#memory.items[row] ?? {};
    this.#ofCluster.set(cluster, (this.#ofCluster.get(cluster) ?? 0) - 1);
    for (const name of classes) this.#ofClass.set(name, (this.#ofClass.get(name) ?? 0) - 1);
  }
}

/** Rows with their nearest earlier row in the same block of their cluster, the closest pairs first; of a pair the later row is the candidate. */
function candidates(memory: Memory, clusters: readonly (readonly number[])[]): readonly Candidate[] {
  const found: Candidate[] = [];
  for (const rows of clusters) {
    for (let i = 1; i < rows.length; i++) {
      const row = rows[i] as number;
      let neighbour = -1;
      let similarity = -Infinity;
      for (let j = i - (i % BLOCK); j < i; j++) {
        const s = memory.between(row, rows[j] as number);
        if (s > similarity) {
          similarity = s;
          neighbour = rows[j] as number;
        }
      }
      if (neighbour >= 0) found.push({ row, neighbour, similarity });
    }
  }
  return found.sort((a, b) => b.similarity - a.similarity || a.row - b.row);
}
