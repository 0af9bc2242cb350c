/** What a partition was worked on with holds for whoever takes it over. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Kafka, logLevel } from '../../infra/kafka/kafkajs.ts';
import { startBroker, type Broker } from '../support/broker.ts';
import { until } from '../support/cli.ts';
import { KafkaWorld, type Worker } from '../support/kafka.ts';
import type { Spec } from '../support/streams.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await startBroker();
}, 120_000);
afterAll(() => broker.stop());

const specs = (count: number): Spec[] => Array.from({ length: count }, (_, i) => ({ kind: i % 7, jitter: 0.4 }));
const decidedBy = ({ batches }: Worker): number => batches.flatMap(({ decisions }) => decisions).length;

test('other settings are refused by name; where they are wanted they hold from there on, also against a worker that still has the old ones', { timeout: 120_000 }, async () => {
  const world = await KafkaWorld.open(broker, { partitions: 1 });
  const engine = { seed: 7, budget: 0.5 };
  await world.produce(specs(50), () => 0);
  const first = world.worker();
  await until('all to be decided', () => decidedBy(first) === 50);
  await first.stop();
  await world.produce(specs(50), () => 0, 50);
  await expect(world.worker(undefined, { engine }).done).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_CHANGED', exit: 78, message: 'partition 0 was made with other settings:\nseed: 0 -> 7\nbudget: 0.25 -> 0.5' });
  const changed = world.worker(undefined, { engine, change: true });
  await until('the others to be decided', () => decidedBy(changed) === 50);
  await changed.stop();
  await world.produce(specs(50), () => 0, 100);
  await expect(world.worker().done).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_CHANGED', message: 'partition 0 was made with other settings:\nseed: 7 -> 0\nbudget: 0.5 -> 0.25' });
  const last = world.worker(undefined, { engine });
  await until('the last to be decided', () => decidedBy(last) === 50);
  await last.stop();
  const terms = (await world.committed('changelog')).flat().map(({ key }) => String(key)).filter((key) => /^(settings|partitions)/.test(key));
  expect(terms).toEqual(['partitions/0', 'settings/0', 'settings/50']);
  expect((await world.decisions()).flat().filter(({ event }) => 'sluice.Decision' in event).map(({ id }) => id)).toEqual(Array.from({ length: 150 }, (_, i) => `item-${i}`));
});

test('another number of partitions is refused, though all topics have it', { timeout: 120_000 }, async () => {
  const world = await KafkaWorld.open(broker, { partitions: 2 });
  await world.produce(specs(50), (i) => i % 2);
  const first = world.worker();
  await until('all to be decided', () => decidedBy(first) === 50);
  await first.stop();
  const admin = new Kafka({ ...broker.client, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createPartitions({ topicPartitions: Object.values(world.settings.topics).map((topic) => ({ topic, count: 3 })) });
  await admin.disconnect();
  await world.produce(specs(50), (i) => i % 3, 50);
  await expect(world.worker().done).rejects.toMatchObject({ code: 'SLUICE_E_TOPICS', message: expect.stringMatching(/has the state of one of 2, and there are 3 partitions now/) as string });
});
