import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inOrder, listedSource } from '../../../../infra/sources/listed.ts';
import { drain, idsOf } from './fixtures.ts';

test('inOrder keeps the order whatever ends first, and never has more than 32 steps under way', async () => {
  let [running, most] = [0, 0];
  const results = await inOrder(Array.from({ length: 200 }, (_, i) => i), async (i) => {
    most = Math.max(most, (running += 1));
    await new Promise((done) => setTimeout(done, (i * 7) % 5));
    running -= 1;
    return i * 2;
  });
  expect(results).toStrictEqual(Array.from({ length: 200 }, (_, i) => i * 2));
  expect(most).toBe(32);
});

test('a list comes out whole, in order and once, whatever the limit; entries are made when they are asked for', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 100 }), fc.integer({ min: 1, max: 120 }), async (count, limit) => {
      const made: number[] = [];
      const entry = async (i: number): Promise<{ sample: { id: string; uri: string; stream: string; time: null; label: null; origin: null } }> => {
        made.push(i);
        return { sample: { id: `${i}`, uri: '', stream: '', time: null, label: null, origin: null } };
      };
      const source = listedSource({ identity: 'x', fit: 'crop', header: null, count, entry, warnings: [] });
      expect(made).toStrictEqual([]);
      const first = await source.next(limit);
      expect(made).toHaveLength(Math.min(limit, count));
      const rest = await drain({ ...source, total: count - first.length }, limit);
      expect(idsOf([...first, ...rest])).toStrictEqual(Array.from({ length: count }, (_, i) => `${i}`));
      expect(await source.next(limit)).toStrictEqual([]);
    }),
  );
});
