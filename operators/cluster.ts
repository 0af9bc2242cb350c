import type { OperatorFunction } from 'rxjs';
import { whileAlive } from './alive.ts';
import type { Clustered, Failed, Received } from './items.ts';
import type { Engine } from './state/engine.ts';

/** Says to which micro-cluster the item belongs and what decayed share of the stream that is. */
export function cluster(engine: Engine): OperatorFunction<Received | Failed, Clustered | Failed> {
  return whileAlive((item: Received) => engine.cluster(item));
}
