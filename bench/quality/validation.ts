/**
 * What a curated validation set is worth where a quarter of the labels are wrong: what it holds, and the two experiments that Sluice comes from (a model trained
 * on curated train data against one trained on everything, judged by the full test set and by a curated one).
 *
 * The train stream shows its own wrong labels (noisy25). The test split is a stream of its own, a quarter of whose labels are drawn wrong: the validation set is
 * chosen from it, so that nothing is both learned from and tested on. Labels come with the sample; default policy.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runEngine, type StreamItem } from './engine-run.ts';
import { meanOf } from './measure.ts';
import { rowsOf, shuffledStream } from './orders.ts';
import { agreement, softmaxProbe } from './probe.ts';
import { scarcest } from './rare.ts';
import { histogram } from './report.ts';
import { random } from './selectors.ts';
import { type BenchSet, matrix } from './sets.ts';
import { noisy } from './streams.ts';

const TRAIN = 0.25;
const VALIDATION = 0.4;
const WRONG = 0.25;
const RARE = 0.1;

/** What a validation set holds of the stream that it was chosen from; shares 0..1. */
export interface Holds {
  readonly share: number;
  readonly wrong: number;
  readonly wrongInStream: number;
  /** Labels learned before the first was admitted. */
  readonly learned: number;
  /** Admitted, of the rightly labelled. */
  readonly right: number;
  /** Admitted, of the rightly labelled of the rarest classes. */
  readonly rare: number;
}

/** @param truth class of each item; its label may be another. @param admitted positions, ascending */
export function holds(items: readonly StreamItem[], truth: readonly string[], admitted: readonly number[]): Holds {
  const wrong = items.map(({ label }, k) => label !== truth[k]);
  const kept = new Set(admitted);
  const rightOf = (positions: Iterable<number>): number => {
    const right = [...positions].filter((k) => wrong[k] === false);
    return right.filter((k) => kept.has(k)).length / right.length;
  };
  return {
    share: admitted.length / items.length,
    wrong: admitted.filter((k) => wrong[k]).length / admitted.length,
    wrongInStream: wrong.filter(Boolean).length / items.length,
    learned: admitted[0] ?? items.length,
    right: rightOf(items.keys()),
    rare: rightOf(scarcest(truth, RARE)),
  };
}

/** Writes a histogram of the F1 change by class for each judge. @returns tables */
export async function validation(bench: BenchSet, orders: number, folder: string): Promise<string> {
  const sets = new Map<string, Holds[]>();
  const found: Experiment[] = [];
  for (let seed = 1; seed <= orders; seed++) {
    const trainItems = noisyStream(bench, seed);
    note(sets, 'train stream (long tail)', holds(trainItems, truthOf(bench, trainItems), await chooseValidation(bench, trainItems, seed)));
    const testItems = noisyTest(bench, seed);
    const chosen = await chooseValidation(bench, testItems, seed);
    note(sets, 'test stream (classes even)', holds(testItems, truthOf(bench, testItems), chosen));
    found.push(await experiment(bench, trainItems, testItems, chosen, seed));
  }
  for (const judge of JUDGES) {
    const changes = found.flatMap((each) => each.curated[judge].map((value, c) => value - (each.everything[judge][c] ?? 0)));
    writeFileSync(join(folder, `validation-${judge}.svg`), histogram(changes, `${bench.name}, noisy25, curated ${TRAIN * 100} % of train, judged by ${JUDGED_BY[judge]}`));
  }
  return [holdsTable(sets), '', experimentTable(found)].join('\n');
}

type Judge = 'full' | 'shown' | 'curated';

const JUDGES = ['full', 'shown', 'curated'] as const;
const JUDGED_BY: Readonly<Record<Judge, string>> = { full: 'the full test set, clean', shown: 'the full test set, a quarter wrong', curated: 'the curated validation set' };

/** F1 by class in percent. */
type ByJudge = Readonly<Record<Judge, readonly number[]>>;

interface Experiment {
  readonly everything: ByJudge;
  readonly curated: ByJudge;
  readonly unmarked: ByJudge;
  readonly random: ByJudge;
}

const TRAINED_ON: Readonly<Record<keyof Experiment, string>> = { everything: 'everything', curated: 'curated 25 %', unmarked: 'curated 25 %, less what is marked for review', random: 'random 25 %' };

async function experiment({ set, labels, train }: BenchSet, trainItems: readonly StreamItem[], testItems: readonly StreamItem[], chosen: readonly number[], seed: number): Promise<Experiment> {
  const classes = [...new Set(train.map((i) => labels[i] ?? ''))].sort();
  const numbers = (names: readonly (string | null)[]): Int32Array => Int32Array.from(names, (name) => classes.indexOf(name ?? ''));
  const shown = numbers(testItems.map(({ label }) => label));
  const truth = numbers(testItems.map(({ row }) => labels[row] ?? ''));
  const tested = matrix(set, testItems.map(({ row }) => row));
  const probe = async (items: readonly StreamItem[]): Promise<ByJudge> => {
    const { predicted } = await softmaxProbe(matrix(set, items.map(({ row }) => row)), numbers(items.map(({ label }) => label)), tested, truth, classes.length);
    const percent = (said: Int32Array, right: Int32Array): readonly number[] => [...agreement(said, right, classes.length).f1].map((value) => 100 * value);
    const ofChosen = (all: Int32Array): Int32Array => Int32Array.from(chosen, (k) => all[k] ?? -1);
    return { full: percent(predicted, truth), shown: percent(predicted, shown), curated: percent(ofChosen(predicted), ofChosen(shown)) };
  };
  const decided = await runEngine(set, trainItems, { budget: TRAIN, reveal: { when: 'all' }, seed });
  const admitted = decided.flatMap(({ judgement }, k) => (judgement.verdict === 'admit' ? [{ k, review: judgement.review }] : []));
  const taken = (positions: readonly number[]): readonly StreamItem[] => positions.flatMap((k) => trainItems.slice(k, k + 1));
  return {
    everything: await probe(trainItems),
    curated: await probe(taken(admitted.map(({ k }) => k))),
    unmarked: await probe(taken(admitted.flatMap(({ k, review }) => (review ? [] : [k])))),
    random: await probe(taken(random(trainItems.length, admitted.length, seed))),
  };
}

async function chooseValidation({ set }: BenchSet, items: readonly StreamItem[], seed: number): Promise<readonly number[]> {
  const decided = await runEngine(set, items, { purpose: 'validation', budget: VALIDATION, reveal: { when: 'all' }, seed });
  return decided.flatMap(({ judgement }, k) => (judgement.verdict === 'admit' ? [k] : []));
}

function noisyStream({ name, set, order }: BenchSet, seed: number): readonly StreamItem[] {
  const shown = set.columns['noisy25'];
  if (shown === undefined) throw new Error(`${name} has no column noisy25`);
  return order(seed).map((item) => ({ ...item, label: shown[item.row] ?? null }));
}

function noisyTest({ set, labels }: BenchSet, seed: number): readonly StreamItem[] {
  const rows = rowsOf(set, 'test');
  const classes = [...new Set(rows.map((i) => labels[i] ?? ''))].sort();
  return shuffledStream(rows, labels, seed).map((item) => ({ ...item, label: noisy(item, classes, WRONG, seed) }));
}

function truthOf({ labels }: BenchSet, items: readonly StreamItem[]): readonly string[] {
  return items.map(({ row }) => labels[row] ?? '');
}

function note<T>(by: Map<string, T[]>, name: string, value: T): void {
  by.set(name, [...(by.get(name) ?? []), value]);
}

function holdsTable(sets: ReadonlyMap<string, readonly Holds[]>): string {
  const lines = ['| validation set of 40 % | admitted | wrong labels in it | in its stream | labels learned before the first | of the rightly labelled | of those of the rarest classes |', '|---|---|---|---|---|---|---|'];
  for (const [name, each] of sets) {
    const mean = (key: keyof Holds): string => meanOf(each.map((one) => one[key])).mean.toFixed(4);
    lines.push(`| ${name} | ${mean('share')} | ${mean('wrong')} | ${mean('wrongInStream')} | ≥ ${Math.min(...each.map(({ learned }) => learned))} | ${mean('right')} | ${mean('rare')} |`);
  }
  return lines.join('\n');
}

function experimentTable(found: readonly Experiment[]): string {
  const lines = [`| probe trained on (noisy25) | ${JUDGES.map((judge) => `${JUDGED_BY[judge]} | against everything`).join(' | ')} |`, `|---|${'---|---|'.repeat(JUDGES.length)}`];
  for (const name of ['everything', 'curated', 'unmarked', 'random'] as const) {
    const cells = JUDGES.map((judge) => {
      const macros = found.map((each) => macroOf(each[name][judge]));
      const { mean, error } = meanOf(macros.map((macro, i) => macro - macroOf(found[i]?.everything[judge] ?? [])));
      return `${meanOf(macros).mean.toFixed(1)} | ${name === 'everything' ? '' : `${mean > 0 ? '+' : '-'} ${Math.abs(mean).toFixed(1)} ± ${error.toFixed(1)}`}`;
    });
    lines.push(`| ${TRAINED_ON[name]} | ${cells.join(' | ')} |`);
  }
  return lines.join('\n');
}

function macroOf(f1: readonly number[]): number {
  return f1.reduce((sum, value) => sum + value, 0) / f1.length;
}
