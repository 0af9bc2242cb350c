/** Looks up the few items that sections tell about beyond the counts: nearest kept items of suspects, exemplars of alerts. */
import type { Reader } from '../../store/types.ts';
import type { Neighbour, RaisedAlert } from './context.ts';
import type { Collected } from './tally/collect.ts';
import { labelText } from './tally/labels.ts';
import type { Member } from './tally/clusters.ts';

const MOST_ALERTS = 60;
const MOST_EXEMPLARS = 6;

export function neighboursOf(reader: Reader, { suspects }: Collected): Map<number, Neighbour> {
  const found = new Map<number, Neighbour>();
  for (const { seq, nearest } of suspects.list()) {
    const decision = nearest === null ? null : reader.decision(nearest.id);
    if (nearest === null || decision === null) continue;
    found.set(seq, { seq: decision.seq, id: decision.id, admitted: decision.verdict === 'admit', label: labelText(decision.label), similarity: nearest.similarity });
  }
  return found;
}

/** The latest alerts, newest first. */
export function alertsOf(reader: Reader): { total: number; shown: RaisedAlert[] } {
  const latest = [];
  let total = 0;
  for (const alert of reader.alerts()) {
    total++;
    latest.push(alert);
    if (latest.length > MOST_ALERTS) latest.shift();
  }
  const shown = latest.reverse().map((alert) => {
    const exemplars: Member[] = [];
    for (const id of alert.exemplars.slice(0, MOST_EXEMPLARS)) {
      const decision = reader.decision(id);
      if (decision !== null) exemplars.push({ seq: decision.seq, id, admitted: decision.verdict === 'admit' });
    }
    return { alert, exemplars };
  });
  return { total, shown };
}
