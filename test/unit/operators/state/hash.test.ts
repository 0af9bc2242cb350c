import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextLot, unit } from '../../../../operators/state/hash.ts';

test('of any part of a row of lots the share r is below r, but for a few, wherever the row begins', () => {
  const parts = fc.record({ first: fc.integer({ min: 0, max: 2 ** 32 - 1 }), n: fc.integer({ min: 1, max: 2000 }), rate: fc.double({ min: 0, max: 1, noNaN: true }) });
  fc.assert(
    fc.property(parts, ({ first, n, rate }) => {
      let below = 0;
      for (let k = 0, lot = first; k < n; k++, lot = nextLot(lot)) if (unit(lot) < rate) below += 1;
      expect(Math.abs(below - rate * n)).toBeLessThan(3);
    }),
  );
});

test('a lot is 32 bits, and its draw between 0 and 1 and neither', () => {
  expect(nextLot(2 ** 32 - 1)).toBe(0x9e3779b8);
  for (const lot of [0, 2 ** 32 - 1]) expect(unit(lot) > 0 && unit(lot) < 1).toBe(true);
});
