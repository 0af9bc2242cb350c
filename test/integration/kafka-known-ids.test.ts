/** What is sent again long after it was decided: it is skipped as far back as the pipeline is set to know, also by a worker that took the partition over. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REACH } from '../../operators/state/late-label.ts';
import { startBroker, type Broker } from '../support/broker.ts';
import { until } from '../support/cli.ts';
import { KafkaWorld } from '../support/kafka.ts';
import type { Spec } from '../support/streams.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await startBroker();
}, 120_000);
afterAll(() => broker.stop());

const BATCH = 1000;
const ITEMS = REACH + 4000;

test('a source that is sent twice is decided once, but for what is older than the bound', { timeout: 180_000 }, async () => {
  const world = await KafkaWorld.open(broker, { partitions: 1, batch: BATCH, knownIds: 1000, engine: { budget: 0.05 } });
  const specs: readonly Spec[] = Array.from({ length: ITEMS }, (_, i) => ({ kind: i % 5, jitter: 0.4 }));
  const send = async (from: number, to: number): Promise<void> => {
    for (let first = from; first < to; first += BATCH) await world.produce(specs.slice(first, first + BATCH), () => 0, first);
  };
  const first = world.worker();
  await send(0, ITEMS);
  await until('all to be decided', () => first.batches.flatMap(({ decisions }) => decisions).length === ITEMS);
  await first.stop();
  const owner = world.worker();
  // From the second thousand of those that are not held any more on.
  await send(3000, ITEMS);
  await until('all to be skipped', () => owner.repeated === ITEMS - 3000);
  expect(owner.batches.flatMap(({ decisions }) => decisions)).toEqual([]);
  await send(0, 1000);
  await until('the oldest to be decided again', () => owner.repeated + owner.batches.flatMap(({ decisions }) => decisions).length === ITEMS - 2000);
  const again = owner.batches.flatMap(({ decisions }) => decisions).length;
  expect(again).toBeGreaterThan(800);
  expect(again).toBeLessThanOrEqual(1000);
  await owner.stop();
  expect(owner.lost).toEqual([]);
});
