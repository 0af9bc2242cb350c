/**
 * A stream whose mixture turns over: one half of the classes, then the other, then the first again with the same pictures.
 *
 * What is asked: that the budget follows at once (the new classes' share among the admitted, against that in the stream), and that what returns is known.
 */
import { runEngine, type StreamItem } from './engine-run.ts';
import { MODES } from './measure.ts';
import type { BenchSet } from './sets.ts';

const SETTLED = 2000;
const WINDOW = 500;

/** Classes in order of their names; `again` tells the returning items' ids from the first ones'. */
export function turnover(items: readonly StreamItem[]): { readonly old: readonly StreamItem[]; readonly fresh: readonly StreamItem[]; readonly again: readonly StreamItem[] } {
  const classes = [...new Set(items.map(({ label }) => label ?? ''))].sort();
  const first = new Set(classes.slice(0, Math.ceil(classes.length / 2)));
  const old = items.filter(({ label }) => first.has(label ?? ''));
  return { old, fresh: items.filter(({ label }) => !first.has(label ?? '')), again: old.map((item) => ({ ...item, id: `again ${item.row}` })) };
}

/** In windows after the turn has settled: the largest distance, in points, between the share of the marked among the admitted and among all. NaN where a window admits nothing. */
export function worstWindow(marked: readonly boolean[], admitted: readonly boolean[]): number {
  let worst = 0;
  for (let at = SETTLED; at + WINDOW <= marked.length; at += WINDOW) {
    const all = marked.slice(at, at + WINDOW);
    const kept = all.filter((_, k) => admitted[at + k]);
    worst = Math.max(worst, 100 * Math.abs(kept.filter(Boolean).length / kept.length - all.filter(Boolean).length / WINDOW));
  }
  return worst;
}

/** Default policy, 25 %, every mode. @returns a table */
export async function drift({ name, set, order }: BenchSet): Promise<string> {
  const { old, fresh, again } = turnover(order(1));
  const isNew = new Set(fresh.map(({ label }) => label));
  const turn = old.length;
  const back = turn + fresh.length;
  const items = [...old, ...fresh, ...again];
  const lines = [`## Drift: ${name}, the turn at ${turn}, back at ${back} of ${items.length}`, '', '| mode | worst window after the turn, points | novel alerts on the return | clusters confirmed before the turn | recognised on the return |', '|---|---|---|---|---|'];
  for (const [mode, reveal] of Object.entries(MODES)) {
    const decided = await runEngine(set, items, { budget: 0.25, reveal });
    const admitted = decided.map(({ judgement }) => judgement.verdict === 'admit');
    const worst = worstWindow(items.slice(turn, back).map(({ label }) => isNew.has(label)), admitted.slice(turn, back));
    const confirmed = new Set(decided.slice(0, turn).flatMap(({ joined }) => (joined.cluster.confirmed ? [joined.cluster.id] : [])));
    const returned = decided.slice(back);
    const met = new Set(returned.map(({ joined }) => joined.cluster.id));
    const known = [...confirmed].filter((id) => met.has(id)).length;
    const novel = returned.flatMap(({ alerts }) => alerts).filter(({ kind }) => kind === 'novel').length;
    lines.push(`| ${mode} | ${worst.toFixed(1)} | ${novel} | ${confirmed.size} | ${((100 * known) / confirmed.size).toFixed(1)} % |`);
  }
  return lines.join('\n');
}
