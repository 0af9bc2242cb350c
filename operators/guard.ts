import type { OperatorFunction } from 'rxjs';
import { beside } from './beside.ts';
import type { Embedded, Failed } from './items.ts';
import type { VectorIndex } from './ports.ts';
import type { Memory } from './state/memory.ts';

/** Says how like each item is to a set that this one must not share pictures with. @param guarded what that set holds; it does not change */
export function guard(index: VectorIndex, guarded: Memory): OperatorFunction<Embedded | Failed, Embedded | Failed> {
  return beside(index, guarded, (item, nearest) => ({ ...item, guarded: nearest?.similarity ?? -1 }));
}
