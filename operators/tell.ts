import { concat, defer, EMPTY, tap, type OperatorFunction } from 'rxjs';
import type { Aside, Decided } from './items.ts';
import type { Engine } from './state/engine.ts';

/** Others are told when the seq passes a multiple of this. */
export const TELL_EVERY = 32;

/** After the last item of a batch that passes a multiple of 32 the engine puts down what others are to know: they can be told no sooner than the batch is written. */
export function tell(engine: Engine): OperatorFunction<Decided | Aside, Decided | Aside> {
  return (source) =>
    defer(() => {
      let [first, last] = [-1, -1];
      const seen = tap(({ seq }: Decided | Aside) => {
        if (first < 0) first = seq;
        last = seq;
      });
      const end = defer(() => {
        if (first >= 0 && Math.floor((last + 1) / TELL_EVERY) > Math.floor(first / TELL_EVERY)) engine.tell(last);
        return EMPTY;
      });
      return concat(source.pipe(seen), end);
    });
}
