/** The broker of the tests itself: does it do what tests of Kafka rely on? */
import { type Consumer, Kafka, logLevel } from 'kafkajs';
import { afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Broker, chooseKind, startBroker, uniqueName } from '../support/broker.ts';

let broker: Broker;
let kafka: Kafka;
beforeAll(async () => {
  broker = await startBroker();
  kafka = new Kafka({ ...broker.client, logLevel: logLevel.NOTHING });
  return broker.stop;
});

const open: { disconnect(): Promise<void> }[] = [];
afterEach(async () => {
  for (const client of open.splice(0)) await client.disconnect();
});

async function connected<T extends { connect(): Promise<void>; disconnect(): Promise<void> }>(client: T): Promise<T> {
  open.push(client);
  await client.connect();
  return client;
}

async function newTopic(numPartitions = 1): Promise<string> {
  const topic = uniqueName('topic');
  const admin = await connected(kafka.admin());
  await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
  return topic;
}

/** The values that a new group reads up to the first `count`. */
async function read(topic: string, count: number, groupId = uniqueName('group')): Promise<string[]> {
  const consumer: Consumer = await connected(kafka.consumer({ groupId, sessionTimeout: 2000, heartbeatInterval: 500, maxWaitTimeInMs: 100, readUncommitted: false }));
  await consumer.subscribe({ topic, fromBeginning: true });
  const values: string[] = [];
  await new Promise<void>((resolve, reject) => {
    consumer.on('consumer.crash', ({ payload }) => payload.restart || reject(payload.error)); // the first group waits for its coordinator
    const eachMessage = async ({ message }: { message: { value: Buffer | null } }): Promise<void> => {
      values.push(message.value?.toString() ?? '');
      if (values.length === count) resolve();
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  return values;
}

test('what is produced is consumed by a group, with a session timeout of 2 s', async () => {
  const topic = await newTopic(2);
  const producer = await connected(kafka.producer());
  await producer.send({ topic, messages: ['a', 'b', 'c', 'd'].map((value, i) => ({ value, partition: i % 2 })) });
  expect((await read(topic, 4)).sort()).toEqual(['a', 'b', 'c', 'd']);
});

test('a transaction moves records and offsets together, and an aborted one leaves nothing', async () => {
  const [input, output, groupId] = [await newTopic(), await newTopic(), uniqueName('group')];
  const producer = await connected(kafka.producer({ transactionalId: uniqueName('id'), idempotent: true, maxInFlightRequests: 1, retry: { initialRetryTime: 20 } }));
  const move = async (value: string, offset: string, end: 'commit' | 'abort'): Promise<void> => {
    const transaction = await producer.transaction();
    await transaction.send({ topic: output, messages: [{ value }] });
    await transaction.sendOffsets({ consumerGroupId: groupId, topics: [{ topic: input, partitions: [{ partition: 0, offset }] }] });
    await transaction[end]();
  };
  await move('first', '1', 'commit');
  await move('aborted', '7', 'abort');
  await move('second', '2', 'commit');
  expect(await read(output, 2)).toEqual(['first', 'second']);
  const admin = await connected(kafka.admin());
  expect(await admin.fetchOffsets({ groupId, topics: [input] })).toEqual([{ topic: input, partitions: [{ partition: 0, offset: '2', metadata: null }] }]);
});

test('a record may have 7 MB', async () => {
  const topic = await newTopic();
  const producer = await connected(kafka.producer());
  await producer.send({ topic, messages: [{ value: Buffer.alloc(7 * 1024 * 1024, 'x') }] });
  expect((await read(topic, 1)).map((value) => value.length)).toEqual([7 * 1024 * 1024]);
});

test('a restart keeps data and address', async () => {
  const topic = await newTopic();
  const producer = await connected(kafka.producer());
  await producer.send({ topic, messages: [{ value: 'before' }] });
  await broker.restart();
  await producer.send({ topic, messages: [{ value: 'after' }] });
  expect(await read(topic, 2)).toEqual(['before', 'after']);
});

describe('which broker it is', () => {
  const everything = { docker: true, java: true };
  const nothing = { docker: false, java: false };
  const choose = (env: Record<string, string>, found = everything) => chooseKind(env, async () => found);

  test('this one is a container in CI', () => {
    const { KAFKA_BROKERS: given, SLUICE_BROKER: wanted, CI: ci } = process.env;
    const expected = given ? ['given'] : wanted ? [wanted] : ci ? ['container'] : ['container', 'process'];
    expect(expected).toContain(broker.kind);
  });

  test('a given one comes first, then what is asked for, then Docker, then a process', async () => {
    expect(await choose({ KAFKA_BROKERS: 'host:9092', SLUICE_BROKER: 'process', CI: 'true' })).toBe('given');
    expect(await choose({ SLUICE_BROKER: 'process' })).toBe('process');
    expect(await choose({ SLUICE_BROKER: 'container' })).toBe('container');
    expect(await choose({})).toBe('container');
    expect(await choose({ CI: 'true' })).toBe('container');
    expect(await choose({}, { docker: false, java: true })).toBe('process');
  });

  test('a given one is neither configured nor restarted', async () => {
    vi.stubEnv('KAFKA_BROKERS', 'one:9092, two:9092');
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(startBroker({ security: 'tls' })).rejects.toThrow('tests cannot choose its security');
    const given = await startBroker();
    expect(given.client).toEqual({ brokers: ['one:9092', 'two:9092'] });
    await expect(given.restart()).rejects.toThrow('tests cannot restart it');
  });

  test('CI and what is asked for are never passed over', async () => {
    const onlyJava = { docker: false, java: true };
    await expect(choose({ CI: 'true' }, onlyJava)).rejects.toThrow('which CI must have: run: node infra/broker/build.mjs');
    await expect(choose({ SLUICE_BROKER: 'container' }, onlyJava)).rejects.toThrow('no Docker with the image');
    await expect(choose({ SLUICE_BROKER: 'process' }, { docker: true, java: false })).rejects.toThrow('no Java');
    await expect(choose({}, nothing)).rejects.toThrow('no image of the broker in Docker, and no Java');
    await expect(choose({ SLUICE_BROKER: 'podman' })).rejects.toThrow('container or process');
  });
});
