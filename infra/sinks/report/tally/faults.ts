/** Bad annotations by code, with the first of each. */
import type { StoredFaults } from '../../../store/types.ts';

/** Images listed of one code. */
const MOST_OF_A_CODE = 40;

export interface FaultGroup {
  readonly code: string;
  /** Annotations. */
  count: number;
  /** Images that have some. */
  images: number;
  /** The first ones. */
  readonly first: StoredFaults[];
}

export interface FaultGroups {
  readonly total: number;
  /** The most frequent code first. */
  readonly groups: readonly FaultGroup[];
}

export function groupFaults(faults: Iterable<StoredFaults>): FaultGroups {
  const groups = new Map<string, FaultGroup>();
  let total = 0;
  for (const fault of faults) {
    total += fault.count;
    const group = groups.get(fault.code) ?? { code: fault.code, count: 0, images: 0, first: [] };
    group.count += fault.count;
    group.images++;
    if (group.first.length < MOST_OF_A_CODE) group.first.push(fault);
    groups.set(fault.code, group);
  }
  return { total, groups: [...groups.values()].sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1)) };
}
