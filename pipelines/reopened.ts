/** The engine of an output folder as its last run left it, without the model: for what looks at no new image. */
import type { SqliteStore } from '../infra/store/sqlite.ts';
import type { RunConfig } from '../infra/store/types.ts';
import { Engine, type EngineSettings } from '../operators/state/engine.ts';
import { parsePolicy } from './config/read-policy.ts';
import { readBudget, readObjects, readReveal } from './config/settings.ts';

/** The settings that are on record. @param dimension of the embeddings */
export function recordedSettings({ policy, purpose, validationShare, budget, per, seed, reveal, objects }: RunConfig, dimension: number): EngineSettings {
  return {
    policy: parsePolicy(policy, 'the recorded policy'),
    purpose,
    validationShare,
    budget: readBudget(budget),
    per,
    seed,
    reveal: readReveal(reveal),
    lateLabels: true,
    objects: readObjects(objects) > 0,
    dimension,
  };
}

/** @param dimension of its embeddings */
export function engineOf(store: SqliteStore, config: RunConfig, dimension: number): Engine {
  const engine = new Engine(recordedSettings(config, dimension));
  engine.restore(store.state(), (seq) => store.embedding(seq));
  return engine;
}
