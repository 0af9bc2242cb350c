import { concatMap, toArray, type OperatorFunction } from 'rxjs';
import { eventBatch } from './event-batch.ts';
import type { LabelResult } from './items.ts';
import type { Batch, Outlet } from './ports.ts';
import type { Engine } from './state/engine.ts';

/** Writes all that a batch of label events changed in one transaction, and hands on what was written. */
export function commitLabels(outlet: Outlet, engine: Engine): OperatorFunction<LabelResult, Batch> {
  return (source) =>
    source.pipe(
      toArray(),
      concatMap(async (results) => {
        const count = (as: LabelResult['as']): number => results.filter((result) => result.as === as).length;
        const batch = eventBatch(engine, {
          amends: results.flatMap(({ amends }) => amends),
          labels: { learned: count('learned'), waiting: count('waiting'), repeated: count('repeated') },
          forgotten: results.flatMap((result) => (result.as === 'forgotten' && result.known ? [result.id] : [])),
          unused: results.flatMap(({ unused }) => unused),
        });
        await outlet.commit(batch);
        return batch;
      }),
    );
}
