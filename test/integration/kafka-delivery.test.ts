/** `delivery: at_least_once` over a real broker: what leaves may be written twice, under one event id; the state never is. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EVENT } from '../../pipelines/stream/headers.ts';
import { startBroker, type Broker } from '../support/broker.ts';
import { until } from '../support/cli.ts';
import { eventsIn, KafkaWorld } from '../support/kafka.ts';
import type { Spec } from '../support/streams.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await startBroker();
}, 120_000);
afterAll(() => broker.stop());

const specs = (count: number): Spec[] => Array.from({ length: count }, (_, i) => ({ kind: i % 7, jitter: 0.4, label: `class ${i % 7}` }));

/** 150 decisions, of which the last 50 were made while another owner took the partition over. */
async function fenced(delivery: 'exactly_once' | 'at_least_once'): Promise<{ readonly ids: readonly string[]; readonly events: ReadonlyMap<string, ReadonlySet<string>>; readonly decided: number; readonly told: number; readonly tells: number }> {
  const world = await KafkaWorld.open(broker, { partitions: 1, delivery, sharing: true, engine: { reveal: { when: 'admitted', after: 20 } } });
  await world.produce(specs(100), () => 0);
  const worker = world.worker();
  const decided = (): number => worker.batches.reduce((sum, { decisions }) => sum + decisions.length, 0);
  await until('100 decisions', () => decided() === 100);
  const { log: other } = await world.fence(0);
  await world.produce(specs(50), () => 0, 100);
  await until('150 decisions', () => decided() === 150);
  await other.close();
  await worker.stop();
  // A broker that has just begun may send a worker away once more.
  expect(worker.lost.map(String).filter((error) => /old epoch|fenced/i.test(error)).length).toBe(1);
  const [records = []] = await world.decisions();
  const [messages = []] = await world.committed('decisions');
  const events = new Map<string, Set<string>>();
  for (const { value, headers } of messages) {
    const event = String(headers?.[EVENT]);
    events.set(event, (events.get(event) ?? new Set()).add((value ?? Buffer.alloc(0)).toString('base64')));
  }
  const [[told = []], [changelog = []]] = [await world.committed('clusters'), await world.committed('changelog')];
  const logged = await eventsIn(world.codec, changelog);
  return { ids: records.filter(({ event }) => 'sluice.Decision' in event).map(({ id }) => id), events, decided: decided(), told: told.filter(({ key }) => /^0(\/variety)?$/.test(String(key))).length, tells: logged.filter(({ kind }) => kind === 'tell').length };
}

const all = Array.from({ length: 150 }, (_, i) => `item-${i}`);

test('a decision that is written again has the same event id and says the same', { timeout: 120_000 }, async () => {
  const { ids, events } = await fenced('at_least_once');
  expect(ids.length).toBeGreaterThan(150);
  expect([...new Set(ids)]).toEqual(all);
  // A decision and an amendment of one item are two events.
  expect([...events.keys()].filter((event) => event.endsWith('/decision')).length).toBe(150);
  expect([...events.keys()].some((event) => event.includes('/amend-'))).toBe(true);
  expect([...events.values()].filter(({ size }) => size !== 1)).toEqual([]);
});

test('what other partitions are told is told once all the same: tokens are handed over in it', { timeout: 120_000 }, async () => {
  const { told, tells } = await fenced('at_least_once');
  expect(tells).toBe(4);
  expect(told).toBe(tells);
});

test('exactly once, the same events are there once', { timeout: 120_000 }, async () => {
  const { ids, events } = await fenced('exactly_once');
  expect(ids).toEqual(all);
  expect([...events.keys()].filter((event) => event.endsWith('/decision')).length).toBe(150);
});
