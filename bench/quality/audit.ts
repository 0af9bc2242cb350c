/** How well suspicion, given before a label is learned, ranks wrong labels: labels with the sample, all items after the first 96. */
import { uniform } from '../../operators/state/hash.ts';
import { DEFAULT_POLICY } from '../../pipelines/config/policy.ts';
import { runEngine, type StreamItem } from './engine-run.ts';
import { meanOf } from './measure.ts';
import { shuffled } from './random.ts';
import type { BenchSet } from './sets.ts';

const FIRST = 96;

interface Scored {
  readonly suspicion: number;
  readonly wrong: boolean;
}

interface Figures {
  readonly auroc: number;
  readonly ap: number;
  readonly shuffled: number;
  readonly precision: number;
  readonly recall: number;
}

/** @param columns of labels.csv with the labels that the stream shows */
export async function auditTable(bench: BenchSet, columns: readonly string[], orders: number): Promise<string> {
  const lines = ['| labels | AUROC | ± s.e. | average precision | AUROC, labels shuffled | precision | recall |', '|---|---|---|---|---|---|---|'];
  for (const column of columns) {
    const found: Figures[] = [];
    for (let seed = 1; seed <= orders; seed++) found.push(await figures(bench, column, seed));
    const mean = (key: keyof Figures): string => meanOf(found.map((each) => each[key])).mean.toFixed(4);
    lines.push(`| ${bench.name} ${column} | ${mean('auroc')} | ${meanOf(found.map((each) => each.auroc)).error.toFixed(4)} | ${mean('ap')} | ${mean('shuffled')} | ${mean('precision')} | ${mean('recall')} |`);
  }
  return lines.join('\n');
}

/** Precision and recall are of what is marked for review. Shuffled: each item is shown the label of another, and must not betray whether its own was wrong. */
async function figures({ name, set, labels, order }: BenchSet, column: string, seed: number): Promise<Figures> {
  const shown = set.columns[column];
  if (shown === undefined) throw new Error(`${name} has no column ${column}`);
  const items = order(seed).map((item) => ({ ...item, label: shown[item.row] ?? null }));
  const wrong = items.map(({ row, label }) => label !== labels[row]);
  const audited = async (stream: readonly StreamItem[]): Promise<readonly Scored[]> => {
    const decided = await runEngine(set, stream, { reveal: { when: 'all' }, seed });
    return decided.map(({ suspicion }, k): Scored => ({ suspicion: suspicion ?? NaN, wrong: wrong[k] === true })).slice(FIRST);
  };
  const scored = await audited(items);
  const other = shuffled(items.length, seed);
  const flagged = scored.filter(({ suspicion }) => suspicion >= DEFAULT_POLICY.audit.review);
  const hits = flagged.filter((item) => item.wrong).length;
  return {
    auroc: auroc(scored),
    ap: averagePrecision(scored),
    shuffled: auroc(await audited(items.map((item, k) => ({ ...item, label: items[other[k] ?? 0]?.label ?? null })))),
    precision: hits / flagged.length,
    recall: hits / scored.filter((item) => item.wrong).length,
  };
}

/**
 * The set with columns `confused 9 %` and `confused 17 %`, as people confuse: a label becomes that of the other class whose mean is most like the class's own.
 */
export function withConfusions(bench: BenchSet): BenchSet {
  const { set, labels, train } = bench;
  const means = new Map<string, Float64Array>();
  for (const i of train) {
    const mean = means.get(labels[i] ?? '') ?? new Float64Array(set.dimension);
    for (let k = 0; k < set.dimension; k++) mean[k] = (mean[k] ?? 0) + (set.vectors[i * set.dimension + k] ?? 0);
    means.set(labels[i] ?? '', mean);
  }
  const likeness = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, k) => sum + v * (b[k] ?? 0), 0) / (Math.hypot(...a) * Math.hypot(...b));
  const twin = new Map([...means].map(([name, mean]) => [name, [...means].filter(([other]) => other !== name).sort((a, b) => likeness(b[1], mean) - likeness(a[1], mean))[0]?.[0] ?? name]));
  const confused = (share: number): readonly string[] => labels.map((name, i) => (uniform(5, `confused ${i}`) < share ? (twin.get(name) ?? name) : name));
  return { ...bench, set: { ...set, columns: { ...set.columns, 'confused 9 %': confused(0.09), 'confused 17 %': confused(0.17) } } };
}

/** Area under the ROC curve by ranks, ties shared. */
export function auroc(scored: readonly Scored[]): number {
  const sorted = scored.toSorted((a, b) => a.suspicion - b.suspicion);
  let sum = 0;
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    while (to < sorted.length && sorted[to]?.suspicion === sorted[from]?.suspicion) to += 1;
    sum += sorted.slice(from, to).filter(({ wrong }) => wrong).length * ((from + to + 1) / 2);
    from = to;
  }
  const wrong = scored.filter((item) => item.wrong).length;
  return (sum - (wrong * (wrong + 1)) / 2) / (wrong * (scored.length - wrong));
}

/** Mean of the precision at each wrong label, the most suspicious first. */
export function averagePrecision(scored: readonly Scored[]): number {
  let hits = 0;
  let sum = 0;
  scored.toSorted((a, b) => b.suspicion - a.suspicion).forEach(({ wrong }, k) => {
    if (wrong) sum += ++hits / (k + 1);
  });
  return sum / hits;
}
