/** What engines tell each other as records of the clusters topic, and back. */
import type { Standing, Told } from './told.ts';
import { vectorBytes, vectorOf } from './records-vector.ts';
import type { ClusterRecord, StandingRecord } from './records.ts';

/**
 * The key under which the newest of its kind is kept, and the record; null for a cluster that is gone. A standing with variety has a key of its own: told
 * rarely, it would be compacted away by the next one without, and whoever reads the topic later would not hear of it.
 */
export function toldRecord(told: Told): { readonly key: string; readonly record: ClusterRecord | null } {
  const { partition } = told;
  if ('standing' in told) {
    const { standing } = told;
    return { key: standing.variety === null ? String(partition) : `${partition}/variety`, record: { partition, event: { 'sluice.Standing': standingRecord(standing) } } };
  }
  const { cluster, sketch } = told;
  const record = sketch === null ? null : { partition, event: { 'sluice.ClusterSketch': { cluster, ...sketch, centroid: vectorBytes(sketch.centroid) } } };
  return { key: `${partition}/${cluster}`, record };
}

/** @param record null: what was under the key is gone. @throws SluiceError SLUICE_E_RECORD_CORRUPT. @returns null where it says nothing */
export function toldOf(key: string, record: ClusterRecord | null): Told | null {
  if (record === null) {
    const [, partition, cluster] = /^(\d+)\/(\d+)$/.exec(key) ?? [];
    return partition === undefined || cluster === undefined ? null : { partition: Number(partition), cluster: Number(cluster), sketch: null };
  }
  const { partition, event } = record;
  if ('sluice.Standing' in event) return { partition, standing: standingOf(event['sluice.Standing']) };
  const { cluster, ...sketch } = event['sluice.ClusterSketch'];
  return { partition, cluster, sketch: { ...sketch, centroid: vectorOf(sketch.centroid) } };
}

function standingRecord({ quantiles, variety, ...rest }: Standing): StandingRecord {
  return { ...rest, quantiles: vectorBytes(quantiles), variety: variety === null ? null : { ...variety, mean: vectorBytes(variety.mean), item: vectorBytes(variety.item) } };
}

function standingOf({ quantiles, variety, ...rest }: StandingRecord): Standing {
  return { ...rest, quantiles: vectorOf(quantiles), variety: variety === null ? null : { ...variety, mean: vectorOf(variety.mean), item: vectorOf(variety.item) } };
}
