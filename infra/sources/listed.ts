import type { Entry, Fit } from '../../operators/ports.ts';
import type { AnnotationFaults } from '../../schemas/annotations.ts';
import type { OpenedSource } from './types.ts';

/** How many files are looked at side by side: enough to hide the latency of a disk, few enough for any limit on open files. */
const SIDE_BY_SIDE = 32;

/** Runs a step over items, at most 32 side by side, results in the order of the items. */
export async function inOrder<T, R>(items: readonly T[], step: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += SIDE_BY_SIDE) {
    results.push(...(await Promise.all(items.slice(at, at + SIDE_BY_SIDE).map(step))));
  }
  return results;
}

export interface Listed {
  readonly identity: string;
  readonly fit: Fit;
  readonly header: string | null;
  readonly count: number;
  /** The entry at a place of the list; called once for each, in about that order. */
  readonly entry: (index: number) => Promise<Entry>;
  readonly warnings?: readonly string[];
  /** See OpenedSource. */
  readonly faults?: readonly AnnotationFaults[];
}

/** A source whose list is known at open. Entries are made when they are asked for; no more than `limit` of them are held here. */
export function listedSource(list: Listed): OpenedSource {
  let at = 0;
  return {
    identity: list.identity,
    total: list.count,
    fit: list.fit,
    header: list.header,
    timed: false,
    warnings: () => list.warnings ?? [],
    faults: list.faults ?? [],
    next(limit) {
      const places = Array.from({ length: Math.min(limit, list.count - at) }, (_, i) => at + i);
      at += places.length;
      return inOrder(places, list.entry);
    },
    close: () => Promise.resolve(),
  };
}
