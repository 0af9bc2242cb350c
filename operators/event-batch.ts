import type { Batch } from './ports.ts';
import type { Engine } from './state/engine.ts';

/** What a batch has where nothing was decided. */
export const NOTHING_DECIDED = {
  decisions: [],
  dead: [],
  faults: [],
  amends: [],
  alerts: [],
  strips: [],
  labels: { learned: 0, waiting: 0, repeated: 0 },
  unused: [],
  told: [],
} as const satisfies Partial<Batch>;

/** A batch of events from outside, which decide nothing: what they changed of the engine, and beside it what they are. */
export function eventBatch(engine: Engine, events: Partial<Batch> = {}): Batch {
  return { ...NOTHING_DECIDED, changes: engine.takeChanges(), told: engine.takeTold(), unspent: engine.unspent, clusters: engine.clusterCounts, ...events };
}
