/** Which classes each made-up scene shows. */
import { uniform } from '../../operators/state/hash.ts';

/** Classes in one scene at most. */
export const MOST_CLASSES = 8;
/** Of the scenes, those that show the most frequent class. */
const TOP = 0.6;
/** How the frequencies fall: as (rank + OFFSET)^-FALL (Zipf and Mandelbrot), so that of 80 classes in 4,000 scenes the last is in 6. */
const OFFSET = 5;
const FALL = 2.26;

/** Scenes that show the class of each rank, the most frequent one first. */
export function longTail(classes: number, scenes: number): readonly number[] {
  return Array.from({ length: classes }, (_, rank) => Math.max(1, Math.round(TOP * scenes * ((1 + OFFSET) / (rank + 1 + OFFSET)) ** FALL)));
}

/**
 * Deals each class to as many scenes as it is to be in, the rarest first, since scenes get full; then the first class to those that have none.
 * @param counts scenes of each class, descending. @returns the ranks in each scene
 */
export function deal(counts: readonly number[], scenes: number, seed: number): readonly (readonly number[])[] {
  const dealt = Array.from({ length: scenes }, (): number[] => []);
  for (const [rank, count] of [...counts.entries()].reverse()) {
    const open = dealt.filter((classes) => classes.length < MOST_CLASSES);
    if (open.length < count) throw new Error(`class ${rank} is to be in ${count} scenes and there is room in ${open.length}`);
    const keys = new Map(open.map((classes, i) => [classes, uniform(seed, `deal ${rank} ${i}`)]));
    open.sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
    for (const classes of open.slice(0, count)) classes.push(rank);
  }
  for (const classes of dealt) if (classes.length === 0) classes.push(0);
  return dealt;
}
