/** A stream in which a class is new: held out at first, then spread over the second half of the others, gone for long, and back. */
import { hash32 } from '../../operators/state/hash.ts';
import type { StreamItem } from '../quality/engine-run.ts';
import { shuffled } from '../quality/random.ts';

/** Items of the new class at most, each time that it is there. */
const MOST = 40;
/** Items without it before it returns. */
const AWAY = 5000;
/** Others before each of its items when it returns. */
const BETWEEN = 15;

/** The three parts of the stream, which follow each other. */
export interface HeldOut {
  /** Everything once, in random order. */
  readonly appears: readonly StreamItem[];
  /** The others again and again, reshuffled. */
  readonly away: readonly StreamItem[];
  readonly returns: readonly StreamItem[];
}

/** @param items the whole set, each with its label. Those that are repeated get ids of their own */
export function heldOut(items: readonly StreamItem[], held: string, seed: number): HeldOut {
  const others = items.filter(({ label }) => label !== held);
  const own = items.filter(({ label }) => label === held);
  const background = drawn(others, `${seed}`);
  const half = Math.floor(others.length / 2);
  const rounds = Array.from({ length: Math.ceil(AWAY / others.length) }, (_, round) => drawn(others, `${seed} away ${round}`));
  const back = drawn(own, `${seed} back`).slice(0, MOST);
  const beside = drawn(others, `${seed} beside`).slice(0, BETWEEN * back.length);
  return {
    appears: [...background.slice(0, half), ...spread(background.slice(half), drawn(own, `${seed} new`).slice(0, MOST))],
    away: again(rounds.flat().slice(0, AWAY), 'away'),
    returns: again(spread(beside, back), 'returns'),
  };
}

function drawn(items: readonly StreamItem[], name: string): StreamItem[] {
  return [...shuffled(items.length, hash32(0, name))].map((k) => items[k] as StreamItem);
}

/** The few at even distances among the many. */
function spread(many: readonly StreamItem[], few: readonly StreamItem[]): readonly StreamItem[] {
  const every = many.length / (few.length + 1);
  return [...few.flatMap((item, k) => [...many.slice(Math.round(k * every), Math.round((k + 1) * every)), item]), ...many.slice(Math.round(few.length * every))];
}

function again(items: readonly StreamItem[], part: string): readonly StreamItem[] {
  return items.map((item, k) => ({ ...item, id: `${part} ${k}` }));
}
