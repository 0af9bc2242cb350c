/** Topics that somebody else made: those with which a pipeline would lose state or stop for good are refused, all at once. */
import type { Admin } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Kafka, logLevel } from '../../infra/kafka/kafkajs.ts';
import { prepareTopics, type Topics } from '../../infra/kafka/topics.ts';
import { startBroker, uniqueName, type Broker } from '../support/broker.ts';

let broker: Broker;
let admin: Admin;
beforeAll(async () => {
  broker = await startBroker();
  admin = new Kafka({ ...broker.client, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
}, 120_000);
afterAll(async () => {
  await admin.disconnect();
  await broker.stop();
});

function topicsOf(name: string): Required<Topics> {
  return { samples: `${name}-samples`, labels: `${name}-labels`, decisions: `${name}-decisions`, alerts: `${name}-alerts`, clusters: `${name}-clusters`, changelog: `${name}-changelog`, dead: `${name}-dead` };
}

async function make(topic: string, numPartitions: number, config: Readonly<Record<string, string>> = {}): Promise<void> {
  await admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor: 1, configEntries: Object.entries(config).map(([name, value]) => ({ name, value })) }], waitForLeaders: true });
}

test('those that are missing are made as they are then found to be needed', { timeout: 60_000 }, async () => {
  const topics = topicsOf(uniqueName('topics'));
  await make(topics.samples, 2, { 'max.message.bytes': '5000000' });
  await make(topics.labels, 2);
  expect(await prepareTopics(admin, topics, 1)).toBe(2);
  expect(await prepareTopics(admin, topics, 1)).toBe(2);
});

test('every fault of those that are there is told, and nothing is made', { timeout: 60_000 }, async () => {
  const topics = topicsOf(uniqueName('topics'));
  await make(topics.samples, 2, { 'max.message.bytes': '5000000' });
  await make(topics.alerts, 3);
  await make(topics.changelog, 2, { 'cleanup.policy': 'delete' });
  await make(topics.clusters, 2, { 'cleanup.policy': 'compact,delete' });
  await make(topics.decisions, 2, { 'max.message.bytes': '65536' });
  // Large enough for the messages, but not for their headers.
  await make(topics.dead, 2, { 'max.message.bytes': '5000000' });
  const { code, message } = await prepareTopics(admin, topics, 1).then(() => ({ code: null, message: '' }), (thrown: { code: string; message: string }) => thrown);
  expect(code).toBe('SLUICE_E_TOPICS');
  expect(message.split('\n')).toEqual([
    `There is no topic ${topics.labels}.`,
    `The topic ${topics.decisions} takes messages of 65536 bytes at most: its max.message.bytes must be 1048576 at least, or what is to be written there is refused and its partition stops.`,
    `The topic ${topics.alerts} has 3 partitions, ${topics.samples} has 2: partition p of each belongs together, so the numbers must be equal.`,
    `The topic ${topics.clusters} has cleanup.policy compact,delete: it must be compact, or state goes that is needed.`,
    `The topic ${topics.changelog} has cleanup.policy delete: it must be compact, or state goes that is needed.`,
    `The topic ${topics.dead} takes messages of 5000000 bytes at most: its max.message.bytes must be 5065536 at least, or what is to be written there is refused and its partition stops.`,
  ]);
  expect(await admin.listTopics()).not.toContain(topics.labels);
});
