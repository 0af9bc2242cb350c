import { concatMap, from, toArray, type OperatorFunction } from 'rxjs';
import type { Embedded, Failed } from './items.ts';
import { isFailed } from './items.ts';
import type { VectorIndex } from './ports.ts';
import { Indexer } from './recall.ts';
import type { Memory, Nearest } from './state/memory.ts';

/** Says of each item what of a set that does not change is most like it. @param say takes it down */
export function beside(index: VectorIndex, set: Memory, say: (item: Embedded, nearest: Nearest | null) => Embedded): OperatorFunction<Embedded | Failed, Embedded | Failed> {
  const indexer = new Indexer(index, set);
  return (source) =>
    source.pipe(
      toArray(),
      concatMap(async (items) => {
        const proposals = await indexer.propose(items);
        return items.map((item, i) => (isFailed(item) ? item : say(item, set.nearest(item.embedding, proposals[i] ?? null))));
      }),
      concatMap((items) => from(items)),
    );
}
