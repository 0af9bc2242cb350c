import type { OperatorFunction } from 'rxjs';
import { whileAlive } from './alive.ts';
import type { Aside, Audited, Clustered } from './items.ts';
import type { Engine } from './state/engine.ts';

/** Holds the item's label against the head, before the head learns it, and says how short the item's classes are. */
export function audit(engine: Engine): OperatorFunction<Clustered | Aside, Audited | Aside> {
  return whileAlive((item: Clustered) => engine.audit(item));
}
