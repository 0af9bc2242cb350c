import { tap, type MonoTypeOperatorFunction } from 'rxjs';
import type { Aside, Recalled } from './items.ts';
import type { Engine } from './state/engine.ts';

/** What each frame has left behind at the gate becomes part of the state, also where the frame could not be decoded then. */
export function keepGate(engine: Engine): MonoTypeOperatorFunction<Recalled | Aside> {
  return tap(({ seq, mark }) => {
    if (mark !== undefined && mark !== null) engine.gates.keep(seq, mark);
  });
}
