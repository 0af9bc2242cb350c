/** The engine of an output folder as its last run left it, without the model: for what looks at no new image. */
import type { SqliteStore } from '../infra/store/sqlite.ts';
import type { RunConfig } from '../infra/store/types.ts';
import { Engine } from '../operators/state/engine.ts';
import { PolicySpec } from './config/policy.ts';
import { readBudget, readObjects, readReveal } from './config/settings.ts';

/** @param dimension of its embeddings */
export function engineOf(store: SqliteStore, config: RunConfig, dimension: number): Engine {
  const { purpose, validationShare, per, seed, objects } = config;
  const engine = new Engine({
    policy: PolicySpec.parse(JSON.parse(config.policy)),
    purpose,
    validationShare,
    budget: readBudget(config.budget),
    per,
    seed,
    reveal: readReveal(config.reveal),
    lateLabels: true,
    objects: readObjects(objects) > 0,
    dimension,
  });
  engine.restore(store.state(), (seq) => store.embedding(seq));
  return engine;
}
