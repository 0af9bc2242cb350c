import { setImmediate } from 'node:timers/promises';
import { bufferCount, concatMap, from, map, mergeMap, toArray, type Observable, type OperatorFunction } from 'rxjs';
import type { Embedded, Failed, Recalled } from './items.ts';
import { isAlive, isFailed } from './items.ts';
import type { VectorIndex } from './ports.ts';
import type { Memory, Proposal } from './state/memory.ts';

/** Candidates the index proposes for each item. */
const CANDIDATES = 8;
/** Items that go through before others get their turn in the event loop: to take up what the index and the broker answer, and to ask for the next batch. */
const BREATH = 32;

/**
 * Finds the admitted item most like each one. The index proposes candidates for the whole batch in one search; each item is then compared when its turn
 * comes, so that items of the same batch that were admitted just before it count as well.
 *
 * The batch is handed on item by item, and an item only when all operators behind have done with the one before.
 *
 * @param turn asked when a batch comes: resolves when the one before it is decided. The index is searched meanwhile: what that one still adds to the memory
 * is compared item by item.
 */
export function recall(index: VectorIndex, memory: Memory, turn: () => Promise<unknown> = () => Promise.resolve()): OperatorFunction<Embedded | Failed, Recalled | Failed> {
  const indexer = new Indexer(index, memory);
  return (source) =>
    source.pipe(
      toArray(),
      mergeMap((items) => from(Promise.all([indexer.propose(items), turn()])).pipe(mergeMap(([proposals]) => breathing(items).pipe(map((item, i) => look(memory, item, proposals[i] ?? null)))))),
    );
}

function breathing<T>(items: readonly T[]): Observable<T> {
  return from(items).pipe(
    bufferCount(BREATH),
    concatMap((some) => from(setImmediate(some))),
    concatMap((some) => from(some)),
  );
}

function look(memory: Memory, item: Embedded | Failed, proposal: Proposal | null): Recalled | Failed {
  if (isFailed(item)) return item;
  const admitted = memory.nearest(item.embedding, proposal);
  return { ...item, nearest: item.known !== undefined && item.known.similarity > (admitted?.similarity ?? -Infinity) ? item.known : admitted };
}

/** Keeps the index a copy of the memory as it was when the batch came. */
export class Indexer {
  readonly #index: VectorIndex;
  readonly #memory: Memory;
  #generation = -1;

  constructor(index: VectorIndex, memory: Memory) {
    this.#index = index;
    this.#memory = memory;
  }

  /** All calls are queued before one is awaited: the next batch may come meanwhile. */
  async propose(items: readonly (Embedded | Failed)[]): Promise<readonly (Proposal | null)[]> {
    const memory = this.#memory;
    const index = this.#index;
    const { generation } = memory;
    const filled: Promise<void>[] = [];
    if (this.#generation !== generation) filled.push(index.reset());
    this.#generation = generation;
    if (index.count < memory.count) filled.push(index.add(memory.vectors(index.count)));
    const well = items.filter(isAlive);
    const indexed = index.count;
    const k = Math.min(CANDIDATES, indexed);
    const nothing = { rows: new Int32Array(), similarities: new Float32Array() };
    const [{ rows, similarities }] = await Promise.all([well.length === 0 || k === 0 ? nothing : index.search(queriesOf(well, index.dimension), k), ...filled]);
    if (k === 0) return [];
    let next = 0;
    return items.map((item) => {
      if (isFailed(item)) return null;
      const at = next++ * k;
      const bound = k === indexed ? -Infinity : (similarities[at + k - 1] as number);
      return { generation, indexed, rows: rows.subarray(at, at + k), bound };
    });
  }
}

function queriesOf(items: readonly Embedded[], d: number): Float32Array {
  const queries = new Float32Array(items.length * d);
  items.forEach((item, i) => queries.set(item.embedding, i * d));
  return queries;
}
