/** A real folder with the delivery of its alerts, for tests of what comes of them. */
import { onTestFinished } from 'vitest';
import type { Sink } from '../../infra/alerts/types.ts';
import { openStore, type SqliteStore } from '../../infra/store/sqlite.ts';
import { Delivery } from '../../pipelines/alerts/delivery.ts';
import type { Alert } from '../../schemas/decision.ts';
import { batchOf, decisionAt } from '../unit/infra/store/decisions.ts';
import { newFolder } from './folders.ts';

interface Desk {
  readonly store: SqliteStore;
  readonly counts: Record<string, number>;
  readonly pending: Record<string, number>;
  readonly said: string[];
  readonly raise: (...alerts: readonly Alert[]) => void;
  readonly run: (sinks: readonly Sink[], now?: () => number) => Delivery;
}

/** A folder and its run; what is delivered counts by `sink outcome`. */
export function desk(dir = newFolder()): Desk {
  const store = openStore(dir);
  const counts: Record<string, number> = {};
  const pending: Record<string, number> = {};
  const said: string[] = [];
  let running: Delivery | null = null;
  onTestFinished(() => store.close());
  return {
    store,
    counts,
    pending,
    said,
    raise(...alerts) {
      store.commit(batchOf({ decisions: [decisionAt(store.nextSeq)], alerts }));
      running?.raised();
    },
    run(sinks, now = Date.now) {
      const events = {
        delivery: (sink: string, outcome: string, count = 1) => (counts[`${sink} ${outcome}`] = (counts[`${sink} ${outcome}`] ?? 0) + count),
        pending: (sink: string, alerts: number) => (pending[sink] = alerts),
      };
      running = new Delivery({ dir, outbox: store.outbox, sinks, events, say: (line) => said.push(line), now, draw: () => 0, waits: { firstMs: 20, longestMs: 40 } });
      return running;
    },
  };
}
