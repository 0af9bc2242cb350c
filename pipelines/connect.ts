/** What a pipeline file and its secrets say of Kafka and the registry, as clients of them. */
import type { Kafka } from 'kafkajs';
import { kafkaClient } from '../infra/kafka/client.ts';
import type { Topics } from '../infra/kafka/topics.ts';
import { openCodec, type Codec } from '../infra/registry/codec.ts';
import type { PipelineConfig } from './config/pipeline.ts';
import type { Secrets } from './config/secrets.ts';
import { securityOf } from './security.ts';

/** @param say is told what goes wrong on the way, free of secrets */
export function kafkaOf({ name, source }: PipelineConfig, secrets: Secrets, say: (line: string) => void): Kafka {
  return kafkaClient({ brokers: source.kafka.brokers, clientId: name, ...securityOf(secrets) }, say);
}

export function topicsOf({ source: { kafka }, sinks, sharing }: PipelineConfig): Topics {
  const { decisions, alerts, clusters, changelog, dead } = sinks.kafka;
  return { samples: kafka.topic, ...(kafka.labels === undefined ? {} : { labels: kafka.labels }), decisions, alerts, ...(sharing ? { clusters } : {}), changelog, dead };
}

/** Of topics that are made. */
export function replicasOf({ sinks }: PipelineConfig): number {
  return sinks.kafka.replicas ?? -1;
}

/** @throws SluiceError SLUICE_E_REGISTRY_… where a registry is configured and does not answer */
export function codecOf({ registry }: PipelineConfig, secrets: Secrets): Promise<Codec> {
  if (registry === undefined) return openCodec({ registry: null });
  const credentials = secrets.registry === null ? null : { user: secrets.registry.username.reveal(), password: secrets.registry.password.reveal() };
  return openCodec({ registry: registry.url, credentials });
}
