/** Alerts as records and as JSON. */
import type { Alert } from './decision.ts';
import type { AlertRecord } from './records.ts';

export function alertRecord({ firstSeen, nearestKnown, ...alert }: Alert, partition: number): AlertRecord {
  return { ...alert, partition, first_seen: firstSeen, nearest_known: nearestKnown };
}

/** What people and their programs are told of an alert, one line: times in ISO 8601, UTC. */
export function alertJson({ kind, cluster, time, seq, support, exemplars, streams, id, firstSeen, growth, nearestKnown }: Alert): string {
  const first = firstSeen === null ? null : { seq: firstSeen.seq, time: iso(firstSeen.time) };
  return JSON.stringify({ kind, cluster, time: iso(time), seq, support, exemplars, streams, id, first_seen: first, growth, nearest_known: nearestKnown });
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
