/** How one budget is shared among partitions: one cut for all of them, found in the quantiles of their scores. */

/** A partition as the sharing sees it. */
export interface View {
  /** Items it decides for each of ours. */
  readonly weight: number;
  /** Share of its items that is eligible. */
  readonly eligible: number;
  /** Of the scores of its eligible items, evenly spaced from the least to the greatest. Empty where hardly any are known: what nobody knows yet is worth seeing. */
  readonly quantiles: Float32Array;
}

/** The part of the budget that each has whatever its scores: no camera goes dark. */
const LEAST = 0.1;
const STEPS = 50;

/**
 * The share of its own items that each is to admit, so that all together admit `budget` of theirs: those above one cut.
 * @param budget 0..1. @returns in the order of the views; Σ weight · share = budget · Σ weight, or less where less is eligible
 */
export function allot(views: readonly View[], budget: number): readonly number[] {
  const wanted = budget * views.reduce((sum, { weight }) => sum + weight, 0);
  const admitted = (cut: number): readonly number[] => views.map(({ eligible, quantiles }) => Math.min(eligible, Math.max(LEAST * budget, eligible * above(quantiles, cut))));
  const total = (shares: readonly number[]): number => shares.reduce((sum, share, i) => sum + share * (views[i]?.weight ?? 0), 0);
  const known = views.filter(({ quantiles }) => quantiles.length > 0);
  let low = Math.min(...known.map(({ quantiles }) => quantiles[0] as number)) - 1;
  let high = Math.max(...known.map(({ quantiles }) => quantiles.at(-1) as number)) + 1;
  // Too much at any cut: most of it is not known yet.
  if (known.length === 0 || total(admitted(high)) >= wanted) return views.map(() => budget);
  if (total(admitted(low)) <= wanted) return admitted(low);
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (total(admitted(middle)) > wanted) low = middle;
    else high = middle;
  }
  // Many equal scores lie between the two ends: of those each admits the same part.
  const [more, less] = [admitted(low), admitted(high)];
  const [most, least] = [total(more), total(less)];
  const part = most > least ? (wanted - least) / (most - least) : 0;
  return less.map((share, i) => share + part * ((more[i] ?? 0) - share));
}

/** The part of the scores that reaches the cut, with straight lines between the quantiles. */
function above(quantiles: Float32Array, cut: number): number {
  const last = quantiles.length - 1;
  if (last < 0 || cut <= (quantiles[0] as number)) return 1;
  if (cut > (quantiles[last] as number)) return 0;
  let i = 0;
  while ((quantiles[i + 1] as number) < cut) i += 1;
  const [from, to] = [quantiles[i] as number, quantiles[i + 1] as number];
  return 1 - (i + (to > from ? (cut - from) / (to - from) : 0)) / last;
}
