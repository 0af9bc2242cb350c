/** Dead letters of several codes, sent back in parts, over a real broker. */
import type { Kafka } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kafkaClient } from '../../infra/kafka/client.ts';
import { batchBytes } from '../../infra/kafka/produce-request.ts';
import { inputTopic, withAdmin } from '../../infra/kafka/topics.ts';
import type { Letter } from '../../pipelines/replay/letter.ts';
import { replayDead, type ReplaySettings, type ReplaySummary } from '../../pipelines/replay/replay-dead.ts';
import { startBroker, type Broker } from '../support/broker.ts';
import { until } from '../support/cli.ts';
import { KafkaWorld, type Sent } from '../support/kafka.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await startBroker();
}, 120_000);
afterAll(() => broker.stop());

/** A letter by its key; of one that does not fit also its cause. */
type Say = (key: string, cause?: string) => void;

function replayOf(kafka: Kafka, { settings: { name, topics } }: KafkaWorld, say: Say = () => {}): (part: Partial<ReplaySettings>) => Promise<ReplaySummary> {
  const events = { sent: ({ back }: Letter) => say(String(back.key)), unfit: ({ back }: Letter, cause: string) => say(String(back.key), cause) };
  return (part) => replayDead(kafka, { name, dead: topics.dead, inputs: [topics.samples], code: null, max: 1000, attempts: 1, dryRun: false, ...part }, events, new AbortController().signal);
}

/** A worker makes dead letters of what nobody can read, and is gone again. */
async function bury(world: KafkaWorld, messages: readonly Sent[]): Promise<void> {
  await world.send(messages);
  const worker = world.worker();
  await until('all to be dead', () => worker.batches.reduce((sum, { dead }) => sum + dead.length, 0) === messages.length);
  await worker.stop();
}

test('a letter that is given up is not passed over for good: a later run with more attempts sends it', { timeout: 60_000 }, async () => {
  const world = await KafkaWorld.open(broker, { partitions: 1 });
  const replay = replayOf(kafkaClient({ ...broker.client, clientId: 'test' }, () => {}), world);
  const poison = (key: string): Sent => ({ key, value: Buffer.from('no avro'), partition: 0 });
  await bury(world, [{ ...poison('often'), headers: { '__sluice.attempt': '3' } }, poison('new')]);
  expect(await replay({ attempts: 3 })).toEqual({ sent: 1, before: 0, given_up: 1, foreign: 0 });
  expect(await replay({ attempts: 3 })).toEqual({ sent: 0, before: 1, given_up: 1, foreign: 0 });
  expect(await replay({ attempts: 10, code: 'SLUICE_E_WIRE_FORMAT' })).toEqual({ sent: 1, before: 1, given_up: 0, foreign: 0 });
  expect(await replay({ attempts: 10 })).toEqual({ sent: 0, before: 2, given_up: 0, foreign: 0 });
  const [sent = []] = await world.committed('samples');
  expect(sent.map(({ key }) => String(key))).toEqual(['often', 'new', 'new', 'often']);
});

test('a letter that no longer fits into its topic is given up and told; those behind it go', { timeout: 60_000 }, async () => {
  const world = await KafkaWorld.open(broker, { partitions: 1 });
  const kafka = kafkaClient({ ...broker.client, clientId: 'test' }, () => {});
  const { largest: limit } = await withAdmin(kafka, (admin) => inputTopic(admin, world.settings.topics.samples, []));
  const sized = (bytes: number): Sent => ({ key: `message of ${bytes}`, value: Buffer.alloc(bytes - batchBytes({ key: `message of ${bytes}`, value: Buffer.alloc(limit / 2) }) + limit / 2, 'x'), partition: 0 });
  // With one attempt counted the second is as large as the topic takes.
  const [largest, nearly] = [sized(limit), sized(limit - batchBytes({ key: null, value: null, headers: { '__sluice.attempt': '1' } }) + batchBytes({ key: null, value: null }))];
  const small = { key: 'small', value: Buffer.from('no avro'), partition: 0 };
  for (const message of [largest, nearly, small]) await bury(world, [message]);
  const told: (string | null)[] = [];
  const replay = replayOf(kafka, world, (key, cause) => told.push(key, cause ?? null));
  const told0 = [largest.key, expect.stringContaining(`takes ${limit}`), nearly.key, null, 'small', null];
  expect(await replay({ dryRun: true })).toEqual({ sent: 2, before: 0, given_up: 1, foreign: 0 });
  expect(told.splice(0)).toEqual(told0);
  expect(await replay({})).toEqual({ sent: 2, before: 0, given_up: 1, foreign: 0 });
  expect(told.splice(0)).toEqual(told0);
  expect(await replay({})).toEqual({ sent: 0, before: 2, given_up: 1, foreign: 0 });
  const [sent = []] = await world.committed('samples');
  expect(sent.map(({ key }) => String(key))).toEqual([largest.key, nearly.key, 'small', nearly.key, 'small']);
});

test('each letter goes back once, whichever codes a run is for, and the worker makes of it what it is then', { timeout: 120_000 }, async () => {
  const world = await KafkaWorld.open(broker, { partitions: 2 });
  const kafka = kafkaClient({ ...broker.client, clientId: 'test' }, () => {});
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
  const replay = replayOf(kafka, world, (key) => told.push(key));
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
