import type { EngineSettings } from '../../operators/state/engine.ts';
import { SluiceError } from '../../schemas/errors.ts';
import type { PipelineConfig } from './pipeline.ts';

/** What the engine takes from a pipeline. @param dimension of the embeddings. @throws SluiceError SLUICE_E_UNSUPPORTED for a budget per time */
export function engineSettings({ policy, purpose, budget, seed, labels, source }: PipelineConfig, dimension: number): EngineSettings {
  if ('rate' in budget) throw new SluiceError('SLUICE_E_UNSUPPORTED', 'a budget per time (budget.rate) comes with a later version; give budget.share');
  return { policy, purpose, budget: budget.share, seed, reveal: labels.reveal, lateLabels: source.kafka.labels !== undefined, dimension };
}
