/** The two judges of a choice of pictures: which classes a picture shows, by its embedding, and of which class an object is, by that of its crop. */
import { uniform } from '../../operators/state/hash.ts';
import { agreement, presenceProbe, softmaxProbe } from '../quality/probe.ts';
import { averagePrecision } from '../quality/ranking.ts';
import { classesShown } from './balance.ts';
import { type EmbeddedScenes, rowOf } from './embedded-scenes.ts';
import { crossFittedF1 } from './thresholds.ts';

/** Crops that a probe learns from at most, drawn by a hash: it holds them twice. */
const MOST_CROPS = 100_000;

/** By class, in percent. */
export interface Presence {
  readonly f1: readonly number[];
  readonly ap: readonly number[];
}

/** @param pictures numbers in `train`. @param classes those that are judged; each is shown in `test` */
export async function presenceOf(train: EmbeddedScenes, pictures: readonly number[], test: EmbeddedScenes, classes: readonly string[]): Promise<Presence> {
  const X = new Float32Array(pictures.length * train.dimension);
  pictures.forEach((i, k) => X.set(rowOf(train.vectors, train.dimension, i), k * train.dimension));
  const truth = presenceIn(test, [...test.samples.keys()], classes);
  const { scores } = await presenceProbe(X, presenceIn(train, pictures, classes), test.vectors, classes.length);
  const of = classes.map((_, c) => {
    const column = (data: Float32Array | Uint8Array): number[] => Array.from(test.samples, (__, i) => data[i * classes.length + c] ?? 0);
    const [said, there] = [Float32Array.from(column(scores.data)), Uint8Array.from(column(truth))];
    return { f1: 100 * crossFittedF1(said, there), ap: 100 * averagePrecision([...said].map((suspicion, i) => ({ suspicion, wrong: there[i] === 1 }))) };
  });
  return { f1: of.map(({ f1 }) => f1), ap: of.map(({ ap }) => ap) };
}

function presenceIn(set: EmbeddedScenes, pictures: readonly number[], classes: readonly string[]): Uint8Array {
  const shown = classesShown(set);
  const out = new Uint8Array(pictures.length * classes.length);
  pictures.forEach((i, k) => classes.forEach((name, c) => (out[k * classes.length + c] = shown[i]?.includes(name) === true ? 1 : 0)));
  return out;
}

/** Of each object the number of its class, -1 for others than `classes`. In the order of the crops. */
export function classNumbers(set: EmbeddedScenes, classes: readonly string[]): Int32Array {
  const numbers = new Map(classes.map((name, c) => [name, c]));
  const out = new Int32Array(set.places.length);
  set.samples.forEach(({ label }, i) => {
    for (let row = set.starts[i] ?? 0; row < (set.starts[i + 1] ?? 0); row++) out[row] = numbers.get(label[set.places[row] ?? -1]?.class ?? '') ?? -1;
  });
  return out;
}

/** What the probe says of each crop of `test`, learned from the crops of some pictures. */
export async function cropClasses(train: EmbeddedScenes, pictures: readonly number[], test: EmbeddedScenes, classes: readonly string[]): Promise<Int32Array> {
  const numbers = classNumbers(train, classes);
  const all = pictures.flatMap((i) => Array.from({ length: (train.starts[i + 1] ?? 0) - (train.starts[i] ?? 0) }, (_, k) => (train.starts[i] ?? 0) + k)).filter((row) => (numbers[row] ?? -1) >= 0);
  const rows = all.length <= MOST_CROPS ? all : all.filter((row) => uniform(5, `crop ${row}`) < MOST_CROPS / all.length);
  const X = new Float32Array(rows.length * train.dimension);
  rows.forEach((row, k) => X.set(rowOf(train.crops, train.dimension, row), k * train.dimension));
  // Only what it says is asked for: what is right depends on the judge.
  const { predicted } = await softmaxProbe(X, Int32Array.from(rows, (row) => numbers[row] ?? 0), test.crops, new Int32Array(test.places.length), classes.length);
  return predicted;
}

/** F1 by class in percent, over the objects that are named; NaN for a class that none of them is of. @param truth -1: counts for nothing */
export function cropF1(predicted: Int32Array, truth: Int32Array, rows: readonly number[], classes: number): readonly number[] {
  const known = rows.filter((row) => (truth[row] ?? -1) >= 0);
  const of = (numbers: Int32Array): Int32Array => Int32Array.from(known, (row) => numbers[row] ?? 0);
  const there = new Set(of(truth));
  return [...agreement(of(predicted), of(truth), classes).f1].map((value, c) => (there.has(c) ? 100 * value : NaN));
}
