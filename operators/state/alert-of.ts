/** An alert as the item raises it: what is not said is of the item alone. */
import type { Alert } from '../../schemas/decision.ts';
import type { Embedded } from '../items.ts';
import { hash32 } from './hash.ts';

/** The item that raises an alert. */
export type Raiser = Pick<Embedded, 'seq' | 'sample' | 'digest'>;

export function alertOf(kind: string, { seq, sample, digest }: Raiser, more: Partial<Omit<Alert, 'id' | 'kind' | 'seq'>> = {}): Alert {
  const { id, stream, time } = sample;
  const alert = { kind, cluster: null, time, seq, support: 1, exemplars: [id], streams: [stream], firstSeen: { seq, time }, growth: null, nearestKnown: null, ...more };
  return { id: idOf([kind, alert.cluster, seq, id, stream, digest]), ...alert };
}

/** An alert on a stream from which no item came. @param after seq of the last item before it */
export function alertOfStream(kind: string, stream: string, after: number, time: number): Alert {
  return { id: idOf([kind, after, stream, time]), kind, cluster: null, time, seq: after, support: 1, exemplars: [], streams: [stream], firstSeen: null, growth: null, nearestKnown: null };
}

/** The same for the same item of the same stream, whoever works it out again; the picture is in it since cameras count their files alike. */
function idOf(of: readonly unknown[]): string {
  const text = JSON.stringify(of);
  return [0, 1, 2, 3].map((seed) => hash32(seed, text).toString(16).padStart(8, '0')).join('');
}
