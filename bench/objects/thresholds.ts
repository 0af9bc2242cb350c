/** F1 of scores, where the threshold is chosen on other rows than those that it is judged on. */
import { uniform } from '../../operators/state/hash.ts';

/**
 * Each half of the rows is judged by the threshold that is best on the other half; hits and misses of both count together. 0 where the class is in neither.
 * @param there 1 where the row is of the class
 */
export function crossFittedF1(scores: Float32Array, there: Uint8Array): number {
  const half = Uint8Array.from(scores, (_, i) => (uniform(3, `half ${i}`) < 0.5 ? 0 : 1));
  const thresholds = [0, 1].map((side) => bestThreshold(scores, there, (i) => half[i] !== side));
  let [hits, marks] = [0, 0];
  scores.forEach((score, i) => {
    const said = score >= (thresholds[half[i] ?? 0] ?? Infinity);
    marks += Number(said) + (there[i] ?? 0);
    if (said && there[i] === 1) hits += 1;
  });
  return marks === 0 ? 0 : (2 * hits) / marks;
}

/** From which score on F1 is best, among the rows that count: half way between two of them; Infinity where none is of the class. */
function bestThreshold(scores: Float32Array, there: Uint8Array, counts: (i: number) => boolean): number {
  const rows = [...scores.keys()].filter(counts).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const positives = rows.filter((i) => there[i] === 1).length;
  let [hits, best, threshold] = [0, 0, Infinity];
  rows.forEach((i, k) => {
    hits += there[i] ?? 0;
    const f1 = (2 * hits) / (k + 1 + positives);
    const [own, next = -Infinity] = [scores[i] ?? 0, scores[rows[k + 1] ?? -1]];
    // Of equal scores all are in or none.
    if (f1 > best && next < own) [best, threshold] = [f1, (own + next) / 2];
  });
  return threshold;
}
