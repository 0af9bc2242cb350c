import { map, type OperatorFunction } from 'rxjs';
import { isFailed, isUnchanged, type Aside, type Audited, type Decided } from './items.ts';
import type { Engine } from './state/engine.ts';

/** Gives the verdict under the budget; the one place where the engine's state takes the item in. */
export function decide(engine: Engine): OperatorFunction<Audited | Aside, Decided | Aside> {
  return map((item) => {
    if (isFailed(item)) return item;
    if (!isUnchanged(item)) return { ...item, ...engine.decide(item) };
    engine.rejectUnchanged(item);
    return item;
  });
}
