/** How much of what is rare in a stream is admitted: items of its least frequent groups, taken until they make a tenth of it. */
import { runEngine } from './engine-run.ts';
import { MODES, meanOf } from './measure.ts';
import type { BenchSet } from './sets.ts';

const PART = 0.1;

/** Positions of the least frequent groups, smallest first, until they make `part` of all; the group that would go over it is left out. */
export function scarcest(groups: readonly string[], part: number): ReadonlySet<number> {
  const members = new Map<string, number[]>();
  groups.forEach((group, k) => {
    const known = members.get(group);
    if (known === undefined) members.set(group, [k]);
    else known.push(k);
  });
  const rare = new Set<number>();
  for (const [, positions] of [...members].sort(([a, x], [b, y]) => x.length - y.length || (a < b ? -1 : 1))) {
    if (rare.size + positions.length > part * groups.length) break;
    for (const k of positions) rare.add(k);
  }
  return rare;
}

/** Budget 25 %, default policy, every mode. Clusters are those that the engine itself gave the items. @returns a table */
export async function rareKept({ name, set, labels, order }: BenchSet, orders: number): Promise<string> {
  const lines = [`## Rare kept: ${name}`, '', '| mode | of the rarest classes | ± s.e. | of the smallest clusters | ± s.e. | of all |', '|---|---|---|---|---|---|'];
  for (const [mode, reveal] of Object.entries(MODES)) {
    const shares: { classes: number; clusters: number; all: number }[] = [];
    for (let seed = 1; seed <= orders; seed++) {
      const items = order(seed);
      const decided = await runEngine(set, items, { budget: 0.25, reveal });
      const admitted = decided.map(({ judgement }) => judgement.verdict === 'admit');
      const kept = (rare: ReadonlySet<number>): number => [...rare].filter((k) => admitted[k]).length / rare.size;
      const classes = scarcest(items.map(({ row }) => labels[row] ?? ''), PART);
      const clusters = scarcest(decided.map(({ joined }) => String(joined.cluster.id)), PART);
      shares.push({ classes: kept(classes), clusters: kept(clusters), all: admitted.filter(Boolean).length / items.length });
    }
    const [classes, clusters, all] = [meanOf(shares.map((each) => each.classes)), meanOf(shares.map((each) => each.clusters)), meanOf(shares.map((each) => each.all))];
    lines.push(`| ${mode} | ${classes.mean.toFixed(3)} | ${classes.error.toFixed(3)} | ${clusters.mean.toFixed(3)} | ${clusters.error.toFixed(3)} | ${all.mean.toFixed(3)} |`);
  }
  return lines.join('\n');
}
