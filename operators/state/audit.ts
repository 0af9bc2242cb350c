/** What the head's scores say of a label, before the label is learned. */

/**
 * How far the best class that was not given must lead before a label is as likely wrong as right, and how sharply suspicion rises there:
 * chosen on imagenette-lt with 5 % wrong labels, where suspicion 0.5 is about the point of half precision.
 */
const LEAD = 0.35;
const STEEPNESS = 8;
/** Scale of the scores in the posterior that class need uses. */
const TEMPERATURE = 8;

export interface Lead {
  /** The weakest class given. */
  readonly over: string;
  /** Score of the best class not given, less that of the weakest given. */
  readonly lead: number;
}

/** Null without scores or classes. Classes the head does not know yet score 0, so a new class is a little suspicious and no more. */
export function leadOf(scores: Float64Array | null, names: readonly string[], given: readonly string[]): Lead | null {
  let [over = null] = given;
  if (scores === null || over === null) return null;
  let weakest = Infinity;
  for (const name of given) {
    const score = scores[names.indexOf(name)] ?? 0;
    if (score < weakest) [weakest, over] = [score, name];
  }
  let best = 0;
  for (let c = 0; c < scores.length; c++) if ((scores[c] as number) > best && !given.includes(names[c] as string)) best = scores[c] as number;
  return { over, lead: best - weakest };
}

/** Suspicion that a label is wrong, 0..1; see `suspicionFrom`. */
export function suspicionOf(scores: Float64Array | null, names: readonly string[], given: readonly string[]): number {
  return suspicionFrom(leadOf(scores, names, given));
}

/** The lead, squashed; as with a lead of 0 where there is none. */
export function suspicionFrom(lead: Lead | null): number {
  return squash(lead?.lead ?? 0);
}

/** @param even lead at which a label is as likely wrong as right */
export function squash(lead: number, even = LEAD): number {
  return 1 / (1 + Math.exp(-STEEPNESS * (lead - even)));
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
