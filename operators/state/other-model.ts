/**
 * The state of a stream whose embeddings are from another model from now on. What no embedding is in goes on as it is: budget, clock, needs, targets, what waits. Clusters keep their ids and weights,
 * and with them their splits and alerts; their centroids are made anew of their members. What was learned from embeddings is left out, to be learned again (`Engine.learnAgain`).
 */
import type { Change } from '../../schemas/decision.ts';
import { packCampaigns, unpackCampaigns } from './campaigns.ts';
import { packRow, unpackRow } from './cluster-row.ts';
import { withRadius } from './clusters.ts';
import { externalOf, packExternal } from './external.ts';
import { OBJECTS, type Scene } from './objects/objects.ts';

/** Kinds that hold what was learned from embeddings alone. */
const LEARNED: ReadonlySet<string> = new Set(['head', 'head-manifest', 'label', 'oddity', 'second-look', 'trust', 'variety', 'likeness', ...OBJECTS]);

/** How an embedding of the old model may be estimated in the new one, and a mean of such. */
export type Estimate = (x: Float32Array) => Float32Array;

/** A decided item, to be learned from again. */
export interface Again {
  readonly seq: number;
  readonly stream: string;
  /** The engine's time when it was decided. */
  readonly at: number;
  /** By the new model. */
  readonly embedding: Float32Array;
  /** Those that the head learned of it; null where it learned none. */
  readonly classes: readonly string[] | null;
  /** Whether it was not eligible. */
  readonly barred: boolean;
  /** Its objects by the new model; null where none are looked at, or its picture is gone. */
  readonly scene: Scene | null;
}

/**
 * @param state one record for each (kind, key), ordered by kind, then key. @param means of each cluster's items by the new model; where one has none on record its centroid is estimated
 * @param fresh totals of clusters that have seen the same stream by the new model alone: they know how like items are to each other there. @returns the records that go on, in the same order
 */
export function inOtherModel(state: Iterable<Change>, means: ReadonlyMap<number, Float32Array>, fresh: Uint8Array, estimate: Estimate): readonly Change[] {
  return [...state].flatMap((change): readonly Change[] => {
    const { kind, key, value } = change;
    if (value === null || LEARNED.has(kind)) return [];
    if (kind === 'campaigns') return [{ ...change, value: inOther(value, estimate) }];
    if (kind === 'external') return [eventIn(change, estimate)];
    if (kind === 'clusters') return [{ ...change, value: withRadius(value, fresh) }];
    if (kind !== 'cluster') return [change];
    const { row, cold, centroid } = unpackRow(key, value);
    return [{ ...change, value: packRow(row, cold, means.get(key) ?? estimate(centroid)) }];
  });
}

/** Campaigns with estimates of their examples. */
function inOther(campaigns: Uint8Array, estimate: Estimate): Uint8Array {
  return packCampaigns(unpackCampaigns(campaigns).map((campaign) => (campaign.kind === 'class' ? campaign : { ...campaign, examples: campaign.examples.map(estimate) })));
}

/** Of the events of the log those that hold embeddings with estimates of them. */
function eventIn(change: Change, estimate: Estimate): Change {
  const event = externalOf(change);
  if (event?.kind !== 'campaigns') return change;
  return { ...change, value: packExternal({ ...event, payload: inOther(event.payload, estimate) }) };
}
