/** Membership of a consumer group, over a real broker. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kafkaClient } from '../../infra/kafka/client.ts';
import { Inputs } from '../../infra/kafka/inputs.ts';
import { startBroker, type Broker } from '../support/broker.ts';
import { until } from '../support/cli.ts';
import { KafkaWorld } from '../support/kafka.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await startBroker();
}, 120_000);
afterAll(() => broker.stop());

test('a write that fails once the group is left moves no position, and does no harm', { timeout: 60_000 }, async () => {
  const { settings } = await KafkaWorld.open(broker, { partitions: 1 });
  const { samples } = settings.topics;
  let joined = false;
  const inputs = await Inputs.open(
    kafkaClient({ ...broker.client, clientId: 'test' }, () => {}),
    { groupId: settings.name, topics: [samples], sessionTimeoutMs: 6000, maxBytes: 1e6, concurrency: 1, owned: () => [] },
    { batch: async () => {}, assigned: () => (joined = true), crashed: () => {} },
  );
  await until('it to join', () => joined);
  const back = [{ topic: samples, offset: 0n }];
  inputs.seek(0, back);
  await inputs.stop();
  expect(() => inputs.seek(0, back)).not.toThrow();
  await inputs.close();
});
