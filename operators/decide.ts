import type { OperatorFunction } from 'rxjs';
import { whileAlive } from './alive.ts';
import type { Audited, Decided, Failed } from './items.ts';
import type { Engine } from './state/engine.ts';

/** Gives the verdict under the budget; the one place where the engine's state takes the item in. */
export function decide(engine: Engine): OperatorFunction<Audited | Failed, Decided | Failed> {
  return whileAlive((item: Audited) => ({ ...item, ...engine.decide(item) }));
}
