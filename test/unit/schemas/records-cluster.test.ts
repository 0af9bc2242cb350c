import { expect, test } from 'vitest';
import { toldOf, toldRecord } from '../../../schemas/records-cluster.ts';
import type { Told } from '../../../schemas/told.ts';

const told: readonly Told[] = [
  { partition: 3, cluster: 17, sketch: { decided: 40, centroid: Float32Array.of(0.5, -0.25, 1), weight: 4.5, time: 1e12, counts: [{ class: '__proto__', weight: 2 }] } },
  { partition: 3, cluster: 18, sketch: { decided: 41, centroid: Float32Array.of(1, 0, 0), weight: 1, time: null, counts: [] } },
  { partition: 0, cluster: 2, sketch: null },
  { partition: 1, standing: { time: null, decided: 99, rate: 0, eligible: 0.5, quantiles: Float32Array.of(-1, 0, 1), transfers: [{ partition: 3, given: 4, taken: 5 }], variety: null } },
  { partition: 2, standing: { time: 5, decided: 9, rate: 2, eligible: 1, quantiles: new Float32Array(), transfers: [], variety: { seen: 8, mean: Float32Array.of(0.5, 0), item: Float32Array.of(0, 1), square: 0.25 } } },
];

test.each(told)('what is told comes back from its record: %#', (news) => {
  const { key, record } = toldRecord(news);
  expect(toldOf(key, record)).toEqual(news);
});

test('each has a key of its own; a record under another key that is gone says nothing', () => {
  expect(told.map((news) => toldRecord(news).key)).toEqual(['3/17', '3/18', '0/2', '1', '2/variety']);
  for (const key of ['1', '2/variety']) expect(toldOf(key, null)).toBeNull();
});
