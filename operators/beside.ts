import { concatMap, from, toArray, type OperatorFunction } from 'rxjs';
import type { Aside, Embedded } from './items.ts';
import { isAlive } from './items.ts';
import type { VectorIndex } from './ports.ts';
import { Indexer } from './recall.ts';
import type { Memory, Nearest } from './state/memory.ts';

/** Says of each item what of a set that does not change is most like it. @param say takes it down */
export function beside(index: VectorIndex, set: Memory, say: (item: Embedded, nearest: Nearest | null) => Embedded): OperatorFunction<Embedded | Aside, Embedded | Aside> {
  const indexer = new Indexer(index, set);
  return (source) =>
    source.pipe(
      toArray(),
      concatMap(async (items) => {
        const proposals = await indexer.propose(items);
        return items.map((item, i) => (isAlive(item) ? say(item, set.nearest(item.embedding, proposals[i] ?? null)) : item));
      }),
      concatMap((items) => from(items)),
    );
}
