import { map, type OperatorFunction } from 'rxjs';
import type { LabelEvent, LabelResult } from './items.ts';
import type { KnownItems } from './ports.ts';
import type { Engine } from './state/engine.ts';

/** Labels from outside the stream's own order take effect, each after the last item that was decided before it. What could not be understood is of no use; what was settled before passes by. */
export function learn(engine: Engine, known: KnownItems): OperatorFunction<LabelEvent | LabelResult, LabelResult> {
  return (source) =>
    source.pipe(
      map((event) => {
        if ('as' in event) return event;
        if (!('error' in event)) return engine.label(event, known.nextSeq - 1, known.find(event.id));
        const { id, letter, error } = event;
        return { as: 'unread', amends: [], unused: [{ id, letter, code: error.code, cause: error.message }] };
      }),
    );
}
