/** What two selections of one stream are worth beside each other, and beside a random one. Pure: sets of items in, figures out. */
import { hash32 } from '../../operators/state/hash.ts';
import { classesOf } from '../../schemas/sample.ts';
import type { Twice } from './redecide.ts';

/** The selections that are compared. */
export const CHOICES = ['recorded', 'replay', 'random'] as const;
export type Choice = (typeof CHOICES)[number];
/** Items of a cluster up to which it is rare; one alone is no kind. */
const RARE = { least: 2, most: 10 };
/** Items whose nearest selected one is looked for, at most. */
export const PROBED = 2000;
/** Examples of what differs, at most. */
const EXAMPLES = 48;

interface Worth {
  readonly admitted: number;
  /** Classes that its labels show, of those in the stream. */
  readonly classes: number;
  /** Rare clusters of the record of which it holds an item. */
  readonly rareClusters: number;
  /** Labels among it that are for review. */
  readonly forReview: number;
}

export interface ClassRow {
  readonly class: string;
  readonly stream: number;
  readonly recorded: number;
  readonly replay: number;
  readonly random: number;
}

export interface Example {
  readonly seq: number;
  readonly id: string;
}

export interface Comparison {
  readonly decided: number;
  readonly both: number;
  readonly gained: number;
  readonly lost: number;
  readonly classesInStream: number;
  readonly rareClustersInStream: number;
  readonly worth: Readonly<Record<Choice, Worth>>;
  /** By how much the replay and the record differ, the greatest first. */
  readonly classes: readonly ClassRow[];
}

/** Places (not seqs) of what each selection holds. The random one is as large as the replay's. */
export function choicesOf(items: readonly Twice[], seed: number): Readonly<Record<Choice, ReadonlySet<number>>> {
  const places = (test: (item: Twice) => boolean): ReadonlySet<number> => new Set(items.flatMap((item, i) => (test(item) ? [i] : [])));
  const replay = places(({ admitted }) => admitted);
  return { recorded: places(({ record }) => record.verdict === 'admit'), replay, random: new Set(drawn(items, seed, 'random', replay.size)) };
}

/** Items drawn by a hash of their ids. @returns their places, ascending */
export function drawn(items: readonly Twice[], seed: number, what: string, count: number): readonly number[] {
  const keys = Float64Array.from(items, ({ record }) => hash32(seed, `${what} ${record.id}`));
  const order = Uint32Array.from(items.keys()).sort((a, b) => (keys[a] as number) - (keys[b] as number) || a - b);
  return [...order.subarray(0, count)].sort((a, b) => a - b);
}

export function compare(items: readonly Twice[], choices: Readonly<Record<Choice, ReadonlySet<number>>>): Comparison {
  const shown = items.map(({ record }) => classesOf(record.label) ?? []);
  const all = new Set(items.keys());
  const rare = new Set([...countsOf(all, (i) => [clusterOf(items, i)])].flatMap(([cluster, count]) => (count >= RARE.least && count <= RARE.most ? [cluster] : [])));
  const inStream = countsOf(all, (i) => shown[i] ?? []);
  const counts = { recorded: countsOf(choices.recorded, (i) => shown[i] ?? []), replay: countsOf(choices.replay, (i) => shown[i] ?? []), random: countsOf(choices.random, (i) => shown[i] ?? []) };
  const worthOf = (choice: Choice): Worth => ({
    admitted: choices[choice].size,
    classes: counts[choice].size,
    rareClusters: new Set([...choices[choice]].map((i) => clusterOf(items, i)).filter((cluster) => rare.has(cluster))).size,
    forReview: [...choices[choice]].filter((i) => (choice === 'recorded' ? items[i]?.record.review : items[i]?.review) === true).length,
  });
  const classes = [...inStream].map(([name, stream]): ClassRow => ({ class: name, stream, recorded: counts.recorded.get(name) ?? 0, replay: counts.replay.get(name) ?? 0, random: counts.random.get(name) ?? 0 }));
  const both = [...choices.replay].filter((i) => choices.recorded.has(i)).length;
  return {
    decided: items.length,
    both,
    gained: choices.replay.size - both,
    lost: choices.recorded.size - both,
    classesInStream: inStream.size,
    rareClustersInStream: rare.size,
    worth: { recorded: worthOf('recorded'), replay: worthOf('replay'), random: worthOf('random') },
    classes: classes.sort((a, b) => Math.abs(b.replay - b.recorded) - Math.abs(a.replay - a.recorded) || (a.class < b.class ? -1 : 1)),
  };
}

/** Some of what one selection holds and another does not: drawn, those that have a thumbnail first. @param pictured by seq */
export function examplesOf(items: readonly Twice[], held: ReadonlySet<number>, without: ReadonlySet<number>, seed: number, pictured: (seq: number) => boolean): readonly Example[] {
  const differing = [...held].flatMap((i) => {
    const record = items[i]?.record;
    return record === undefined || without.has(i) ? [] : [{ seq: record.seq, id: record.id, key: hash32(seed, `example ${record.id}`), pictured: pictured(record.seq) }];
  });
  return differing.sort((a, b) => Number(b.pictured) - Number(a.pictured) || a.key - b.key || a.seq - b.seq).slice(0, EXAMPLES).map(({ seq, id }) => ({ seq, id }));
}

function clusterOf(items: readonly Twice[], i: number): number {
  return items[i]?.record.cluster ?? -1;
}

function countsOf<K>(places: ReadonlySet<number>, keysOf: (place: number) => readonly K[]): ReadonlyMap<K, number> {
  const counts = new Map<K, number>();
  for (const place of places) for (const key of keysOf(place)) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
