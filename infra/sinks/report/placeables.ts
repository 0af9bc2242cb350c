/** The items of a run as the map's projection wants them. */
import type { Reader, RunEntry } from '../../store/types.ts';
import type { Placeable } from './projection/types.ts';
import type { Collected } from './tally/collect.ts';

/**
 * Only items embedded by the model in force have a place: vectors of two models cannot be compared.
 * Rare and kept ones count more when anchors are chosen, or a rare kind would be drawn among strangers.
 */
export function placeables(reader: Reader, runs: readonly RunEntry[], { points, clusters }: Collected): Placeable {
  const seen = new Map(clusters.map(({ id, seen: n }) => [id, n]));
  const since = modelSince(runs);
  const last = points.length - 1;
  const dimension = last >= 0 ? reader.embedding(points.seq.at(last)).length : 0;
  return {
    length: points.length,
    seq: (i) => points.seq.at(i),
    weight: (i) => ((points.flags.at(i) & 1) === 1 ? 2 : 1) / Math.sqrt(seen.get(points.cluster.at(i)) ?? 1),
    vector: (i) => {
      if (points.seq.at(i) < since) return null;
      const vector = reader.embedding(points.seq.at(i));
      return vector.length === dimension ? vector : null;
    },
  };
}

/** The seq from which the model of the last run was in force without a break. */
function modelSince(runs: readonly RunEntry[]): number {
  const model = runs.at(-1)?.config.model;
  const other = runs.findLastIndex(({ config }) => config.model !== model);
  return other < 0 ? 0 : (runs[other + 1]?.seq ?? 0);
}
