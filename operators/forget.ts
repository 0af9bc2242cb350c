import { map, type OperatorFunction } from 'rxjs';
import type { ForgetEvent, LabelEvent, LabelResult } from './items.ts';
import type { ForgettableItems } from './ports.ts';
import type { Engine } from './state/engine.ts';
import { RENEWED_FROM } from './state/forget.ts';

/** Lets go of the items that are to be forgotten, each after the last item that was decided before; labels pass by. */
export function forget(engine: Engine, known: ForgettableItems): OperatorFunction<LabelEvent | ForgetEvent, LabelEvent | LabelResult> {
  return (source) =>
    source.pipe(
      map((event) => {
        if (!('forget' in event)) return event;
        const { id } = event;
        const item = known.find(id);
        // Which cluster it was put into is known of what is in the memory.
        const items = item === null ? [] : [{ ...item, id, cluster: -1 }];
        const others = (cluster: number): readonly Float32Array[] => engine.memory.items.flatMap(({ seq, cluster: own }) => (own === cluster && seq !== item?.seq ? (engine.memory.embedding(seq) ?? []) : [])).slice(-RENEWED_FROM);
        engine.forget({ items, ids: new Set([id]), others }, known.nextSeq - 1);
        const was = known.knows(id);
        known.forget(id);
        return { as: 'forgotten', id, known: was, amends: [], unused: [] };
      }),
    );
}
