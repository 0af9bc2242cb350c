import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Reservoir } from '../../../../operators/state/reservoir.ts';

const items = (count: number): { seq: number; id: string }[] => Array.from({ length: count }, (_, seq) => ({ seq, id: `item-${seq}` }));

/** Who is in it after all items came in batches, and how many there ever were at once; reopened on the way where asked. */
function through(count: number, most: number, batch: number, reopenAt = Infinity): { held: Set<number>; peak: number } {
  let reservoir = new Reservoir(most, 7);
  const held = new Set<number>();
  let peak = 0;
  const all = items(count);
  for (let at = 0; at < count; at += batch) {
    const { taken, left } = reservoir.take(all.slice(at, at + batch));
    for (const seq of left) expect(held.delete(seq)).toBe(true);
    for (const seq of taken) held.add(seq);
    peak = Math.max(peak, held.size);
    if (at >= reopenAt) reservoir = new Reservoir(most, 7, [...held].map((seq) => ({ seq, id: `item-${seq}` })));
  }
  return { held, peak };
}

test('holds the same items whatever the batches and restarts, never more than its bound', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 64 }), fc.nat({ max: 300 }), (count, most, batch, reopenAt) => {
      const one = through(count, most, 1);
      const other = through(count, most, batch, reopenAt);
      expect(other.held).toEqual(one.held);
      expect(one.held.size).toBe(Math.min(count, most));
      expect(other.peak).toBeLessThanOrEqual(most);
    }),
  );
});

test('is a fair sample: the first thousand of ten thousand items hold about a tenth of the places', () => {
  const early = [...through(10_000, 2000, 64).held].filter((seq) => seq < 1000).length;
  expect(early).toBeGreaterThan(160);
  expect(early).toBeLessThan(240);
});

test('one that held more leaves them with the next items', () => {
  const { taken, left } = new Reservoir(10, 7, items(30)).take([]);
  expect([taken.size, left.length]).toEqual([0, 20]);
});
