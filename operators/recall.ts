import { from, map, mergeMap, toArray, type OperatorFunction } from 'rxjs';
import type { Embedded, Failed, Recalled } from './items.ts';
import { isAlive, isFailed } from './items.ts';
import type { VectorIndex } from './ports.ts';
import type { Memory, Proposal } from './state/memory.ts';

/** Candidates the index proposes for each item. */
const CANDIDATES = 8;

/**
 * Finds the admitted item most like each one. The index proposes candidates for the whole batch in one search; each item is then compared when its turn
 * comes, so that items of the same batch that were admitted just before it count as well.
 *
 * The batch is handed on item by item, and an item only when all operators behind have done with the one before.
 */
export function recall(index: VectorIndex, memory: Memory): OperatorFunction<Embedded | Failed, Recalled | Failed> {
  const indexer = new Indexer(index, memory);
  return (source) =>
    source.pipe(
      toArray(),
      mergeMap((items) => from(indexer.propose(items)).pipe(mergeMap((proposals) => from(items).pipe(map((item, i) => look(memory, item, proposals[i] ?? null)))))),
    );
}

function look(memory: Memory, item: Embedded | Failed, proposal: Proposal | null): Recalled | Failed {
  return isFailed(item) ? item : { ...item, nearest: memory.nearest(item.embedding, proposal) };
}

/** Keeps the index a copy of the memory as it was before the batch. */
class Indexer {
  readonly #index: VectorIndex;
  readonly #memory: Memory;
  #generation = -1;

  constructor(index: VectorIndex, memory: Memory) {
    this.#index = index;
    this.#memory = memory;
  }

  async propose(items: readonly (Embedded | Failed)[]): Promise<readonly (Proposal | null)[]> {
    const memory = this.#memory;
    const index = this.#index;
    if (this.#generation !== memory.generation) {
      await index.reset();
      this.#generation = memory.generation;
    }
    if (index.count < memory.count) await index.add(memory.vectors(index.count));
    const well = items.filter(isAlive);
    if (well.length === 0 || index.count === 0) return [];
    const d = index.dimension;
    const queries = new Float32Array(well.length * d);
    well.forEach((item, i) => queries.set(item.embedding, i * d));
    const k = Math.min(CANDIDATES, index.count);
    const { rows, similarities } = await index.search(queries, k);
    let next = 0;
    return items.map((item) => {
      if (isFailed(item)) return null;
      const at = next++ * k;
      const bound = k === index.count ? -Infinity : (similarities[at + k - 1] as number);
      return { generation: this.#generation, indexed: index.count, rows: rows.subarray(at, at + k), bound };
    });
  }
}
