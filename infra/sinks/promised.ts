/** What the budget of a folder has promised, to be held against what was admitted. */
import type { RunEntry, Totals } from '../store/types.ts';

/** The budget in force as a share of the decided items; null where it is so many per time. */
export function budgetShare(runs: readonly RunEntry[]): number | null {
  const text = runs.at(-1)?.config.budget ?? '';
  const share = /^[\d.]+$/.test(text) ? Number(text) : Number.NaN;
  return share > 0 && share <= 1 ? share : null;
}

/**
 * Admissions that the budget has promised so far: its share of the decided items, or, of a rate, what was admitted and what is unspent. Null where it was
 * changed on the way, and of shares of each stream, which are rounded up one by one.
 */
export function promised(runs: readonly RunEntry[], { decided, admitted, unspent }: Pick<Totals, 'decided' | 'admitted' | 'unspent'>): number | null {
  if (new Set(runs.map(({ config }) => `${config.budget} ${config.per}`)).size !== 1) return null;
  const share = budgetShare(runs);
  if (share === null) return admitted + unspent;
  return runs.at(-1)?.config.per === 'stream' ? null : Math.ceil(share * decided - 1e-9);
}
