/** Kinds of budgets that are not one share of the fleet, over a real broker. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBroker, type Broker } from '../support/broker.ts';
import { until } from '../support/cli.ts';
import { KafkaWorld, type Worker } from '../support/kafka.ts';
import type { Spec } from '../support/streams.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await startBroker();
}, 120_000);
afterAll(() => broker.stop());

/** Decides them on two workers with a partition each, which go side by side. @returns the streams of what was seen and of what is admitted */
async function run(engine: NonNullable<Parameters<typeof KafkaWorld.open>[1]>['engine'], specs: readonly Spec[], partitionOf: (i: number) => number): Promise<{ readonly seen: readonly string[]; readonly admitted: readonly string[] }> {
  const world = await KafkaWorld.open(broker, { sharing: true, batch: 16, engine: { reveal: { when: 'never' }, ...engine } });
  const workers: readonly Worker[] = [world.worker(), world.worker()];
  await until('each to have one', () => workers.every(({ assigned }) => assigned.length === 1));
  const decided = (): number => workers.flatMap(({ batches }) => batches).reduce((sum, { decisions }) => sum + decisions.length, 0);
  const CHUNK = 80;
  for (let at = 0; at < specs.length; at += CHUNK) {
    await world.produce(specs.slice(at, at + CHUNK), (i) => partitionOf(at + i), at);
    await until('all to be decided', () => decided() === Math.min(at + CHUNK, specs.length));
  }
  for (const worker of workers) await worker.stop();
  const decisions = workers.flatMap(({ batches }) => batches).flatMap((batch) => batch.decisions);
  return { seen: decisions.map(({ stream }) => stream), admitted: decisions.flatMap(({ stream, verdict }) => (verdict === 'admit' ? [stream] : [])) };
}

const count = (streams: readonly string[], stream: string): number => streams.filter((one) => one === stream).length;

test('per stream, each stream keeps the share by itself, though another of its partition, or of another, shows more that is new', { timeout: 120_000 }, async () => {
  const scenes = { street: 2, yard: 20, harbour: 60 };
  const names = ['street', 'yard', 'harbour', 'yard'] as const;
  const specs = Array.from({ length: 1600 }, (_, i): Spec => {
    const stream = names[i % 4] ?? 'yard';
    return { stream, kind: 1000 * scenes[stream] + ((i * 7) % scenes[stream]), jitter: 0.6 };
  });
  const { seen, admitted } = await run({ budget: 0.25, per: 'stream' }, specs, (i) => i % 2);
  for (const stream of Object.keys(scenes)) {
    const share = count(admitted, stream) / count(seen, stream);
    expect(share, stream).toBeGreaterThan(0.22);
    expect(share, stream).toBeLessThan(0.27);
  }
});

test('a rate is divided by how much arrives where', { timeout: 120_000 }, async () => {
  // Four a second, three of them from the gate; one a second may be admitted.
  const SECONDS = 300;
  const specs = Array.from({ length: 4 * SECONDS }, (_, i): Spec => ({ stream: i % 4 === 3 ? 'yard' : 'gate', kind: (i * 7) % 60, jitter: 0.6, time: 250 * i }));
  const { admitted } = await run({ budget: { items: 60, seconds: 60 } }, specs, (i) => Number(i % 4 === 3));
  expect(admitted.length).toBeLessThan(1.1 * SECONDS);
  expect(admitted.length).toBeGreaterThan(0.9 * SECONDS);
  expect(count(admitted, 'gate') / admitted.length).toBeGreaterThan(0.65);
  expect(count(admitted, 'gate') / admitted.length).toBeLessThan(0.85);
});
