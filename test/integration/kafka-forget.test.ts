/** Forgetting over a real broker: label events that ask for it reach whichever partition decided the item, and what workers hold of it goes. */
import type { KafkaMessage } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBroker, type Broker } from '../support/broker.ts';
import { until } from '../support/cli.ts';
import { KafkaWorld, type Worker } from '../support/kafka.ts';
import type { Spec } from '../support/streams.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await startBroker();
}, 120_000);
afterAll(() => broker.stop());

const specs = (count: number, from = 0): Spec[] => Array.from({ length: count }, (_, i) => ({ kind: (from + i) % 7, jitter: 0.4, label: `class ${(from + i) % 7}` }));
const decided = (...workers: readonly Worker[]): number => workers.flatMap(({ batches }) => batches).reduce((sum, { decisions }) => sum + decisions.length, 0);
const forgotten = (...workers: readonly Worker[]): readonly string[] => workers.flatMap(({ batches }) => batches).flatMap(({ forgotten: ids }) => ids ?? []);
const toAll = (partitions: number, ...ids: readonly string[]): { id: string; forget: true; json: string; partition: number }[] => ids.flatMap((id) => Array.from({ length: partitions }, (_, partition) => ({ id, forget: true as const, json: '', partition })));

/** What a changelog holds when it is compacted: the last value of each key, and those keys. */
function compacted(messages: readonly KafkaMessage[]): ReadonlyMap<string, Buffer> {
  const last = new Map<string, Buffer>();
  for (const { key, value } of messages) {
    if (value === null) last.delete(String(key));
    else last.set(String(key), value);
  }
  return last;
}

function holding(records: ReadonlyMap<string, Buffer>, bytes: Buffer): readonly string[] {
  return [...records].flatMap(([key, value]) => (value.includes(bytes) ? [key] : []));
}

describe('an item that is to be forgotten', { timeout: 120_000 }, () => {
  test('is a tombstone in the decisions, and in the compacted state nothing of it is left; sent again it is no new item', async () => {
    const world = await KafkaWorld.open(broker, { partitions: 2, labels: true });
    await world.produce(specs(200), (i) => i % 2);
    const first = world.worker();
    await until('all to be decided', () => decided(first) === 200);
    // One label that is learned, one that waits for an item that will not come.
    await world.label([{ id: 'item-150', label: 'class 4', partition: 0 }, { id: 'item-9999', label: 'class 3', partition: 1 }]);
    await until('the labels', () => first.batches.some(({ labels }) => labels.learned === 1) && first.batches.some(({ labels }) => labels.waiting === 1));
    const before = await world.committed('changelog');
    expect(holding(compacted(before[0] ?? []), Buffer.from('item-150')).length).toBeGreaterThan(1);
    expect(holding(compacted(before[1] ?? []), Buffer.from('item-9999')).length).toBeGreaterThan(1);

    await world.label(toAll(2, 'item-150', 'item-9999', 'item-151', 'never-seen'));
    await until('they are forgotten', () => forgotten(first).length === 2);
    expect(forgotten(first).toSorted()).toEqual(['item-150', 'item-151']);
    const tombstones = (await world.committed('decisions')).map((messages) => messages.filter(({ value }) => value === null).map(({ key, headers }) => [String(key), Object.keys(headers ?? {})]));
    expect(tombstones).toEqual([[['item-150', ['__sluice.event']]], [['item-151', ['__sluice.event']]]]);

    await world.produce(specs(1, 150), () => 0, 150);
    await until('the repeat', () => first.repeated === 1);
    await first.stop();
    for (const messages of await world.committed('changelog')) {
      const state = compacted(messages);
      for (const id of ['item-150', 'item-151', 'item-9999', 'never-seen']) expect(holding(state, Buffer.from(id))).toEqual([]);
    }
    const second = world.worker();
    await world.produce(specs(2, 150), (i) => i, 150);
    await until('whoever takes over knows them too', () => second.repeated === 2);
    await world.label(toAll(2, 'item-150'));
    await until('told again', () => forgotten(second).length === 1);
    await second.stop();
    expect([decided(second), first.lost, second.lost]).toEqual([0, [], []]);
  });

  test('may be labelled in the same moment: the amendment comes before the tombstone', async () => {
    const world = await KafkaWorld.open(broker, { partitions: 1, labels: true });
    await world.produce(specs(20), () => 0);
    const first = world.worker();
    await until('all to be decided', () => decided(first) === 20);
    await first.stop();
    // Read together by the next one.
    await world.label([{ id: 'item-3', label: 'class 4', partition: 0 }, ...toAll(1, 'item-3'), { id: 'item-3', label: 'class 5', partition: 0 }, ...toAll(1, 'item-3')]);
    const second = world.worker();
    await until('both', () => forgotten(second).length === 2);
    await second.stop();
    expect(second.lost).toEqual([]);
    const [messages = []] = await world.committed('decisions');
    expect(messages.slice(20).map(({ key, value }) => [String(key), value === null])).toEqual([['item-3', false], ['item-3', true], ['item-3', true]]);
    const [changelog = []] = await world.committed('changelog');
    expect(holding(compacted(changelog), Buffer.from('item-3'))).toEqual([]);
  });

  test('leaves the same decisions behind whether the worker stays or another takes over', async () => {
    const seen = [false, true].map(async (changes) => {
      const world = await KafkaWorld.open(broker, { partitions: 1, labels: true });
      await world.produce(specs(300), () => 0);
      const first = world.worker();
      await until('all to be decided', () => decided(first) === 300);
      await world.label(toAll(1, ...Array.from({ length: 60 }, (_, i) => `item-${5 * i}`)));
      await until('they are forgotten', () => forgotten(first).length === 60);
      if (changes) await first.stop();
      const second = changes ? world.worker() : first;
      await world.produce(specs(200, 300), () => 0, 300);
      await until('the rest', () => decided(...new Set([first, second])) === 500);
      await second.stop();
      expect([first.lost, second.lost]).toEqual([[], []]);
      // Where it came from names the topic, which is its own.
      return (await world.decisions()).flat().map(({ id, event }) => ({ id, event: 'sluice.Decision' in event ? { ...event['sluice.Decision'], uri: id } : event }));
    });
    const [stayed = [], changed = []] = await Promise.all(seen);
    expect(stayed.length).toBe(500);
    expect(changed).toEqual(stayed);
  });
});
