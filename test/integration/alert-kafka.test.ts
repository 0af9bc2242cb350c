/** Alerts of a real store to a topic of a real broker. */
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { kafkaTopic } from '../../infra/alerts/kafka-topic.ts';
import { log } from '../../infra/alerts/lines.ts';
import type { Sink } from '../../infra/alerts/types.ts';
import { freePorts } from '../../infra/broker/ports.ts';
import { openCodec } from '../../infra/registry/codec.ts';
import { openDelivery } from '../../pipelines/alerts/open.ts';
import { alertRecord } from '../../schemas/records-alert.ts';
import { desk } from '../support/alert-desk.ts';
import { someAlert } from '../support/alerts.ts';
import { startBroker, uniqueName, type Broker } from '../support/broker.ts';
import { until } from '../support/cli.ts';
import { readAll } from '../support/kafka-reader.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await startBroker();
}, 120_000);
afterAll(() => broker.stop());

const alerts = Array.from({ length: 4 }, (_, i) => someAlert({ seq: i, cluster: i % 2 }));
const sinkTo = (topic: string, brokers: readonly string[], timeoutMs = 20_000): Sink => kafkaTopic({ name: 'kafka', topic, client: () => ({ ...broker.client, brokers, clientId: 'yard' }), timeoutMs }, () => {});

test('each is a record of the schema with its id, in order; a new run goes on behind the last', { timeout: 120_000 }, async () => {
  const topic = uniqueName('alerts');
  const { raise, run, counts } = desk();
  for (const part of [alerts.slice(0, 2), alerts.slice(2)]) {
    const delivery = run([sinkTo(topic, broker.brokers)]);
    raise(...part);
    const before = counts['kafka delivered'] ?? 0;
    await until('both', () => counts['kafka delivered'] === before + 2);
    await delivery.close();
  }
  const read = (await openCodec({ registry: null })).reader('alert');
  const found = await readAll(broker, topic);
  const records = await Promise.all(found.map(async ({ value }) => await read(value)));
  expect(records.toSorted((a, b) => a.seq - b.seq)).toEqual(alerts.map((alert) => alertRecord(alert, 0)));
  expect(new Set(found.map(({ key, headers }) => `${key} ${headers['__sluice.event']}`))).toEqual(new Set(alerts.map(({ cluster, id }) => `${cluster} ${id}`)));
});

test('a broker that is not there holds nothing up, and gets what is behind when it is', { timeout: 120_000 }, async () => {
  const topic = uniqueName('alerts');
  const { raise, run, counts, said } = desk();
  const lines: string[] = [];
  let brokers = (await freePorts(1)).map((port) => `127.0.0.1:${port}`);
  const sink = kafkaTopic({ name: 'kafka', topic, client: () => ({ ...broker.client, brokers, clientId: 'yard' }), timeoutMs: 1500 }, () => {});
  const delivery = run([sink, log('log', (line) => lines.push(line))]);
  onTestFinished(() => delivery.close());
  raise(...alerts);
  await until('the other sink', () => counts['log delivered'] === 4);
  await until('a try in vain', () => (counts['kafka failed'] ?? 0) > 0);
  expect(counts['kafka delivered']).toBeUndefined();
  expect(said[0]).toMatch(/^alerts to kafka: SLUICE_E_SINK_FAILED: Kafka/);
  ({ brokers } = broker);
  await until('all', () => counts['kafka delivered'] === 4);
  expect((await readAll(broker, topic)).length).toBeGreaterThanOrEqual(4);
});

test('is one of a pipeline over cameras; a secret that is not there shows before anything starts', { timeout: 60_000 }, async () => {
  const topic = uniqueName('alerts');
  const { store, raise } = desk();
  const delivered: string[] = [];
  const events = { delivery: (sink: string, outcome: string) => void delivered.push(`${sink} ${outcome}`), pending: () => {} };
  const kafka = { brokers: [...broker.brokers], topic, tls: null };
  const opened = (alert: object): ReturnType<typeof openDelivery> => openDelivery({ config: { alerts: [{ name: 'ops', timeout: 20_000, command: undefined, ...alert }], seed: 0 }, store, env: {}, events, say: () => {} });
  expect(() => opened({ kafka: { ...kafka, sasl: { mechanism: 'plain', username: { env: 'NOT_THERE' }, password: { env: 'NOT_THERE' } } } })).toThrow(expect.objectContaining({ code: 'SLUICE_E_SECRET', message: expect.stringContaining('alerts.ops.kafka.sasl.password: ') as string }));
  const delivery = opened({ kafka });
  raise(...alerts);
  delivery.raised();
  await until('all', () => delivered.length === 4);
  await delivery.close();
  expect(delivered).toEqual(alerts.map(() => 'ops delivered'));
});
