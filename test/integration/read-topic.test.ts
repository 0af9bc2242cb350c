/** Reading a topic as `sluice decisions` does, over a real broker, by somebody who is slow. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kafkaClient } from '../../infra/kafka/client.ts';
import { readTopic } from '../../infra/kafka/read-topic.ts';
import { withAdmin } from '../../infra/kafka/topics.ts';
import { startBroker, type Broker } from '../support/broker.ts';
import { KafkaWorld } from '../support/kafka.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await startBroker();
}, 120_000);
afterAll(() => broker.stop());

const SESSION_MS = 2000;

/** Reads 40 messages of two partitions. @param slow what the reader does with the first it gets */
async function read(slow: (topic: string) => Promise<void>): Promise<readonly string[]> {
  const world = await KafkaWorld.open(broker, { partitions: 2 });
  await world.send(Array.from({ length: 40 }, (_, i) => ({ key: null, value: Buffer.from(`${i}`), partition: i % 2 })));
  const kafka = kafkaClient({ ...broker.client, clientId: 'test' }, () => {});
  const { samples: topic } = world.settings.topics;
  const seen: string[] = [];
  await readTopic(kafka, { topic, follow: false, sessionTimeoutMs: SESSION_MS }, async (partition, messages) => {
    seen.push(...messages.map(({ offset }) => `${partition}/${offset}`));
    if (seen.length === messages.length) await slow(topic);
  }, new AbortController().signal);
  return seen;
}

const ALL = [...Array.from({ length: 20 }, (_, i) => `0/${i}`), ...Array.from({ length: 20 }, (_, i) => `1/${i}`)].toSorted();

test('a reader that has lost its place goes on where it was, and is told nothing twice', { timeout: 60_000 }, async () => {
  // Nothing of the process runs meanwhile, as when it is stopped on a terminal.
  const seen = await read(async () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * SESSION_MS));
  expect(seen.toSorted()).toEqual(ALL);
});

test('a reader that waits, as for a full pipe, keeps its place', { timeout: 60_000 }, async () => {
  const kafka = kafkaClient({ ...broker.client, clientId: 'test' }, () => {});
  let members: readonly number[] = [];
  const seen = await read(async (topic) => {
    await sleep(2 * SESSION_MS);
    members = await withAdmin(kafka, async (admin) => {
      const { groups } = await admin.listGroups();
      const ours = groups.flatMap(({ groupId }) => (groupId.startsWith(`${topic}-look-`) ? [groupId] : []));
      return (await admin.describeGroups(ours)).groups.map((group) => group.members.length);
    });
  });
  expect(members).toEqual([1]);
  expect(seen.toSorted()).toEqual(ALL);
});
