/** How likely the class of an object is wrong, from what its crop looks like and what else its image shows. */
import { squash } from '../audit.ts';
import { BACKGROUND } from './background.ts';

/**
 * What the company counts in the score of a class: chosen, as LEAD, on coco-mini with 8 % swapped classes, where suspicion 0.5 is about the point of half
 * precision; see docs/objects.md.
 */
const COMPANY = 0.05;
const LEAD = 0.5;
/** By so much the score of the background has to lead all classes: about nine of ten boxes are around nothing then; see docs/decisions/background-crops.md. */
const EMPTY = 0.2;
/** Objects of the image that the frequencies of the stream are worth. */
const STREAM = 2;

export interface Suspect {
  readonly suspicion: number;
  /** The class that fits best; the given one where no other leads. */
  readonly suggested: string;
  /** Whether it looks like what lies beside objects, and like no class. */
  readonly empty: boolean;
}

/** How common a class is in the stream. */
export interface Frequencies {
  readonly classes: number;
  readonly total: number;
  count(name: string): number;
}

/**
 * @param scores of each class for the crop, as if its own label were not known. @param classes their names, BACKGROUND among them
 * @param company how many boxes of each class its image has, its own among them
 */
export function suspect(scores: Float64Array, classes: readonly string[], given: string, company: ReadonlyMap<string, number>, stream: Frequencies): Suspect {
  let others = -1;
  for (const count of company.values()) others += count;
  const scored = (name: string, c: number): number => {
    const beside = (company.get(name) ?? 0) - (name === given ? 1 : 0);
    return (scores[c] ?? 0) + COMPANY * Math.log(chance(name, beside, others, stream));
  };
  let [best, suggested] = [-Infinity, given];
  let own = -Infinity;
  let [background, most] = [-Infinity, -Infinity];
  for (const [c, name] of classes.entries()) {
    if (name === BACKGROUND) {
      background = scores[c] ?? 0;
      continue;
    }
    most = Math.max(most, scores[c] ?? 0);
    const score = scored(name, c);
    if (name === given) own = score;
    else if (score > best) [best, suggested] = [score, name];
  }
  const empty = background - most >= EMPTY;
  if (best === -Infinity) return { suspicion: squash(0, LEAD), suggested: given, empty };
  return { suspicion: squash(best - own, LEAD), suggested: best > own ? suggested : given, empty };
}

/** Chance of a class that so many of the others have: what the image shows already is likely to come again. */
function chance(name: string, beside: number, others: number, stream: Frequencies): number {
  const common = (stream.count(name) + 0.5) / (stream.total + 0.5 * Math.max(1, stream.classes));
  return (beside + STREAM * common) / (others + STREAM);
}
