/**
 * A stream whose mixture turns over: one half of the classes, then the other half, then the first again: first further pictures of what was there before, as
 * if its pictures had been dealt at random between then and now, then tracks that were not there. The turn is whole, or, which is harder, leaves one item in
 * ten to the half that is rare at the time.
 *
 * What is asked: that the budget follows the turn (the new classes' share among the admitted, against that in the stream), and that what returns is known.
 */
import type { Decided } from '../../operators/items.ts';
import { runEngine, type StreamItem } from './engine-run.ts';
import { meanOf, MODES } from './measure.ts';
import type { BenchSet } from './sets.ts';

const SETTLED = 2000;
const WINDOW = 500;
/** Every so manieth item is of the half that is rare at the time. */
const RARE_EVERY = 10;
/** Every so manieth track of a class of the old half, and picture of its other tracks, comes on the return only. */
const HELD_BACK = 3;

/** What is left of a half while the other one is there: nothing, or one item in ten. */
const TURNS = ['whole', 'mixed'] as const;
type Turn = (typeof TURNS)[number];

interface Turnover {
  readonly before: readonly StreamItem[];
  readonly after: readonly StreamItem[];
  /** Of the old half: further pictures of the tracks that were there. */
  readonly further: readonly StreamItem[];
  /** Of the old half: other tracks. */
  readonly others: readonly StreamItem[];
  readonly isNew: (item: StreamItem) => boolean;
}

/** Classes in order of their names, the first half is the old one. @param trackOf of an item; items without one are a track each */
export function turnover(turn: Turn, items: readonly StreamItem[], trackOf: (item: StreamItem) => string): Turnover {
  const classes = [...new Set(items.map(({ label }) => label ?? ''))].sort();
  const first = new Set(classes.slice(0, Math.ceil(classes.length / 2)));
  const isNew = ({ label }: StreamItem): boolean => !first.has(label ?? '');
  const held = heldBack(items.filter((item) => !isNew(item)), trackOf);
  const known = items.filter((item) => !isNew(item) && !held.has(trackOf(item)));
  const further = everyOf(known, trackOf);
  const old = known.filter((item) => !further.has(item));
  const fresh = items.filter(isNew);
  const { before, after } = turn === 'whole' ? { before: old, after: fresh } : mixedTurn(old, fresh, isNew);
  return { before, after, further: known.filter((item) => further.has(item)), others: items.filter((item) => held.has(trackOf(item))), isNew };
}

function mixedTurn(old: readonly StreamItem[], fresh: readonly StreamItem[], isNew: (item: StreamItem) => boolean): Pick<Turnover, 'before' | 'after'> {
  // So long that both halves last: with one in ten of the other half, o = 0.9 l + 0.1 m old ones and f = 0.1 l + 0.9 m new ones.
  const length = (own: number, other: number): number => Math.max(0, Math.floor((0.9 * own - 0.1 * other) / 0.8));
  const before = mixed(old, fresh, length(old.length, fresh.length));
  const after = mixed(fresh.slice(before.filter(isNew).length), old.slice(before.filter((item) => !isNew(item)).length), length(fresh.length, old.length));
  return { before, after };
}

/** Of each class the last of every three tracks, in order of arrival. */
function heldBack(items: readonly StreamItem[], trackOf: (item: StreamItem) => string): ReadonlySet<string> {
  const ofClass = new Map<string | null, Set<string>>();
  for (const item of items) ofClass.set(item.label, (ofClass.get(item.label) ?? new Set()).add(trackOf(item)));
  return new Set([...ofClass.values()].flatMap((tracks) => [...tracks].filter((_, k) => k % HELD_BACK === HELD_BACK - 1)));
}

/** Of each track the last of every three pictures. */
function everyOf(items: readonly StreamItem[], trackOf: (item: StreamItem) => string): ReadonlySet<StreamItem> {
  const seen = new Map<string, number>();
  return new Set(
    items.filter((item) => {
      const n = (seen.get(trackOf(item)) ?? 0) + 1;
      seen.set(trackOf(item), n);
      return n % HELD_BACK === 0;
    }),
  );
}

function mixed(often: readonly StreamItem[], rarely: readonly StreamItem[], length: number): readonly StreamItem[] {
  return Array.from({ length }, (_, k) => {
    const rares = Math.floor(k / RARE_EVERY);
    return k % RARE_EVERY === RARE_EVERY - 1 ? rarely[rares] : often[k - rares];
  }).filter((item) => item !== undefined);
}

/** Of each window from the settled turn on: the share of the marked among all and among the admitted, in per cent. NaN where a window admits nothing. */
export function windows(marked: readonly boolean[], admitted: readonly boolean[]): readonly { readonly at: number; readonly stream: number; readonly kept: number }[] {
  const found: { at: number; stream: number; kept: number }[] = [];
  for (let at = SETTLED; at + WINDOW <= marked.length; at += WINDOW) {
    const all = marked.slice(at, at + WINDOW);
    const kept = all.filter((_, k) => admitted[at + k]);
    found.push({ at, stream: (100 * all.filter(Boolean).length) / WINDOW, kept: (100 * kept.filter(Boolean).length) / kept.length });
  }
  return found;
}

/** Default policy, 25 %, every turn, mode and order. @returns a table for each turn */
export async function drift(bench: BenchSet, orders: number): Promise<string> {
  const tables: string[] = [];
  for (const turn of TURNS) tables.push(await driftOf(turn, bench, orders));
  return tables.join('\n\n');
}

async function driftOf(turn: Turn, { name, set, order }: BenchSet, orders: number): Promise<string> {
  const lines = [
    `## Drift: ${name}, ${turn} turn, budget 25 %, the shares in windows of ${WINDOW} from the ${SETTLED}th item after the turn on`,
    '',
    '| mode | order | largest gap after the turn, points | mean of admitted less stream, points | novel alerts, further pictures | other tracks | clusters of the old half confirmed before the turn | met again, further pictures | other tracks | new classes among the admitted (in the stream), window by window |',
    '|---|---|---|---|---|---|---|---|---|---|',
  ];
  for (const [mode, reveal] of Object.entries(MODES)) {
    for (let seed = 1; seed <= orders; seed++) {
      const { before, after, further, others, isNew } = turnover(turn, order(seed), ({ row }) => set.columns['track']?.[row] ?? String(row));
      const items = [...before, ...after, ...further, ...others];
      const back = before.length + after.length;
      const decided = await runEngine(set, items, { budget: 0.25, reveal });
      const turned = decided.slice(before.length, back);
      const each = windows(after.map(isNew), turned.map(({ judgement }) => judgement.verdict === 'admit'));
      const gaps = each.map(({ stream, kept }) => kept - stream);
      const confirmed = new Set(decided.slice(0, before.length).flatMap(({ joined }, k) => (joined.cluster.confirmed && !isNew(items[k] as StreamItem) ? [joined.cluster.id] : [])));
      const same = decided.slice(back, back + further.length);
      const other = decided.slice(back + further.length);
      const told = each.map(({ stream, kept }) => `${kept.toFixed(0)} (${stream.toFixed(0)})`).join(', ');
      lines.push(`| ${mode} | ${seed} | ${Math.max(...gaps.map(Math.abs)).toFixed(1)} | ${meanOf(gaps).mean.toFixed(1)} | ${novel(same)} | ${novel(other)} | ${confirmed.size} | ${met(confirmed, same)} | ${met(confirmed, other)} | ${told} |`);
    }
  }
  return lines.join('\n');
}

function novel(decided: readonly Decided[]): number {
  return decided.flatMap(({ alerts }) => alerts).filter(({ kind }) => kind === 'novel').length;
}

function met(clusters: ReadonlySet<number>, decided: readonly Decided[]): string {
  const ids = new Set(decided.map(({ joined }) => joined.cluster.id));
  return `${((100 * [...clusters].filter((id) => ids.has(id)).length) / clusters.size).toFixed(1)} %`;
}
