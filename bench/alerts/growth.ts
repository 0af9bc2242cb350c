/** What is said to grow: of a mixture that stays the same, and where one class comes more often. */
import type { Alert } from '../../schemas/decision.ts';
import { hash32, uniform } from '../../operators/state/hash.ts';
import { runEngine, type StreamItem } from '../quality/engine-run.ts';
import { shuffled } from '../quality/random.ts';
import type { BenchSet } from '../quality/sets.ts';
import { aboutOf } from './measure.ts';

const ITEMS = 10_000;
/** Items in which the class makes up `BEFORE` of the stream, and after them those in which it is `AFTER`. */
const BASE = 3000;
const MORE = 1000;
const [BEFORE, AFTER] = [0.01, 0.05];

/** The set, shuffled again and again. */
export async function unchanged(bench: BenchSet, seed: number): Promise<{ readonly raised: number; readonly items: number }> {
  const next = endless(itemsOf(bench), `unchanged ${seed}`);
  const stream = Array.from({ length: ITEMS }, next);
  return { raised: (await growthIn(bench, stream)).length, items: ITEMS };
}

/** @returns alerts, those of them of which most exemplars are of the class, and the items from the change to the first of these */
export async function grown(bench: BenchSet, held: string): Promise<{ readonly raised: number; readonly about: number; readonly after: number | null }> {
  const all = itemsOf(bench);
  const own = endless(all.filter(({ label }) => label === held), `own ${held}`);
  const others = endless(all.filter(({ label }) => label !== held), `others ${held}`);
  const stream = Array.from({ length: BASE + MORE }, (_, i) => (uniform(1, `${held} ${i}`) < (i < BASE ? BEFORE : AFTER) ? own() : others()));
  const raised = await growthIn(bench, stream);
  const about = aboutOf(bench.set.paths, stream);
  const right = raised.filter((alert) => alert.seq >= BASE && about(alert) === held);
  return { raised: raised.length, about: right.length, after: right[0] === undefined ? null : right[0].seq - BASE };
}

async function growthIn({ set }: BenchSet, stream: readonly StreamItem[]): Promise<readonly Alert[]> {
  return (await runEngine(set, stream, { budget: 0.25 })).flatMap(({ alerts }) => alerts).filter(({ kind }) => kind === 'growth');
}

function itemsOf({ train, labels }: BenchSet): readonly StreamItem[] {
  return train.map((row) => ({ row, label: labels[row] ?? null }));
}

/** One item after the other, all of them shuffled before any comes again, each time under another id. */
function endless(items: readonly StreamItem[], name: string): () => StreamItem {
  let n = 0;
  let order: readonly number[] = [];
  return () => {
    const [round, at] = [Math.floor(n / items.length), n % items.length];
    if (at === 0) order = [...shuffled(items.length, hash32(0, `${name} ${round}`))];
    n += 1;
    const item = items[order[at] ?? 0];
    if (item === undefined) throw new Error(`there are no items of ${name}`);
    return { ...item, id: `${name} ${n}` };
  };
}
