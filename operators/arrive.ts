import { map, type OperatorFunction } from 'rxjs';
import { isFailed, type Aside, type Recalled, type Received } from './items.ts';
import type { Engine } from './state/engine.ts';

/** The item's turn has come: labels that are due are learned and the clock moves, before anything is said of it. */
export function arrive(engine: Engine): OperatorFunction<Recalled | Aside, Received | Aside> {
  return map((item) => (isFailed(item) ? item : { ...item, ...engine.arrive(item) }));
}
