/** The pipeline over a real broker: every sample gets one committed decision, whoever makes it. */
import type { IHeaders } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBroker, type Broker } from '../support/broker.ts';
import { until } from '../support/cli.ts';
import type { Flow } from '../../pipelines/stream/lane.ts';
import { KafkaWorld } from '../support/kafka.ts';
import { poison } from '../support/poison.ts';
import type { Spec } from '../support/streams.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await startBroker();
}, 120_000);
afterAll(() => broker.stop());

const specs = (count: number): Spec[] => Array.from({ length: count }, (_, i) => ({ kind: i % 7, jitter: 0.4, label: `class ${i % 7}` }));
const settledBy = (...workers: readonly { batches: readonly { decisions: readonly unknown[]; dead: readonly unknown[] }[] }[]): number =>
  workers.flatMap(({ batches }) => batches).reduce((sum, { decisions, dead }) => sum + decisions.length + dead.length, 0);

describe('a worker', { timeout: 120_000 }, () => {
  test('decides every sample once, in the order of its partition, and the next one goes on where it stopped', async () => {
    const world = await KafkaWorld.open(broker);
    await world.produce(specs(300), (i) => i % 2);
    const first = world.worker();
    await until('all to be decided', () => settledBy(first) === 300);
    await first.stop();
    await world.produce(specs(100), (i) => i % 2, 300);
    const second = world.worker();
    await until('the others to be decided', () => settledBy(second) === 100);
    await second.stop();
    expect([...second.taken].sort((a, b) => a - b)).toEqual([0, 1]);
    const decisions = await world.decisions();
    for (const [partition, found] of decisions.entries()) {
      expect(found.map(({ id }) => id)).toEqual(Array.from({ length: 200 }, (_, i) => `item-${2 * i + partition}`));
      expect(found.map(({ seq }) => seq)).toEqual(found.map((_, i) => i));
    }
    expect([first.lost, second.lost]).toEqual([[], []]);
    const idle = { inFlight: 0, lag: [{ topic: world.settings.topics.samples, messages: 0 }] };
    expect([first.flows.get(0), first.flows.get(1), second.flows.get(0), second.flows.get(1)]).toEqual([idle, idle, idle, idle]);
  });

  test('tells how much there is to do, also behind a transaction of the producer', async () => {
    const world = await KafkaWorld.open(broker, { partitions: 1, batch: 10 });
    await world.sendAll(await world.messages(specs(100), () => 0));
    const flows: Flow[] = [];
    const worker = world.worker(undefined, { flowed: (flow) => flows.push(flow) });
    await until('all to be decided', () => settledBy(worker) === 100);
    await worker.stop();
    const lags = flows.map(({ lag }) => lag[0]?.messages ?? NaN);
    expect(lags).toEqual([...lags].sort((a, b) => b - a));
    // The end of the transaction is a record too.
    expect([lags[0], lags.at(-1)]).toEqual([101, 0]);
    expect(Math.max(...flows.map(({ inFlight }) => inFlight))).toBeLessThanOrEqual(30);
  });

  test('says of each admitted item which set it is for', async () => {
    const world = await KafkaWorld.open(broker, { partitions: 1, engine: { validationShare: 0.4, budget: 0.6 } });
    await world.produce(specs(400), () => 0);
    const worker = world.worker();
    await until('all to be decided', () => settledBy(worker) === 400);
    await worker.stop();
    const [found = []] = await world.decisions();
    const decided = found.flatMap(({ event }) => ('sluice.Decision' in event ? [event['sluice.Decision']] : []));
    expect(new Set(decided.filter(({ verdict }) => verdict === 'admit').map(({ split }) => split))).toEqual(new Set(['train', 'validation']));
    expect(new Set(decided.filter(({ verdict }) => verdict === 'reject').map(({ split }) => split))).toEqual(new Set([null]));
    expect(decided.map(({ split }) => split)).toEqual(worker.batches.flatMap(({ decisions }) => decisions).map(({ split }) => split));
  });

  test('decides alike for every size of batch, and as one that was never stopped', async () => {
    const input = specs(260).map((spec, i): Spec => ({ ...spec, kind: Math.floor(i / 40), failed: false }));
    const all = [];
    for (const { batch, stops } of [{ batch: 1000, stops: 0 }, { batch: 7, stops: 0 }, { batch: 32, stops: 3 }]) {
      const world = await KafkaWorld.open(broker, { partitions: 1, batch, engine: { reveal: { when: 'admitted', after: 20 } } });
      const workers = [];
      for (let stop = 0; stop <= stops; stop++) {
        const part = input.slice(Math.round((stop * 260) / (stops + 1)), Math.round(((stop + 1) * 260) / (stops + 1)));
        await world.produce(part, () => 0, Math.round((stop * 260) / (stops + 1)));
        const worker = world.worker();
        workers.push(worker);
        await until('the part to be decided', () => settledBy(worker) === part.length);
        await worker.stop();
      }
      expect(workers.flatMap(({ lost }) => lost)).toEqual([]);
      all.push({ transactions: workers.flatMap(({ batches }) => batches).length, events: (await world.decisions()).flat().map((record) => ({ ...record, event: { ...record.event } })) });
    }
    const [whole, small, stopped] = all;
    const uriless = JSON.stringify;
    const plain = (found: typeof whole): string[] => (found?.events ?? []).map((event) => uriless(event).replaceAll(/kafka:[^"]*-samples/g, 'samples'));
    // Amendments are written behind the decisions of their own transaction.
    expect(plain(small).sort()).toEqual(plain(whole).sort());
    expect(plain(stopped).sort()).toEqual(plain(whole).sort());
    expect(plain(whole).some((event) => event.includes('Amend'))).toBe(true);
    expect(small?.transactions).toBeGreaterThan(whole?.transactions ?? 0);
  });

  test('skips what was decided before and buries what it cannot understand, as it came, with where from and why', async () => {
    const world = await KafkaWorld.open(broker, { partitions: 1 });
    await world.produce(specs(20), () => 0);
    await world.produce(specs(20), () => 0);
    const encode = await world.codec.writer('sample', world.settings.topics.samples);
    const bad = poison(encode, 'bad');
    await world.send(bad.map(({ kind, value }) => ({ key: kind, value, partition: 0, headers: { camera: 'front' } })));
    await world.produce(specs(5), () => 0, 20);
    const worker = world.worker();
    await until('all to be taken', () => settledBy(worker) === 25 + bad.length);
    await worker.stop();
    expect(worker.repeated).toBe(20);
    expect(worker.lost).toEqual([]);
    const [dead = []] = await world.committed('dead');
    const codeOf = (headers: IHeaders | undefined): string => String(headers?.['__connect.errors.exception.class.name']);
    expect(dead.map(({ key, value, headers }) => [key?.toString(), value, codeOf(headers)])).toEqual(bad.map(({ kind, value, code }) => [kind, value, code]));
    expect(Object.fromEntries(Object.entries(dead[1]?.headers ?? {}).map(([name, value]) => [name, String(value)]))).toMatchObject({
      camera: 'front',
      '__connect.errors.topic': world.settings.topics.samples,
      '__connect.errors.partition': '0',
      '__connect.errors.offset': '41',
    });
    const [decided = []] = await world.decisions();
    expect(decided.map(({ seq }) => seq)).toEqual([...Array.from({ length: 20 }, (_, i) => i), ...Array.from({ length: 5 }, (_, i) => 20 + bad.length + i)]);
  });

  test('decides a sample whose id came just before with a fault', async () => {
    const world = await KafkaWorld.open(broker, { partitions: 1 });
    const encode = await world.codec.writer('sample', world.settings.topics.samples);
    const faulty = poison(encode, 'item-1').find(({ kind }) => kind === 'an embedding of zeros');
    await world.send([{ key: null, value: faulty?.value ?? null, partition: 0 }]);
    await world.produce(specs(3), () => 0);
    const worker = world.worker();
    await until('all to be taken', () => settledBy(worker) === 4);
    await worker.stop();
    const [decided = []] = await world.decisions();
    expect(decided.map(({ id, seq }) => [id, seq])).toEqual([['item-0', 1], ['item-1', 2], ['item-2', 3]]);
    expect(worker.repeated).toBe(0);
  });
});

describe('several workers', { timeout: 120_000 }, () => {
  test('share the partitions, keep what they have, and take over what one leaves; nothing is decided twice', async () => {
    const world = await KafkaWorld.open(broker, { partitions: 4 });
    await world.produce(specs(400), (i) => i % 4);
    const a = world.worker();
    await until('some to be decided', () => settledBy(a) > 0);
    const b = world.worker();
    await until('both to have partitions', () => a.assigned.length === 2 && b.assigned.length === 2);
    await until('all to be decided', () => settledBy(a, b) >= 400);
    await world.produce(specs(400), (i) => i % 4, 400);
    await until('all to be decided', () => settledBy(a, b) >= 800);
    expect(settledBy(b)).toBeGreaterThanOrEqual(200);
    await a.stop();
    await world.produce(specs(200), (i) => i % 4, 800);
    await until('the rest to be decided', () => settledBy(a, b) >= 1000);
    await b.stop();
    expect([a.lost, b.lost]).toEqual([[], []]);
    expect(settledBy(a, b)).toBe(1000);
    for (const [partition, found] of (await world.decisions()).entries()) {
      expect(found.map(({ id }) => id)).toEqual(Array.from({ length: 250 }, (_, i) => `item-${4 * i + partition}`));
    }
  });

  test('a worker that was fenced gives the partition up and loses nothing', async () => {
    const world = await KafkaWorld.open(broker, { partitions: 1 });
    await world.produce(specs(100), () => 0);
    const a = world.worker();
    await until('a to decide', () => settledBy(a) === 100);
    // As another owner does it.
    const { log: fence } = await world.fence(0);
    await world.produce(specs(50), () => 0, 100);
    await until('a to go on', () => settledBy(a) === 150);
    await fence.close();
    await a.stop();
    expect(a.lost.length).toBe(1);
    expect(a.taken).toEqual([0, 0]);
    const [found = []] = await world.decisions();
    expect(found.map(({ id }) => id)).toEqual(Array.from({ length: 150 }, (_, i) => `item-${i}`));
    expect(found.map(({ seq }) => seq)).toEqual(found.map((_, i) => i));
  });
});
