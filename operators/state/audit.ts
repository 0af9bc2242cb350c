/** What the head's scores say of a label, before the label is learned. */

/**
 * How far the best class that was not given must lead before a label is as likely wrong as right, and how sharply suspicion rises there:
 * chosen on imagenette-lt with 5 % wrong labels, where suspicion 0.5 is about the point of half precision.
 */
const LEAD = 0.35;
const STEEPNESS = 8;
/** Scale of the scores in the posterior that class need uses. */
const TEMPERATURE = 8;

/**
 * Suspicion that a label is wrong, 0..1: the lead of the best class not given over the weakest class given, squashed.
 * Classes the head does not know yet score 0, so a new class is a little suspicious and no more. Without scores the lead is 0.
 */
export function suspicionOf(scores: Float64Array | null, names: readonly string[], given: readonly string[]): number {
  let weakest = Infinity;
  let best = 0;
  if (scores === null || given.length === 0) return squash(0);
  const known = new Map(names.map((name, c) => [name, scores[c] ?? 0]));
  for (const name of given) weakest = Math.min(weakest, known.get(name) ?? 0);
  for (const [name, score] of known) if (!given.includes(name) && score > best) best = score;
  return squash(best - weakest);
}

function squash(lead: number): number {
  return 1 / (1 + Math.exp(-STEEPNESS * (lead - LEAD)));
}

/** Expected value under the head's posterior (softmax of the scores) of something known per class; null without scores. */
export function expected(scores: Float64Array | null, names: readonly string[], valueOf: (name: string) => number): number | null {
  if (scores === null || names.length === 0) return null;
  const top = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  let mass = 0;
  let sum = 0;
  names.forEach((name, c) => {
    const p = Math.exp(((scores[c] ?? 0) - top) * TEMPERATURE);
    mass += p;
    sum += p * valueOf(name);
  });
  return sum / mass;
}

/** The class with the greatest score, the first of equals; null without scores. */
export function named(scores: Float64Array | null, names: readonly string[]): string | null {
  if (scores === null) return null;
  let best = 0;
  for (let c = 1; c < scores.length; c++) if ((scores[c] as number) > (scores[best] as number)) best = c;
  return names[best] ?? null;
}
