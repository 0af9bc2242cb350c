import type { OperatorFunction } from 'rxjs';
import { whileAlive } from './alive.ts';
import type { Aside, Clustered, Received } from './items.ts';
import type { Engine } from './state/engine.ts';

/** Says to which micro-cluster the item belongs and what decayed share of the stream that is. */
export function cluster(engine: Engine): OperatorFunction<Received | Aside, Clustered | Aside> {
  return whileAlive((item: Received) => engine.cluster(item));
}
