/** One selection, judged: what is kept of a stream's order, the probe trained on it, paired with a random choice of the same size from the same order. */
import type { Reveal } from '../../operators/state/labels.ts';
import { runEngine, type StreamItem } from './engine-run.ts';
import { macroF1 } from './probe.ts';
import { random, SELECTORS } from './selectors.ts';
import { type BenchSet, matrix } from './sets.ts';

export const MODES: Readonly<Record<string, Reveal>> = {
  'no labels': { when: 'never' },
  'labels of admitted, 200 late': { when: 'admitted', after: 200 },
  'labels with the sample': { when: 'all' },
};

/** Random choices that one order's is compared with, so that their luck does not decide. */
const DRAWS = 2;

/** Of one order: macro-F1 and F1 by class in percent. */
export interface Judged {
  readonly macro: number;
  readonly f1: readonly number[];
  readonly share: number;
  readonly lessRandom: number;
}

export interface Measured {
  readonly set: string;
  readonly budget: number;
  readonly name: string;
  readonly orders: readonly Judged[];
}

export type Choice = (items: readonly StreamItem[], seed: number) => Promise<readonly number[]>;

/** What is measured at a budget. The engine's way through the stream is that of `curate`. */
export function choices({ set }: BenchSet, budget: number, modes: readonly string[], offline: boolean): Readonly<Record<string, Choice>> {
  const engine = modes.map((mode): [string, Choice] => [
    `Sluice, ${mode}`,
    async (items) => (await runEngine(set, items, { budget, reveal: MODES[mode] ?? { when: 'never' } })).flatMap(({ judgement }, k) => (judgement.verdict === 'admit' ? [k] : [])),
  ]);
  const others = Object.entries(SELECTORS).map(([name, select]): [string, Choice] => [
    name,
    async (items, seed) => select({ data: matrix(set, items.map(({ row }) => row)), rows: items.length, columns: set.dimension }, Math.round(budget * items.length), seed),
  ]);
  return Object.fromEntries([...engine, ...(offline ? others : [])]);
}

export async function everything(bench: BenchSet): Promise<Judged> {
  const { f1 } = await bench.probe(bench.train);
  return { macro: macroF1({ f1 }), f1: percent(f1), share: 1, lessRandom: NaN };
}

/** Keeps the random choices of an order that were judged already: all rows of a table are held against the same ones. */
export class Judge {
  readonly #bench: BenchSet;
  readonly #random = new Map<string, number>();

  constructor(bench: BenchSet) {
    this.#bench = bench;
  }

  async judge(choice: Choice, seed: number): Promise<Judged> {
    const items = this.#bench.order(seed);
    const kept = await choice(items, seed);
    const f1 = await this.#probe(items, kept);
    const macro = macroF1({ f1 });
    return { macro, f1: percent(f1), share: kept.length / items.length, lessRandom: macro - (await this.random(seed, kept.length)) };
  }

  async random(seed: number, count: number): Promise<number> {
    const key = `${seed} ${count}`;
    const known = this.#random.get(key);
    if (known !== undefined) return known;
    const items = this.#bench.order(seed);
    let sum = 0;
    for (let draw = 0; draw < DRAWS; draw++) sum += macroF1({ f1: await this.#probe(items, random(items.length, count, seed * DRAWS + draw)) });
    this.#random.set(key, sum / DRAWS);
    return sum / DRAWS;
  }

  /** Learned from the labels that the stream shows. */
  async #probe(items: readonly StreamItem[], kept: readonly number[]): Promise<Float64Array> {
    const chosen = kept.flatMap((k) => items.slice(k, k + 1));
    const shown = new Map(chosen.flatMap(({ row, label }) => (label === null ? [] : [[row, label] as const])));
    return (await this.#bench.probe(chosen.map(({ row }) => row), shown)).f1;
  }
}

function percent(f1: Float64Array): readonly number[] {
  return [...f1].map((value) => 100 * value);
}

export function meanOf(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}
