/** Dead letters of several codes, sent back in parts, over a real broker. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kafkaClient } from '../../infra/kafka/client.ts';
import { replayDead, type ReplaySettings, type ReplaySummary } from '../../pipelines/replay/replay-dead.ts';
import { startBroker, type Broker } from '../support/broker.ts';
import { until } from '../support/cli.ts';
import { KafkaWorld } from '../support/kafka.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await startBroker();
}, 120_000);
afterAll(() => broker.stop());

test('each letter goes back once, whichever codes a run is for, and the worker makes of it what it is then', { timeout: 120_000 }, async () => {
  const world = await KafkaWorld.open(broker, { partitions: 2 });
  const kafka = kafkaClient({ ...broker.client, clientId: 'test' }, () => {});
  const { name, topics } = world.settings;
  // Turn about: an empty message, and one that is framed in no way.
  const poison = Array.from({ length: 20 }, (_, i) => ({ key: `p-${i}`, value: i % 2 === 0 ? null : Buffer.from(`no avro ${i}`), partition: Math.floor(i / 2) % 2 }));
  await world.send(poison);
  const worker = world.worker();
  const dead = (): number => worker.batches.reduce((sum, batch) => sum + batch.dead.length, 0);
  // A commit is answered before the broker lets readers see what it holds.
  const buried = async (count: number): Promise<void> => {
    await until(`${count} dead letters`, () => dead() === count);
    let seen = 0;
    const look = async (): Promise<void> => {
      seen = (await world.committed('dead')).flat().length;
      if (seen < count) await look();
    };
    await look();
    expect(seen).toBe(count);
  };
  await buried(20);

  const told: string[] = [];
  const replay = (part: Partial<ReplaySettings>): Promise<ReplaySummary> =>
    replayDead(kafka, { name, dead: topics.dead, inputs: [topics.samples], code: null, max: 1000, attempts: 1, dryRun: false, ...part }, ({ back }) => told.push(String(back.key)), new AbortController().signal);
  expect(await replay({ dryRun: true })).toMatchObject({ sent: 20 });
  expect(new Set(told.splice(0)).size).toBe(20);
  expect(await replay({ code: 'SLUICE_E_WIRE_FORMAT', max: 3 })).toMatchObject({ sent: 3 });
  expect(await replay({ code: 'SLUICE_E_WIRE_FORMAT' })).toMatchObject({ sent: 7 });
  await buried(30);
  const rest = await replay({});
  expect(rest).toEqual({ sent: 10, before: 10, given_up: 10, foreign: 0 });
  expect(told.toSorted()).toEqual(poison.map(({ key }) => key).toSorted());
  await buried(40);
  expect(await replay({})).toEqual({ sent: 0, before: 20, given_up: 20, foreign: 0 });
  await worker.stop();
  expect(worker.lost).toEqual([]);

  const sent = (await world.committed('samples')).map((messages) => messages.map(({ key }) => String(key)));
  for (const [partition, keys] of sent.entries()) {
    const own = poison.filter((one) => one.partition === partition).map(({ key }) => key);
    expect(keys.toSorted()).toEqual([...own, ...own].toSorted());
  }
});
