/** Prunes an output folder that nobody works on. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MediaFolder } from '../infra/store/media.ts';
import { openReader } from '../infra/store/reader.ts';
import { DATABASE } from '../infra/store/schema.ts';
import { openStore } from '../infra/store/sqlite.ts';
import { closing } from './closing.ts';
import { engineOf } from './reopened.ts';
import { type Limits, type Pruned, Retention } from './retention.ts';

export interface PruneSummary extends Pruned {
  /** Of pictures and database, now. */
  readonly bytes: number;
  /** Whether the size asked for could not be reached: what is left is what the engine needs. */
  readonly above: boolean;
}

/** @param now milliseconds since 1970. @throws SluiceError SLUICE_E_NOT_FOUND (no run in DIR), SLUICE_E_BUSY, SLUICE_E_DISK_FULL */
export function prune(dir: string, limits: Limits, now: number): Promise<PruneSummary> {
  return closing(async (later) => {
    // A folder without a run is not to become one.
    const reader = openReader(dir);
    const runs = reader.runs();
    reader.close();
    const store = openStore(dir);
    later(() => store.close());
    const [config, dimension] = [store.lastRun()?.config, store.dimension()];
    const engine = config === undefined || dimension === null ? null : engineOf(store, config, dimension);
    const needed = engine?.needs() ?? (() => false);
    const media = new MediaFolder(dir);
    const retention = new Retention(limits, { pruner: store.pruner(), media, runs: () => runs, nextSeq: () => store.nextSeq, needs: () => needed, left: () => {} });
    const done = retention.all(now);
    // A file of an earlier version gives pages back in no other way.
    store.scrub();
    const bytes = media.bytes + sizeOf(join(dir, DATABASE));
    return { ...done, bytes, above: limits.size !== null && bytes > limits.size };
  });
}

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}
