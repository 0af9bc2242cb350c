/** A pipeline file for `sluice run` against a broker of the tests, with topics of its own and one partition. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from '../../infra/kafka/kafkajs.ts';
import { openCodec } from '../../infra/registry/codec.ts';
import type { SampleRecord } from '../../schemas/records.ts';
import { picture } from '../soak/messages.ts';
import { uniqueName, type Broker } from './broker.ts';
import { newFolder } from './folders.ts';

export interface PipelineFile {
  readonly name: string;
  readonly file: string;
  readonly folder: string;
  readonly client: InstanceType<typeof Kafka>;
  readonly topic: (kind: string) => string;
  /** Samples with these images, ids from item-`first` on. */
  send(images: readonly SampleRecord['image'][], first?: number): Promise<void>;
}

/** So many samples that each hold a picture of their own. */
export function pictures(count: number): readonly SampleRecord['image'][] {
  return Array.from({ length: count }, (_, i) => ({ 'sluice.InlineImage': { bytes: picture(i) } }));
}

/** @param source settings of `source.kafka`, as YAML flow or indented lines. @param more settings at the top */
export async function pipelineFile(broker: Broker, source: readonly string[] = [], more: readonly string[] = []): Promise<PipelineFile> {
  const name = uniqueName('run');
  const topic = (kind: string): string => `${name}-${kind}`;
  const folder = newFolder();
  const file = join(folder, 'pipeline.yaml');
  const lines = [
    `name: ${name}`,
    'source:',
    '  kafka:',
    `    brokers: [${broker.brokers.map((address) => JSON.stringify(address)).join(', ')}]`,
    `    topic: ${topic('samples')}`,
    ...source.map((line) => `    ${line}`),
    'sinks:',
    `  kafka: { ${['decisions', 'alerts', 'clusters', 'changelog', 'dead'].map((kind) => `${kind}: ${topic(kind)}`).join(', ')}, replicas: 1 }`,
    'workers: 1',
    'http: { port: 0 }',
    ...more,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const client = new Kafka({ ...broker.client, clientId: 'test', logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: topic('samples'), numPartitions: 1, replicationFactor: 1 }], waitForLeaders: true });
  await admin.disconnect();
  const encode = await (await openCodec({ registry: null })).writer('sample', topic('samples'));
  return {
    name,
    file,
    folder,
    client,
    topic,
    async send(images, first = 0) {
      const producer = client.producer();
      await producer.connect();
      const messages = images.map((image, i) => ({ key: null, value: encode({ id: `item-${first + i}`, stream: 'default', time: null, image, label: null, predictions: null, embedding: null, origin: null }) }));
      await producer.send({ topic: topic('samples'), messages });
      await producer.disconnect();
    },
  };
}

/** Of a worker's metrics, the sum over the labels. */
export function valueOf(metrics: string, name: string): number {
  return [...metrics.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce((sum, [, value]) => sum + Number(value), 0);
}

/** Where a worker that was started says its metrics are; null before. */
export function urlIn(stderr: string): string | null {
  return /health and metrics at (\S+)/.exec(stderr)?.[1] ?? null;
}
