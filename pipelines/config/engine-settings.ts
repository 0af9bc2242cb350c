import type { EngineSettings } from '../../operators/state/engine.ts';
import type { PipelineConfig } from './pipeline.ts';

/** What the engine takes from a pipeline. @param dimension of the embeddings */
export function engineSettings({ policy, purpose, validation_share, budget, seed, labels, objects, health, source }: PipelineConfig, dimension: number): EngineSettings {
  return { policy, purpose, validationShare: validation_share, budget: 'rate' in budget ? budget.rate : budget.share, per: budget.per, seed, reveal: labels.reveal, lateLabels: source.kafka.labels !== undefined, objects: objects > 0, health, dimension };
}
