/** Which items become anchors: a weighted sample without replacement (Efraimidis and Spirakis 2006), the same for the same items. */
import type { Placeable } from './types.ts';
import { hash01 } from './vectors.ts';

const SALT = 3;

/** @param candidates indices of items. @returns at most `most` of them, in rising order */
export function sampleItems(items: Placeable, candidates: readonly number[], most: number): number[] {
  if (candidates.length <= most) return [...candidates].sort((a, b) => a - b);
  const keyed = candidates.map((i) => ({ i, key: -Math.log(hash01(items.seq(i), SALT) + 1e-12) / items.weight(i) }));
  keyed.sort((a, b) => a.key - b.key || a.i - b.i);
  return keyed.slice(0, most).map(({ i }) => i).sort((a, b) => a - b);
}
