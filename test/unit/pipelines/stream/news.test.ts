import type { KafkaMessage } from 'kafkajs';
import { expect, test } from 'vitest';
import { News } from '../../../../pipelines/stream/news.ts';
import { SluiceError } from '../../../../schemas/errors.ts';
import { toldRecord } from '../../../../schemas/records-cluster.ts';
import type { ClusterRecord } from '../../../../schemas/records.ts';
import type { Told } from '../../../../schemas/told.ts';

const sketch = (partition: number, cluster: number, weight = 1, classes = 0): Told => ({ partition, cluster, sketch: { decided: 9, centroid: Float32Array.of(1, 0), weight, time: null, counts: Array.from({ length: classes }, (_, i) => ({ class: `class ${i}`, weight: 1 })) } });
const gone = (partition: number, cluster: number): Told => ({ partition, cluster, sketch: null });

/** As in a topic; records stand as JSON, their bytes as base64. */
function message(told: Told, offset: number): KafkaMessage {
  const { key, record } = toldRecord(told);
  const value = record === null ? null : Buffer.from(JSON.stringify(record));
  return { key: Buffer.from(key), value, offset: String(offset), timestamp: '0', attributes: 0, headers: {} };
}

function read(value: Buffer): ClusterRecord {
  try {
    return JSON.parse(value.toString(), (_, field: unknown) => (typeof field === 'object' && field !== null && 'type' in field && field.type === 'Buffer' && 'data' in field ? Buffer.from(field.data as number[]) : field)) as ClusterRecord;
  } catch {
    throw new SluiceError('SLUICE_E_RECORD_CORRUPT', 'no record');
  }
}

async function take(news: News, partition: number, told: readonly (readonly [offset: number, Told])[]): Promise<readonly string[]> {
  const unread: string[] = [];
  await news.take(partition, told.map(([offset, one]) => message(one, offset)), read, (offset, { code }) => unread.push(`${offset} ${code}`));
  return unread;
}

test('the newest of each key is handed out once, in the order in which it came, and nobody hears of itself', async () => {
  const news = new News();
  await take(news, 1, [[0, sketch(1, 5)], [1, sketch(1, 6)], [4, sketch(1, 5, 2)]]);
  await take(news, 2, [[0, sketch(2, 5)], [1, gone(2, 9)]]);
  const first = news.since(new Map(), 0);
  expect(first.told).toEqual([sketch(1, 6), sketch(1, 5, 2), sketch(2, 5), gone(2, 9)]);
  expect(first.heard).toEqual(new Map([[1, 4], [2, 1]]));
  expect(news.since(first.heard, 0).told).toEqual([]);
  expect(news.since(new Map([[1, 1]]), 2).told).toEqual([sketch(1, 5, 2)]);
  await take(news, 1, [[7, gone(1, 6)]]);
  expect(news.since(first.heard, 0)).toEqual({ told: [gone(1, 6)], heard: new Map([[1, 7]]) });
});

test('a standing that says nothing of variety leaves what was said of it before to be heard', async () => {
  const standing = (decided: number, varied: boolean): Told => {
    const variety = varied ? { seen: decided, mean: Float32Array.of(0, 0), item: Float32Array.of(1, 0), square: 0.5 } : null;
    return { partition: 1, standing: { time: null, decided, rate: 0, eligible: 1, quantiles: new Float32Array(), transfers: [], variety } };
  };
  const news = new News();
  await take(news, 1, [[0, standing(10, true)], [1, standing(20, false)], [2, standing(30, true)], [3, standing(40, false)], [4, standing(50, false)]]);
  const decided = news.since(new Map(), 0).told.map((one) => 'standing' in one && [one.standing.decided, one.standing.variety?.seen]);
  expect(decided).toEqual([[30, 30], [50, undefined]]);
});

test('so much at once as fits into a record of the log; the rest later', async () => {
  const news = new News();
  const many = Array.from({ length: 30 }, (_, i) => [i, sketch(1, i, 1, 800)] as const);
  await take(news, 1, many);
  let heard: ReadonlyMap<number, number> = new Map();
  const counts: number[] = [];
  const clusters: number[] = [];
  for (;;) {
    const next = news.since(heard, 0);
    if (next.told.length === 0) break;
    counts.push(next.told.length);
    clusters.push(...next.told.map((one) => ('cluster' in one ? one.cluster : NaN)));
    heard = new Map([...heard, ...next.heard]);
  }
  expect(clusters).toEqual(many.map(([i]) => i));
  expect(counts.length).toBeGreaterThan(2);
});

test('what cannot be understood, or speaks for another partition, is left out and said', async () => {
  const news = new News();
  const bad = { ...message(sketch(1, 1), 3), value: Buffer.from('{') };
  const unread: string[] = [];
  await news.take(1, [message(sketch(2, 1), 2), bad, message(sketch(1, 2), 4)], read, (offset, { code }) => unread.push(`${offset} ${code}`));
  expect(unread).toEqual(['2 SLUICE_E_RECORD_CORRUPT', '3 SLUICE_E_RECORD_CORRUPT']);
  expect(news.since(new Map(), 0).told).toEqual([sketch(1, 2)]);
  const failing = news.take(1, [message(sketch(1, 3), 5)], () => { throw new SluiceError('SLUICE_E_REGISTRY_UNAVAILABLE', 'away'); }, () => {});
  await expect(failing).rejects.toMatchObject({ code: 'SLUICE_E_REGISTRY_UNAVAILABLE' });
  await take(news, 1, [[5, sketch(1, 3)]]);
  expect(news.since(new Map([[1, 4]]), 0).told).toEqual([sketch(1, 3)]);
});

test('of what is gone the last ten thousand are held', async () => {
  const news = new News();
  await take(news, 1, Array.from({ length: 10_050 }, (_, i) => [i, gone(1, i)] as const));
  const { told } = news.since(new Map(), 0);
  expect(told.length).toBe(10_000);
  expect(told[0]).toEqual(gone(1, 50));
});
