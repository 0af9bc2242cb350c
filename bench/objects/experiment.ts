/**
 * The experiment that Sluice comes from, on boxes: a quarter of a train set, curated, against everything and a random quarter; judged by the test set and by a
 * validation set curated from it. Labels come with the sample, objects are looked at, default policy.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from '../../schemas/sample.ts';
import { meanShown } from '../quality/audit.ts';
import { decided } from '../quality/engine-run.ts';
import { meanOf } from '../quality/measure.ts';
import { shuffled } from '../quality/random.ts';
import { histogram } from '../quality/report.ts';
import { random } from '../quality/selectors.ts';
import { admittedOf, BUDGET, classesShown, countsOf } from './balance.ts';
import { WRONG } from './box-audit.ts';
import { type EmbeddedScenes, embeddedScene } from './embedded-scenes.ts';
import { keyOf, objectsOf, withSwapped } from './places.ts';
import { classNumbers, cropClasses, cropF1, type Presence, presenceOf } from './probes.ts';

const VALIDATION = 0.4;
const RAREST = 10;
const CHOICES = ['everything', 'curated', 'random'] as const;
type Choice = (typeof CHOICES)[number];
const JUDGES = ['the test set', 'the test set, 8 % of the boxes wrong', 'the validation set curated from that'] as const;

/** A validation set curated from a stream with swapped classes. */
interface Curated {
  readonly share: number;
  /** Rows of the crops in it. */
  readonly rows: readonly number[];
  /** What the stream says of each object of the test set. */
  readonly shown: Int32Array;
  /** Part of its objects that are wrong ones, NaN where it has none; and of those of the stream. */
  readonly wrong: number;
  readonly wrongInStream: number;
}

interface Order {
  readonly kept: Readonly<Record<Choice, readonly number[]>>;
  readonly presence: Readonly<Record<Choice, Presence>>;
  /** F1 by class of crops, in the order of JUDGES. */
  readonly crops: Readonly<Record<Choice, readonly (readonly number[])[]>>;
  readonly curated: Curated;
}

/** Writes a histogram of the F1 change by class for pictures and for crops. @returns tables */
export async function experiment(name: string, train: EmbeddedScenes, test: EmbeddedScenes, orders: number, folder: string): Promise<string> {
  const [inTrain, inTest] = [train, test].map((set) => countsOf(classesShown(set), set.samples.keys()));
  const classes = [...(inTrain?.keys() ?? [])].filter((each) => inTest?.has(each)).sort();
  const everything = [...train.samples.keys()];
  const whole = { presence: await presenceOf(train, everything, test, classes), said: await cropClasses(train, everything, test, classes) };
  const found: Order[] = [];
  for (let seed = 1; seed <= orders; seed++) found.push(await orderOf(train, test, classes, whole, seed));
  const changes = (of: (order: Order, choice: Choice) => readonly number[]): readonly number[] => found.flatMap((order) => of(order, 'curated').map((value, c) => value - (of(order, 'everything')[c] ?? 0)));
  writeFileSync(join(folder, `${name}-presence.svg`), histogram(changes((order, choice) => order.presence[choice].f1), `${name}: classes in pictures, curated ${BUDGET * 100} %`));
  writeFileSync(join(folder, `${name}-crops.svg`), histogram(changes((order, choice) => order.crops[choice][0] ?? []).filter((change) => !Number.isNaN(change)), `${name}: classes of objects, curated ${BUDGET * 100} %`));
  return [`${name}: ${train.samples.length} train pictures with ${train.places.length} objects, ${test.samples.length} test pictures with ${test.places.length}; ${classes.length} classes; ${orders} orders`, '', presenceTable(found), '', cropTable(found), '', rarestTable(found, classesShown(train), classes), '', validationLine(found)].join('\n');
}

async function orderOf(train: EmbeddedScenes, test: EmbeddedScenes, classes: readonly string[], whole: { readonly presence: Presence; readonly said: Int32Array }, seed: number): Promise<Order> {
  const admitted = await admittedOf(train, seed);
  const drawn = random(train.samples.length, admitted.length, seed);
  const curated = await curate(test, classes, seed);
  const truth = classNumbers(test, classes);
  const all = [...truth.keys()];
  const judged = (said: Int32Array): readonly (readonly number[])[] => [cropF1(said, truth, all, classes.length), cropF1(said, curated.shown, all, classes.length), cropF1(said, curated.shown, curated.rows, classes.length)];
  return {
    kept: { everything: [...train.samples.keys()], curated: admitted, random: drawn },
    presence: { everything: whole.presence, curated: await presenceOf(train, admitted, test, classes), random: await presenceOf(train, drawn, test, classes) },
    crops: { everything: judged(whole.said), curated: judged(await cropClasses(train, admitted, test, classes)), random: judged(await cropClasses(train, drawn, test, classes)) },
    curated,
  };
}

async function curate(test: EmbeddedScenes, classes: readonly string[], seed: number): Promise<Curated> {
  const { labels, wrong } = withSwapped(test, WRONG, seed);
  const isWrong = new Set(wrong.map(keyOf));
  const order = [...shuffled(test.samples.length, seed)];
  const admitted = new Set<number>();
  const items = order.map((i, seq) => embeddedScene(test, i, seq, labels.get(i)));
  for await (const { seq, judgement } of decided(test.dimension, items, { objects: true, purpose: 'validation', budget: VALIDATION, reveal: { when: 'all' }, seed })) {
    if (judgement.verdict === 'admit') admitted.add(order[seq] ?? -1);
  }
  const objects = objectsOf(test);
  const rows = objects.flatMap(({ sample }, row) => (admitted.has(sample) ? [row] : []));
  const label = (sample: { readonly label: readonly Box[] }, i: number): readonly Box[] => labels.get(i) ?? sample.label;
  return {
    share: admitted.size / test.samples.length,
    rows,
    shown: classNumbers({ ...test, samples: test.samples.map((sample, i) => ({ ...sample, label: label(sample, i) })) }, classes),
    wrong: objects.filter((place) => admitted.has(place.sample) && isWrong.has(keyOf(place))).length / rows.length,
    wrongInStream: wrong.length / objects.length,
  };
}

/** Of the classes that are there: those of a judge are the same whatever was learned from. NaN where none is. */
function macroOf(values: readonly number[]): number {
  return meanOf(values.filter((value) => !Number.isNaN(value))).mean;
}

/** A mean over the orders, and its difference from everything; a dash where the judge holds nothing. */
function cells(found: readonly Order[], choice: Choice, of: (order: Order, choice: Choice) => readonly number[]): string {
  const macros = found.map((order) => macroOf(of(order, choice)));
  if (macros.some(Number.isNaN)) return '- |';
  const { mean, error } = meanOf(found.map((order, i) => (macros[i] ?? NaN) - macroOf(of(order, 'everything'))));
  return `${meanOf(macros).mean.toFixed(1)} | ${choice === 'everything' ? '' : `${mean > 0 ? '+' : '-'} ${Math.abs(mean).toFixed(1)} ± ${error.toFixed(1)}`}`;
}

function presenceTable(found: readonly Order[]): string {
  const lines = ['| classes in pictures, learned from | pictures | macro-F1 | against everything | mean average precision | against everything |', '|---|---|---|---|---|---|'];
  for (const choice of CHOICES) lines.push(`| ${choice} | ${meanOf(found.map(({ kept }) => kept[choice].length)).mean.toFixed(0)} | ${cells(found, choice, (order, one) => order.presence[one].f1)} | ${cells(found, choice, (order, one) => order.presence[one].ap)} |`);
  return lines.join('\n');
}

function cropTable(found: readonly Order[]): string {
  const lines = [`| macro-F1 of objects, learned from | ${JUDGES.map((judge) => `by ${judge} | against everything`).join(' | ')} |`, `|---|${'---|---|'.repeat(JUDGES.length)}`];
  for (const choice of CHOICES) lines.push(`| ${choice} | ${JUDGES.map((_, judge) => cells(found, choice, (order, one) => order.crops[one][judge] ?? [])).join(' | ')} |`);
  return lines.join('\n');
}

function rarestTable(found: readonly Order[], shown: readonly (readonly string[])[], classes: readonly string[]): string {
  const counts = countsOf(shown, shown.keys());
  const rarest = classes.toSorted((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0)).slice(0, RAREST);
  const lines = ['| rarest classes | pictures | kept, curated | kept, random | F1 in pictures: everything | curated | random | F1 of objects: everything | curated | random |', '|---|---|---|---|---|---|---|---|---|---|'];
  for (const name of rarest) {
    const c = classes.indexOf(name);
    const kept = (choice: Choice): string => meanOf(found.map((order) => countsOf(shown, order.kept[choice]).get(name) ?? 0)).mean.toFixed(1);
    const f1 = (of: (order: Order, choice: Choice) => readonly number[]): string => CHOICES.map((choice) => meanOf(found.map((order) => of(order, choice)[c] ?? 0)).mean.toFixed(1)).join(' | ');
    lines.push(`| ${name} | ${counts.get(name) ?? 0} | ${kept('curated')} | ${kept('random')} | ${f1((order, choice) => order.presence[choice].f1)} | ${f1((order, choice) => order.crops[choice][0] ?? [])} |`);
  }
  return lines.join('\n');
}

function validationLine(found: readonly Order[]): string {
  const mean = (of: (curated: Curated) => number): string => meanShown(found.map(({ curated }) => of(curated)));
  return `Validation set of ${VALIDATION * 100} % from the test pictures with ${WRONG * 100} % of the boxes' classes swapped: ${mean(({ share }) => share)} of the pictures admitted, ${mean(({ rows }) => rows.length)} objects, wrong boxes ${mean(({ wrong }) => wrong)} of them, ${mean(({ wrongInStream }) => wrongInStream)} in its stream`;
}
