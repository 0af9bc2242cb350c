/** What the alerts of a stream were about. */
import type { Alert } from '../../schemas/decision.ts';
import type { Decided } from '../../operators/items.ts';
import { runEngine, type StreamItem } from '../quality/engine-run.ts';
import type { BenchSet } from '../quality/sets.ts';
import { heldOut } from './held-out.ts';

/** A class is no news where it had `KNOWN` items before this one. */
const NEWS_FROM = 1000;
const KNOWN = 3;

export interface Found {
  readonly held: string;
  /** Items of the class up to and including the one that raised the first alert on it; Infinity where none did. */
  readonly sightings: number;
  /** Alerts on what was known, and the items among which they were raised: until the class goes, and after that. */
  readonly mistaken: number;
  readonly items: number;
  readonly mistakenLater: number;
  readonly itemsLater: number;
  /** Further alerts on the class while it is there, and on its return, where it had been found. */
  readonly further: number;
  readonly second: number;
}

/** One class held out. Budget 25 %, default policy, no labels. */
export async function holdOut({ set, train, labels }: BenchSet, held: string, seed: number): Promise<Found> {
  const all = train.map((row) => ({ row, label: labels[row] ?? null }));
  const { appears, away, returns } = heldOut(all, held, seed);
  const stream = [...appears, ...away, ...returns];
  const raised = novelOf(await runEngine(set, stream, { budget: 0.25 }));
  const about = aboutOf(set.paths, stream);
  const own = raised.filter((alert) => about(alert) === held);
  const there = own.filter(({ seq }) => seq < appears.length);
  const first = there[0];
  // The stream of the largest class's absence is so short that the class begins before the 1,000th item; it is new all the same.
  const wrong = mistaken(stream, raised, about).filter((alert) => about(alert) !== held);
  return {
    held,
    sightings: first === undefined ? Infinity : stream.slice(0, first.seq + 1).filter(({ label }) => label === held).length,
    mistaken: wrong.filter(({ seq }) => seq < appears.length).length,
    items: appears.length,
    mistakenLater: wrong.filter(({ seq }) => seq >= appears.length).length,
    itemsLater: away.length + returns.length,
    further: Math.max(0, there.length - 1),
    second: first === undefined ? 0 : own.length - there.length,
  };
}

/** The alerts of a set's own stream, of which those are mistaken that are on a class that was there before. */
export async function asItComes({ set, order }: BenchSet, seed: number): Promise<{ readonly novel: number; readonly mistaken: number; readonly items: number }> {
  const stream = order(seed);
  const raised = novelOf(await runEngine(set, stream, { budget: 0.25 }));
  return { novel: raised.length, mistaken: mistaken(stream, raised, aboutOf(set.paths, stream)).length, items: stream.length };
}

function novelOf(decided: readonly Decided[]): readonly Alert[] {
  return decided.flatMap(({ alerts }) => alerts).filter(({ kind }) => kind === 'novel');
}

/** @returns the class that most exemplars of an alert belong to; null where they are of many */
export function aboutOf(paths: readonly string[], stream: readonly StreamItem[]): (alert: Alert) => string | null {
  const labels = new Map(stream.map(({ id, row, label }) => [id ?? paths[row] ?? '', label]));
  return ({ exemplars }) => {
    const classes = exemplars.map((id) => labels.get(id) ?? null);
    return classes.find((label) => classes.filter((other) => other === label).length > classes.length / 2) ?? null;
  };
}

/** Alerts on a class that was known, or on a mixture of several. */
function mistaken(stream: readonly StreamItem[], raised: readonly Alert[], about: (alert: Alert) => string | null): readonly Alert[] {
  const before = stream.slice(0, NEWS_FROM).map(({ label }) => label);
  return raised.filter((alert) => {
    const label = about(alert);
    return label === null || before.filter((other) => other === label).length >= KNOWN;
  });
}
