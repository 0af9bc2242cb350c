import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KnownIds } from '../../pipelines/stream/known-ids.ts';

/** Of a changelog record. */
const ROWS = 1000;

test('the newest ids are known, at least as many as wanted and not many more, also to whoever takes them over', () => {
  const parts = fc.array(fc.record({ count: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 3000 })), takenOver: fc.boolean() }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6000 }), parts, (most, all) => {
      const changelog = new Map<number, Uint8Array>();
      let known = new KnownIds(most);
      let total = 0;
      let oldest = 0;
      for (const { count, takenOver } of all) {
        for (const { key, value } of known.add(Array.from({ length: count }, (_, i) => `item-${total + i}`))) {
          if (value === null) expect(changelog.delete(key)).toBe(true);
          else changelog.set(key, value);
        }
        total += count;
        while (total - oldest - ROWS >= most) oldest += ROWS;
        if (takenOver) {
          known = new KnownIds(most);
          for (const [key, value] of [...changelog].sort(([a], [b]) => a - b)) known.restoreRow(key, value);
        }
        const wrong = Array.from({ length: total + 100 }, (_, i) => i).filter((i) => known.has(`item-${i}`) !== (i >= oldest && i < total));
        expect(wrong).toEqual([]);
        expect([...changelog.values()].reduce((sum, { length }) => sum + length, 0)).toBe(16 * (total - oldest));
      }
    }),
    { numRuns: 30 },
  );
});

test('who wants fewer than are in the changelog lets go of the oldest with the next records', () => {
  const many = new KnownIds(5000);
  const records = [...many.add(Array.from({ length: 4500 }, (_, i) => `item-${i}`))];
  const few = new KnownIds(1000);
  for (const { key, value } of records) few.restoreRow(key, value ?? new Uint8Array());
  expect([...few.add([])].map(({ key, value }) => [key, value])).toEqual([[0, null], [1, null], [2, null]]);
  expect([few.has('item-2999'), few.has('item-3000'), few.has('item-4499')]).toEqual([false, true, true]);
});
