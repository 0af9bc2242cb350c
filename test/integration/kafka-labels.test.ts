/** Label events over a real broker: read beside the samples, exactly once, whoever reads them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openMetrics } from '../../infra/metrics/metrics.ts';
import { Unpacker } from '../../operators/state/codec.ts';
import { unpackLabel } from '../../operators/state/late-label.ts';
import { newState, workerEvents } from '../../pipelines/commands/run.ts';
import type { Label } from '../../schemas/sample.ts';
import { startBroker, uniqueName, type Broker } from '../support/broker.ts';
import { until } from '../support/cli.ts';
import { eventsIn, KafkaWorld, type Worker } from '../support/kafka.ts';
import type { Spec } from '../support/streams.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await startBroker();
}, 120_000);
afterAll(() => broker.stop());

const specs = (count: number): Spec[] => Array.from({ length: count }, (_, i) => ({ kind: i % 4, jitter: 0.3 }));
const classOf = (i: number): string => `class ${i % 4}`;
const decided = (...workers: readonly Worker[]): number => workers.flatMap(({ batches }) => batches).reduce((sum, { decisions }) => sum + decisions.length, 0);
const labelled = (...workers: readonly Worker[]): Readonly<Record<'learned' | 'waiting' | 'repeated' | 'unused', number>> => {
  const sum = { learned: 0, waiting: 0, repeated: 0, unused: 0 };
  for (const { labels, unused } of workers.flatMap(({ batches }) => batches)) {
    for (const as of ['learned', 'waiting', 'repeated'] as const) sum[as] += labels[as];
    sum.unused += unused.length;
  }
  return sum;
};
const handled = (...workers: readonly Worker[]): number => Object.values(labelled(...workers)).reduce((a, b) => a + b);

test('a sample with bad boxes among good ones is decided without them, and they are counted; one without a label at all is a dead letter', { timeout: 120_000 }, async () => {
  const world = await KafkaWorld.open(broker, { partitions: 1 });
  const good = { class: 'cat', bbox: [0, 0, 5, 5] } as const;
  const bad = { class: 'cat', bbox: [0, 0, -5, 5] } as const;
  const labels: readonly Label[] = [[bad, good, { ...bad, bbox: [7, 0, 1, 1], relative: true }], [bad], [good], { class: 'cat' } as never];
  await world.produce(labels.map((label, i) => ({ kind: i, jitter: 0.3, label })), () => 0);
  const worker = world.worker();
  await until('all to be taken', () => decided(worker) === 3 && worker.batches.some(({ dead }) => dead.length === 1));
  await worker.stop();
  const [events = []] = await world.decisions();
  expect(events.map(({ id, event }) => ['sluice.Decision' in event && id, 'sluice.Decision' in event && event['sluice.Decision'].label])).toEqual([['item-0', JSON.stringify([good])], ['item-1', null], ['item-2', JSON.stringify([good])]]);
  const [dead = []] = await world.committed('dead');
  expect(dead.map(({ headers }) => String(headers?.['__connect.errors.exception.class.name']))).toEqual(['SLUICE_E_LABEL_INVALID']);
  const metrics = openMetrics('p', '1');
  const told = workerEvents(metrics, () => {}, newState());
  for (const batch of worker.batches) told.settled(0, batch);
  const text = await metrics.text();
  metrics.close();
  expect(text.match(/^sluice_annotation_faults_total\{.*$/gm)?.sort()).toEqual(['sluice_annotation_faults_total{code="SLUICE_E_ANNOTATION_BOX",pipeline="p"} 2', 'sluice_annotation_faults_total{code="SLUICE_E_ANNOTATION_OUTSIDE",pipeline="p"} 1']);
});

test('a sample is held against the predictions it carries; bad ones are left out and counted', { timeout: 120_000 }, async () => {
  const world = await KafkaWorld.open(broker, { partitions: 1, engine: { objects: true } });
  const cat = { class: 'cat', bbox: [0, 0, 50, 50] } as const;
  const dog = { class: 'dog', bbox: [100, 100, 50, 50], score: 0.97 } as const;
  const predicted = [{ ...cat, score: 0.9 }, dog, { ...dog, score: 2 }];
  await world.produce([{ kind: 0, jitter: 0.3, label: [cat], predicted }, { kind: 1, jitter: 0.3, label: [cat] }], () => 0);
  const worker = world.worker();
  await until('all to be taken', () => decided(worker) === 2);
  await worker.stop();
  const [events = []] = await world.decisions();
  const overlooked = events.map(({ event }) => ('sluice.Decision' in event ? event['sluice.Decision'].objects.filter(({ index }) => index === null) : []));
  expect(overlooked).toEqual([[expect.objectContaining({ class: 'dog', bbox: dog.bbox, faults: ['overlooked'] })], []]);
  expect(worker.batches.flatMap(({ faults }) => faults)).toEqual([{ seq: 0, code: 'SLUICE_E_ANNOTATION_SCORE', count: 1, causes: ['predictions: box 2: "score" is to be a number from 0 to 1'] }]);
});

describe('label events', { timeout: 120_000 }, () => {
  test('are learned when they come, amend what was decided, wait where they overtake, and the next worker goes on behind them', async () => {
    const world = await KafkaWorld.open(broker, { labels: true });
    await world.produce(specs(200), (i) => i % 2);
    const first = world.worker();
    await until('all to be decided', () => decided(first) === 200);
    await world.label(Array.from({ length: 100 }, (_, i) => ({ id: `item-${i}`, label: classOf(i), partition: i % 2 })));
    await until('the labels to be learned', () => handled(first) === 100);
    // One that is wrong, one for an item that is still to come, one again.
    await world.label([{ id: 'item-150', label: classOf(151), partition: 0 }, { id: 'item-200', label: classOf(201), partition: 0 }, { id: 'item-3', label: classOf(3), partition: 1 }]);
    await until('the others', () => handled(first) === 103);
    await first.stop();
    expect(labelled(first)).toEqual({ learned: 101, waiting: 1, repeated: 1, unused: 0 });
    const second = world.worker();
    await world.produce(specs(2), (i) => i % 2, 200);
    await until('the late ones', () => decided(second) === 2);
    await second.stop();
    expect([handled(second), first.lost, second.lost]).toEqual([0, [], []]);
    const events = (await world.decisions()).flat();
    const amends = events.filter(({ event }) => 'sluice.Amend' in event);
    expect(amends.length).toBe(101);
    expect(amends.find(({ id }) => id === 'item-150')).toMatchObject({ partition: 0, seq: 75, stream: 'default', event: { 'sluice.Amend': { review: true } } });
    const overtaken = events.find(({ id }) => id === 'item-200');
    expect(overtaken?.event).toMatchObject({ 'sluice.Decision': { review: true, label: null } });
    expect(await world.position('labels')).toEqual([52n, 51n]);
  });

  test('with boxes correct those that a sample came with, once, and whoever takes the partition over knows', async () => {
    const world = await KafkaWorld.open(broker, { partitions: 1, labels: true, engine: { objects: true, budget: 1, reveal: { when: 'all' } } });
    const box = (name: string, x: number): { class: string; bbox: [number, number, number, number] } => ({ class: name, bbox: [x, 0, 50, 50] });
    // The second box of the dog is the same drawn twice; it is no dog at all.
    await world.produce([{ kind: 0, jitter: 0.3, label: [box('cat', 0), box('dog', 100), box('dog', 100)] }, { kind: 1, jitter: 0.3, label: [box('cat', 0)] }], () => 0);
    const first = world.worker();
    await until('both to be decided', () => decided(first) === 2);
    const corrected = { id: 'item-0', label: [box('cat', 0), box('fox', 100)], partition: 0 };
    await world.label([corrected]);
    await until('the correction', () => handled(first) === 1);
    await first.stop();
    const second = world.worker();
    await world.label([corrected, { ...corrected, label: [box('cat', 0)] }]);
    await until('the same again, and another one', () => handled(second) === 2);
    await second.stop();
    expect([labelled(first), labelled(second)]).toEqual([{ learned: 1, waiting: 0, repeated: 0, unused: 0 }, { learned: 1, waiting: 0, repeated: 1, unused: 0 }]);
    const amends = (await world.decisions()).flat().filter(({ event }) => 'sluice.Amend' in event);
    expect(amends.map(({ id, seq }) => [id, seq])).toEqual([['item-0', 0], ['item-0', 0]]);
    const counted = (worker: Worker): ReadonlyMap<string, number> => {
      const rows = worker.batches.flatMap(({ changes }) => changes).filter(({ kind }) => kind === 'class').map(({ value }) => new Unpacker(value ?? new Uint8Array()));
      return new Map(rows.map((row) => [row.text(), Number(row.f64().toFixed(2))]));
    };
    // The cats of both samples and the fox by then, the dog no more; then the fox no more.
    expect(counted(first)).toEqual(new Map([['cat', 2], ['dog', 0], ['fox', 1]]));
    expect(counted(second).get('fox')).toBe(0);
  });

  test('that cannot be used are dead letters as they came, with where from and why; no item loses its seq to them', async () => {
    const world = await KafkaWorld.open(broker, { partitions: 1, labels: true });
    await world.produce(specs(10), () => 0);
    const poison = [Buffer.from('no record'), null, ...(await world.labelMessages([{ id: 'item-1', json: '{', partition: 0 }, { id: 'item-2', label: null, partition: 0 }])).map(({ value }) => value)];
    await world.send(poison.map((value, i) => ({ key: `poison-${i}`, value, partition: 0, headers: { by: 'hand' } })), 'labels');
    const worker = world.worker();
    await until('all to be taken', () => decided(worker) === 10 && handled(worker) === 4);
    await world.produce(specs(5), () => 0, 10);
    await until('the rest', () => decided(worker) === 15);
    await worker.stop();
    expect(labelled(worker).unused).toBe(4);
    const [dead = []] = await world.committed('dead');
    expect(dead.map(({ key, value }) => [key?.toString(), value])).toEqual(poison.map((value, i) => [`poison-${i}`, value]));
    const headers = dead.map((message) => Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)])));
    expect(headers[2]).toMatchObject({
      by: 'hand',
      '__connect.errors.topic': world.settings.topics.labels,
      '__connect.errors.partition': '0',
      '__connect.errors.offset': '2',
      '__connect.errors.exception.class.name': 'SLUICE_E_LABEL_INVALID',
      '__sluice.id': 'item-1',
    });
    expect(headers.map((one) => one['__connect.errors.exception.class.name'])).toEqual(['SLUICE_E_WIRE_FORMAT', 'SLUICE_E_RECORD_CORRUPT', 'SLUICE_E_LABEL_INVALID', 'SLUICE_E_LABEL_INVALID']);
    expect(headers.some((one) => '__sluice.seq' in one)).toBe(false);
    const [found = []] = await world.decisions();
    expect(found.map(({ seq }) => seq)).toEqual(found.map((_, i) => i));
  });

  test('and samples of a partition go to one worker, which writes the positions of both; the changelog says where each took effect', async () => {
    const world = await KafkaWorld.open(broker, { partitions: 4, labels: true, batch: 7 });
    const send = async (round: number): Promise<void> => {
      await Promise.all([
        world.produce(specs(80), (i) => i % 4, 80 * round),
        world.label(Array.from({ length: 80 }, (_, i) => ({ id: `item-${80 * round + i - 10}`, label: classOf(i), partition: (i + 2) % 4 }))),
      ]);
    };
    const a = world.worker();
    await send(1);
    await until('a to have all', () => a.assigned.length === 4 && decided(a) === 80 && handled(a) === 80);
    const b = world.worker();
    await until('both to have partitions', () => a.assigned.length === 2 && b.assigned.length === 2);
    await send(2);
    await until('the second round', () => decided(a, b) === 160 && handled(a, b) === 160);
    await a.stop();
    await send(3);
    await until('the third round', () => decided(a, b) === 240 && handled(a, b) === 240);
    await b.stop();
    expect([a.lost, b.lost]).toEqual([[], []]);
    for (const messages of await world.committed('changelog')) {
      const events = await eventsIn(world.codec, messages);
      expect(events.length).toBe(60);
      const after = events.map((event) => event.after);
      expect(after).toEqual([...after].sort((x, y) => x - y));
      expect(new Set(events.map(({ payload }) => unpackLabel(payload).id)).size).toBe(60);
      expect(after.at(-1)).toBeLessThan(60);
    }
  });
});

test('a labels topic that is missing, or has another number of partitions than the samples, starts nothing', { timeout: 60_000 }, async () => {
  const world = await KafkaWorld.open(broker, { partitions: 2, labels: true });
  const missing = uniqueName('no-labels');
  await expect(world.worker(undefined, { topics: { labels: missing } }).done).rejects.toMatchObject({ code: 'SLUICE_E_TOPICS', message: `There is no topic ${missing}.` });
  const other = await KafkaWorld.open(broker, { partitions: 3, labels: true });
  await expect(world.worker(undefined, { topics: { labels: other.settings.topics.labels ?? '' } }).done).rejects.toMatchObject({ code: 'SLUICE_E_TOPICS', message: expect.stringContaining('has 3 partitions') as string });
});
