/** Which classes a quarter of a stream shows, where pictures show several. Labels come with the sample, objects are looked at, default policy. */
import { classesOf } from '../../schemas/sample.ts';
import { decided } from '../quality/engine-run.ts';
import { meanOf } from '../quality/measure.ts';
import { shuffled } from '../quality/random.ts';
import { random } from '../quality/selectors.ts';
import { greedyCover, informedCover } from './cover.ts';
import { type EmbeddedScenes, embeddedScene } from './embedded-scenes.ts';

export const BUDGET = 0.25;
/** Images of a class from which it has to be there, and up to which it is rare. */
const LEAST = 8;
const RARE = 20;
/** Random choices of an order, so that their luck does not decide. */
const DRAWS = 20;

export interface Balance {
  readonly share: number;
  /** Classes with at least 8 images in the stream of which none is admitted. */
  readonly missing: readonly string[];
  /** Of the images of each class with 20 or fewer, the admitted part: mean of these classes, the least, and of a random choice of the same size the mean. */
  readonly rare: { readonly mean: number; readonly least: number; readonly random: number };
  /** Images that show the commonest class, as a part of all and of the admitted. */
  readonly commonest: { readonly name: string; readonly stream: number; readonly admitted: number };
  /** Classes that the admitted show, and a random choice of the same size. */
  readonly covered: number;
  readonly coveredByRandom: number;
}

/** Numbers of the admitted samples. */
export async function admittedOf(set: EmbeddedScenes, seed: number): Promise<readonly number[]> {
  const order = [...shuffled(set.samples.length, seed)];
  const admitted: number[] = [];
  const items = order.map((i, seq) => embeddedScene(set, i, seq));
  for await (const { seq, judgement } of decided(set.dimension, items, { objects: true, budget: BUDGET, reveal: { when: 'all' }, seed })) {
    if (judgement.verdict === 'admit') admitted.push(order[seq] ?? -1);
  }
  return admitted;
}

export function classesShown(set: EmbeddedScenes): readonly (readonly string[])[] {
  return set.samples.map(({ label }) => classesOf(label) ?? []);
}

/** Images of each class. @param numbers of those that count */
export function countsOf(shown: readonly (readonly string[])[], numbers: Iterable<number>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const i of numbers) for (const name of shown[i] ?? []) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

export function balanceOf(shown: readonly (readonly string[])[], admitted: readonly number[], seed: number): Balance {
  const stream = countsOf(shown, shown.keys());
  const kept = countsOf(shown, admitted);
  const draws = Array.from({ length: DRAWS }, (_, k) => countsOf(shown, random(shown.length, admitted.length, seed * DRAWS + k)));
  const [[name, most] = ['', 0]] = [...stream].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const rare = [...stream].filter(([, count]) => count <= RARE);
  const sharesOf = (counts: ReadonlyMap<string, number>): readonly number[] => rare.map(([each, count]) => (counts.get(each) ?? 0) / count);
  return {
    share: admitted.length / shown.length,
    missing: [...stream].flatMap(([each, count]) => (count >= LEAST && !kept.has(each) ? [each] : [])),
    rare: { mean: meanOf(sharesOf(kept)).mean, least: Math.min(...sharesOf(kept)), random: meanOf(draws.map((counts) => meanOf(sharesOf(counts)).mean)).mean },
    commonest: { name, stream: most / shown.length, admitted: (kept.get(name) ?? 0) / admitted.length },
    covered: kept.size,
    coveredByRandom: meanOf(draws.map((counts) => counts.size)).mean,
  };
}

/** Images that the offline greedy cover needs for all classes, and classes that it shows with so many images. */
export function offline(shown: readonly (readonly string[])[], images: number): { readonly images: number; readonly classes: number } {
  const cover = greedyCover(shown);
  return { images: cover.length, classes: countsOf(shown, cover.slice(0, images)).size };
}

/** What a rule covers that decides on arrival and knows how often each class will still come, in so many orders. */
export function informed(shown: readonly (readonly string[])[], seeds: readonly number[]): readonly number[] {
  return informedCover(shown, seeds.map((seed) => [...shuffled(shown.length, seed)]), BUDGET);
}
