/**
 * How well suspicion, given before a label is learned, ranks wrong labels: labels with the sample, all items after the first 96. And what second looks make of it:
 * over all that was admitted, and of that over the first 500 items, which were judged when the head knew little.
 */
import { uniform } from '../../operators/state/hash.ts';
import type { Decided } from '../../operators/items.ts';
import { DEFAULT_POLICY } from '../../pipelines/config/policy.ts';
import { runEngine, type StreamItem } from './engine-run.ts';
import { meanOf } from './measure.ts';
import { shuffled } from './random.ts';
import { auroc, averagePrecision, type Scored } from './ranking.ts';
import type { BenchSet } from './sets.ts';

const FIRST = 96;
/** Items of a stream that count as early. */
const EARLY = 500;

interface Figures {
  readonly auroc: number;
  readonly ap: number;
  readonly shuffled: number;
  readonly precision: number;
  readonly recall: number;
  readonly amended: number;
  readonly first: Marked;
  readonly now: Marked;
  readonly earlyFirst: Marked;
  readonly earlyNow: Marked;
}

/** What suspicion says of what was admitted. Precision and recall are of what is marked for review. */
interface Marked {
  readonly auroc: number;
  readonly precision: number;
  readonly recall: number;
}

/** @param columns of labels.csv with the labels that the stream shows */
export async function auditTable(bench: BenchSet, columns: readonly string[], orders: number): Promise<string> {
  const again = ['| labels, of what was admitted | suspicion | AUROC | precision | recall | AUROC, early | precision, early | recall, early | said again |', '|---|---|---|---|---|---|---|---|---|'];
  const lines = ['| labels | AUROC | ± s.e. | average precision | AUROC, labels shuffled | precision | recall |', '|---|---|---|---|---|---|---|'];
  for (const column of columns) {
    const found: Figures[] = [];
    for (let seed = 1; seed <= orders; seed++) found.push(await figures(bench, column, seed));
    const mean = (key: 'auroc' | 'ap' | 'shuffled' | 'precision' | 'recall' | 'amended'): string => meanShown(found.map((each) => each[key]));
    lines.push(`| ${bench.name} ${column} | ${mean('auroc')} | ${meanOf(found.map((each) => each.auroc)).error.toFixed(4)} | ${mean('ap')} | ${mean('shuffled')} | ${mean('precision')} | ${mean('recall')} |`);
    for (const [name, all, early] of [['first', 'first', 'earlyFirst'], ['now', 'now', 'earlyNow']] as const) {
      const marked = (of: 'first' | 'now' | 'earlyFirst' | 'earlyNow'): string => (['auroc', 'precision', 'recall'] as const).map((key) => meanShown(found.map((each) => each[of][key]))).join(' | ');
      again.push(`| ${bench.name} ${column} | ${name} | ${marked(all)} | ${marked(early)} | ${name === 'now' ? mean('amended') : ''} |`);
    }
  }
  return [...lines, '', ...again].join('\n');
}

/** Over the orders that have a figure: none is flagged in some, and so there is no precision. A dash where no order has one. */
export function meanShown(values: readonly number[]): string {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? '-' : meanOf(known).mean.toFixed(4);
}

function markedOf(scored: readonly Scored[]): Marked {
  const flagged = scored.filter(({ suspicion }) => suspicion >= DEFAULT_POLICY.audit.review);
  const hits = flagged.filter(({ wrong }) => wrong).length;
  return { auroc: auroc(scored), precision: hits / flagged.length, recall: hits / scored.filter(({ wrong }) => wrong).length };
}

/** Shuffled: each item is shown the label of another, and must not betray whether its own was wrong. */
async function figures({ name, set, labels, order }: BenchSet, column: string, seed: number): Promise<Figures> {
  const shown = set.columns[column];
  if (shown === undefined) throw new Error(`${name} has no column ${column}`);
  const items = order(seed).map((item) => ({ ...item, label: shown[item.row] ?? null }));
  const wrong = items.map(({ row, label }) => label !== labels[row]);
  const run = (stream: readonly StreamItem[]): Promise<readonly Decided[]> => runEngine(set, stream, { reveal: { when: 'all' }, seed });
  const scoredOf = (decided: readonly Decided[]): readonly Scored[] => decided.map(({ suspicion }, k): Scored => ({ suspicion: suspicion ?? NaN, wrong: wrong[k] === true }));
  const decided = await run(items);
  const first = scoredOf(decided);
  const scored = first.slice(FIRST);
  const marked = markedOf(scored);
  const amends = decided.flatMap((item) => item.amends);
  const latest = new Map(amends.map(({ seq, suspicion }) => [seq, suspicion]));
  const now = first.map((item, k) => ({ ...item, suspicion: latest.get(k) ?? item.suspicion }));
  const kept = (of: readonly Scored[], end: number): Marked => markedOf(of.filter((_, k) => k < end && decided[k]?.judgement.verdict === 'admit'));
  const other = shuffled(items.length, seed);
  return {
    auroc: marked.auroc,
    ap: averagePrecision(scored),
    shuffled: auroc(scoredOf(await run(items.map((item, k) => ({ ...item, label: items[other[k] ?? 0]?.label ?? null })))).slice(FIRST)),
    precision: marked.precision,
    recall: marked.recall,
    amended: amends.length,
    first: kept(first, Infinity),
    now: kept(now, Infinity),
    earlyFirst: kept(first, EARLY),
    earlyNow: kept(now, EARLY),
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
