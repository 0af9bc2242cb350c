import type { OperatorFunction } from 'rxjs';
import { whileAlive } from './alive.ts';
import type { Failed, Recalled, Received } from './items.ts';
import type { Engine } from './state/engine.ts';

/** The item's turn has come: labels that are due are learned and the clock moves, before anything is said of it. */
export function arrive(engine: Engine): OperatorFunction<Recalled | Failed, Received | Failed> {
  return whileAlive((item: Recalled) => ({ ...item, ...engine.arrive(item) }));
}
