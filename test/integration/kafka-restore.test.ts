/** A worker that begins with nothing: what it restores from a compacted changelog is the state that was. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { violations } from '../faults/kafka/oracle.ts';
import { startBroker, type Broker } from '../support/broker.ts';
import { until } from '../support/cli.ts';
import { KafkaWorld } from '../support/kafka.ts';
import type { Spec } from '../support/streams.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await startBroker();
}, 120_000);
afterAll(() => broker.stop());

const ITEMS = 1000;
const specs = (count: number): Spec[] => Array.from({ length: count }, (_, i) => ({ kind: i % 11, jitter: 0.4, label: `class ${i % 5}` }));

test('after compaction the state is the one that was', { timeout: 120_000 }, async () => {
  const world = await KafkaWorld.open(broker, { partitions: 1, compacting: true });
  await world.produce(specs(ITEMS), () => 0);
  const first = world.worker();
  await until('all to be decided', () => first.batches.flatMap(({ decisions }) => decisions).length === ITEMS);
  await first.stop();
  // Only segments that are over are compacted.
  await sleep(1000);
  const owner = world.worker();
  await world.produce(specs(1), () => 0, ITEMS);
  await until('one more to be decided', () => owner.batches.length === 1);
  await owner.stop();
  // Each batch wrote them once. The broker compacts in its own time; the bound is the test's.
  const totals = async (): Promise<number> => (await world.committed('changelog')).flat().filter(({ key }) => key?.toString() === 'totals/0').length;
  while ((await totals()) > 4) await sleep(200);
  await world.produce(specs(200), () => 0, ITEMS + 1);
  const last = world.worker();
  await until('the others to be decided', () => last.batches.flatMap(({ decisions }) => decisions).length === 200);
  await last.stop();
  expect(last.lost).toEqual([]);
  expect(await violations(world)).toEqual([]);
});

test('a barrier that compaction has removed ends the reading: a newer owner wrote its own', { timeout: 60_000 }, async () => {
  const world = await KafkaWorld.open(broker, { partitions: 1 });
  const [first, second] = [await world.fence(0), await world.fence(0)];
  const states = await world.states();
  try {
    expect(second.offset).toBeGreaterThan(first.offset ?? Infinity);
    await states.read(0, { is: ({ value }) => value !== null, offset: first.offset }, () => {});
    await expect(states.read(0, { is: () => false, offset: first.offset }, () => {})).rejects.toThrow('a newer owner has taken over partition 0');
  } finally {
    await states.close();
    await first.log.close();
    await second.log.close();
  }
});
