import type { OperatorFunction } from 'rxjs';
import { beside } from './beside.ts';
import type { Embedded, Failed } from './items.ts';
import type { VectorIndex } from './ports.ts';
import type { Memory } from './state/memory.ts';

/** Finds the item of a data set that is there already most like each one: it counts as if it had been admitted. @param held what that set holds; it does not change */
export function known(index: VectorIndex, held: Memory): OperatorFunction<Embedded | Failed, Embedded | Failed> {
  return beside(index, held, (item, nearest) => (nearest === null ? item : { ...item, known: nearest }));
}
