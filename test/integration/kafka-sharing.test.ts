/** Workers that tell each other what they know, over a real broker: what is dense elsewhere is not rare here, and the budget is the fleet's. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { externalOf } from '../../operators/state/external.ts';
import { unpackTold } from '../../operators/state/pack-told.ts';
import { startBroker, type Broker } from '../support/broker.ts';
import { until } from '../support/cli.ts';
import { KafkaWorld, type Worker } from '../support/kafka.ts';
import type { Spec } from '../support/streams.ts';
import { violations } from '../faults/kafka/oracle.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await startBroker();
}, 120_000);
afterAll(() => broker.stop());

const decided = (...workers: readonly Worker[]): number => workers.flatMap(({ batches }) => batches).reduce((sum, { decisions }) => sum + decisions.length, 0);
const admitted = (...workers: readonly Worker[]): number => workers.flatMap(({ batches }) => batches).reduce((sum, { decisions }) => sum + decisions.filter(({ verdict }) => verdict === 'admit').length, 0);

/** A topic that was just made may send a worker away once; nobody takes over from one that is there, and everything that is told is understood. */
const fenced = (workers: readonly Worker[]): readonly string[] => workers.flatMap(({ lost }) => lost.map(String).filter((error) => /old epoch|fenced/i.test(error)));
const amiss = (workers: readonly Worker[]): readonly string[] => [...fenced(workers), ...workers.flatMap(({ unread }) => unread)];

/** Partition 0 sees the same two scenes all day, partition 1 many. */
const spec = (i: number): Spec => (i % 2 === 0 ? { kind: (i / 2) % 2, jitter: 0.6 } : { kind: 100 + (i * 7) % 60, jitter: 0.6 });

/** Whether the engine of partition 1 has heard of a scene of partition 0 that is dense. */
function heardOfDense(workers: readonly Worker[]): boolean {
  const events = workers.flatMap(({ batches }) => batches).flatMap(({ changes }) => changes.flatMap((change) => externalOf(change) ?? []));
  const heard = events.filter(({ kind }) => kind === 'hear').flatMap(({ payload }) => unpackTold(payload));
  return heard.some((one) => 'cluster' in one && one.partition === 0 && (one.sketch?.weight ?? 0) > 60);
}

/** Sends so many more and waits until they are decided. */
async function decide(world: KafkaWorld, workers: readonly Worker[], first: number, count: number, specOf = spec, partitionOf = (i: number): number => i % 2): Promise<void> {
  const before = decided(...workers);
  await world.produce(Array.from({ length: count }, (_, i) => specOf(first + i)), partitionOf, first);
  await until('all to be decided', () => decided(...workers) === before + count);
}

describe('partitions on two workers', { timeout: 180_000 }, () => {
  /** The share of its cluster that an item of partition 1 is given, whose scene partition 0 has seen all day. */
  async function shareElsewhere(sharing: boolean): Promise<number> {
    const world = await KafkaWorld.open(broker, { sharing, batch: 16 });
    const workers = [world.worker(), world.worker()];
    await until('each to have one', () => workers.every(({ assigned }) => assigned.length === 1));
    await decide(world, workers, 0, 400);
    // The others hear of it with one of their next batches.
    let next = 400;
    const informed = (): boolean => !sharing || heardOfDense(workers);
    for (; !informed(); next += 2) await decide(world, workers, next, 2);
    await decide(world, workers, next, 1, () => ({ kind: 0, jitter: 0 }), () => 1);
    for (const worker of workers) await worker.stop();
    expect(amiss(workers)).toEqual([]);
    expect(await violations(world)).toEqual([]);
    const last = (await world.decisions()).flat().find(({ id }) => id === `item-${next}`);
    return last !== undefined && 'sluice.Decision' in last.event ? (last.event['sluice.Decision'].share ?? NaN) : NaN;
  }

  test('what is dense on one is not rare on the other, unless they share nothing', async () => {
    const [shared, alone] = [await shareElsewhere(true), await shareElsewhere(false)];
    expect(alone).toBeLessThan(0.02);
    expect(shared).toBeGreaterThan(0.15);
  });

  test('admit the budget together, where more is new admitting more; whoever takes over goes on with what was heard', async () => {
    const world = await KafkaWorld.open(broker, { sharing: true, batch: 16 });
    const first = [world.worker(), world.worker()];
    await until('each to have one', () => first.every(({ assigned }) => assigned.length === 1));
    await decide(world, first, 0, 800);
    for (const worker of first) await worker.stop();
    const second = [world.worker(), world.worker()];
    await decide(world, second, 800, 800);
    await decide(world, second, 1600, 800);
    for (const worker of second) await worker.stop();
    expect(amiss([...first, ...second])).toEqual([]);
    expect(await violations(world)).toEqual([]);
    const all = admitted(...first, ...second) / 2400;
    expect(all).toBeGreaterThan(0.23);
    expect(all).toBeLessThan(0.27);
    const [street = NaN, harbour = NaN] = (await world.decisions()).map((records) => records.filter(({ event }) => 'sluice.Decision' in event && event['sluice.Decision'].verdict === 'admit').length / records.length);
    expect(harbour).toBeGreaterThan(street + 0.1);
  });

  test('what nobody can understand among what is told is left out and said', async () => {
    const world = await KafkaWorld.open(broker, { sharing: true, batch: 16 });
    const worker = world.worker();
    await decide(world, [worker], 0, 200);
    await world.send([{ key: '1/7', value: Buffer.from('no record'), partition: 1 }, { key: 'nobody', value: null, partition: 0 }], 'clusters');
    await until('both to be said', () => worker.unread.length === 2);
    await decide(world, [worker], 200, 40);
    await worker.stop();
    expect(new Set(worker.unread.map((place) => place.split('/')[0]))).toEqual(new Set(['0', '1']));
    expect(fenced([worker])).toEqual([]);
  });
});
