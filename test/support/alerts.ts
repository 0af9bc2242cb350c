/** Alerts made up for tests of what handles them. */
import type { Alert } from '../../schemas/decision.ts';

export function someAlert(changes: Partial<Alert> = {}): Alert {
  const alert = { kind: 'novel', cluster: 1, time: null, seq: 9, support: 3, exemplars: ['a'], streams: ['yard'], firstSeen: { seq: 2, time: null }, growth: null, nearestKnown: null, ...changes };
  return { id: `${alert.kind}-${alert.seq}`, ...alert };
}
