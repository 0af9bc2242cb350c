/** Dead letters by code, with a few of each. */
import type { DeadLetter } from '../../../../schemas/decision.ts';

const MOST_OF_A_CODE = 40;

export interface DeadGroup {
  readonly code: string;
  count: number;
  /** The first ones. */
  readonly letters: DeadLetter[];
}

/** The most frequent code first. */
export function groupDead(letters: Iterable<DeadLetter>): { readonly total: number; readonly groups: readonly DeadGroup[] } {
  const groups = new Map<string, DeadGroup>();
  let total = 0;
  for (const letter of letters) {
    total++;
    const group = groups.get(letter.code) ?? { code: letter.code, count: 0, letters: [] };
    group.count++;
    if (group.letters.length < MOST_OF_A_CODE) group.letters.push(letter);
    groups.set(letter.code, group);
  }
  return { total, groups: [...groups.values()].sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1)) };
}
