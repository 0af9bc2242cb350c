import { concatMap, from, toArray, type OperatorFunction } from 'rxjs';
import type { Aside, Embedded } from './items.ts';
import { isAlive } from './items.ts';
import type { VectorIndex } from './ports.ts';
import { Indexer } from './recall.ts';
import type { Memory } from './state/memory.ts';

/** Says how like each item is to a set that this one must not share pictures with. @param guarded what that set holds; it does not change */
export function guard(index: VectorIndex, guarded: Memory): OperatorFunction<Embedded | Aside, Embedded | Aside> {
  const indexer = new Indexer(index, guarded);
  return (source) =>
    source.pipe(
      toArray(),
      concatMap(async (items) => {
        const proposals = await indexer.propose(items);
        return items.map((item, i) => (isAlive(item) ? { ...item, guarded: guarded.nearest(item.embedding, proposals[i] ?? null)?.similarity ?? -1 } : item));
      }),
      concatMap((items) => from(items)),
    );
}
