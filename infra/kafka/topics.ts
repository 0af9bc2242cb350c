/** The topics a pipeline needs: inputs must be there and alike in number of partitions, the others are made where they are missing. */
import type { Admin, ITopicConfig, Kafka } from 'kafkajs';
import { SluiceError } from '../../schemas/errors.ts';
import { kafkaError } from './failure.ts';
import { ConfigResourceTypes } from './kafkajs.ts';
import { CLOSE_MS, within } from './within.ts';

export interface Topics {
  readonly samples: string;
  /** Left out where there are no label events. */
  readonly labels?: string;
  readonly decisions: string;
  readonly alerts: string;
  /** Left out where partitions tell each other nothing. */
  readonly clusters?: string;
  readonly changelog: string;
  readonly dead: string;
}

/** Only the latest value of each key is kept. */
const COMPACTED: ReadonlySet<keyof Topics> = new Set(['changelog', 'clusters']);

/** What a dead letter says beside the message that it holds, at most. */
const CAUSE_BYTES = 64 * 1024;

/**
 * @returns the number of partitions
 * @throws SluiceError SLUICE_E_TOPICS where an input topic is missing or the numbers of partitions differ
 */
export async function prepareTopics(admin: Admin, topics: Topics, replicas: number): Promise<number> {
  const there = new Set(await admin.listTopics());
  const inputs = inputsOf(topics);
  for (const input of inputs) if (!there.has(input)) throw new SluiceError('SLUICE_E_TOPICS', `There is no topic ${input}.`);
  const partitions = await partitionsOf(admin, topics.samples);
  const names = Object.entries(topics) as [keyof Topics, string][];
  const largest = Math.max(...(await Promise.all(inputs.map((input) => largestMessage(admin, input)))));
  const missing = names.filter(([, name]) => !there.has(name)).map(([kind, topic]): ITopicConfig => ({
    topic,
    numPartitions: partitions,
    replicationFactor: replicas,
    configEntries: [
      ...(COMPACTED.has(kind) ? [{ name: 'cleanup.policy', value: 'compact' }] : []),
      ...(kind === 'dead' ? [{ name: 'max.message.bytes', value: String(largest + CAUSE_BYTES) }] : []),
    ],
  }));
  // Another worker may make them at the same moment: then they are there.
  if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: true });
  await checkAlike(admin, names.map(([, name]) => name), topics.samples);
  return partitions;
}

/** Makes the input topics that are not there. @returns their names */
export async function makeInputs(admin: Admin, names: readonly string[], partitions: number, replicas: number): Promise<readonly string[]> {
  const there = new Set(await admin.listTopics());
  const missing = names.filter((name) => !there.has(name));
  if (missing.length > 0) await admin.createTopics({ topics: missing.map((topic) => ({ topic, numPartitions: partitions, replicationFactor: replicas })), waitForLeaders: true });
  return missing;
}

/** @throws SluiceError SLUICE_E_KAFKA… */
export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } catch (thrown) {
    throw kafkaError(thrown);
  } finally {
    await within(CLOSE_MS, admin.disconnect());
  }
}

/**
 * Checks an input topic before something is sent to it: those of the others that are there have as many partitions, or it would go where nobody looks for it.
 * @returns bytes of a message, at most
 * @throws SluiceError SLUICE_E_TOPICS
 */
export async function inputTopic(admin: Admin, topic: string, others: readonly string[]): Promise<number> {
  const there = new Set(await admin.listTopics());
  if (!there.has(topic)) throw new SluiceError('SLUICE_E_TOPICS', `There is no topic ${topic}.`);
  await checkAlike(admin, others.filter((name) => there.has(name)), topic);
  return await largestMessage(admin, topic);
}

async function checkAlike(admin: Admin, names: readonly string[], to: string): Promise<void> {
  const partitions = await partitionsOf(admin, to);
  for (const name of names) {
    const count = await partitionsOf(admin, name);
    if (count !== partitions) {
      throw new SluiceError('SLUICE_E_TOPICS', `The topic ${name} has ${count} partitions, ${to} has ${partitions}: partition p of each belongs together, so the numbers must be equal.`);
    }
  }
}

/** The topics that are read; partition p of all belongs together. */
export function inputsOf({ samples, labels }: Topics): readonly string[] {
  return labels === undefined ? [samples] : [samples, labels];
}

async function partitionsOf(admin: Admin, topic: string): Promise<number> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics[0]?.partitions.length ?? 0;
}

async function largestMessage(admin: Admin, topic: string): Promise<number> {
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['max.message.bytes'] }] });
  return Number(resources[0]?.configEntries[0]?.configValue ?? 2 ** 20);
}
