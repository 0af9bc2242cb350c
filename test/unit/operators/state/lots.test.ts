import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextLot } from '../../../../operators/state/lots.ts';

const begins = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const belowRate = (begin: number, from: number, n: number, step: number, rate: number): number => {
  let below = 0;
  for (let k = 0; k < n; k++) if (nextLot({ begin, drawn: from + k * step }) < rate) below += 1;
  return below;
};

test('of any part of a row of lots the share r is below r, but for a few, wherever the row begins', () => {
  const parts = fc.record({ begin: begins, from: fc.nat(1000), n: fc.integer({ min: 1, max: 2000 }), rate: fc.double({ min: 0, max: 1, noNaN: true }) });
  fc.assert(fc.property(parts, ({ begin, from, n, rate }) => {
    // Whole strata are met but for those that were begun, and in the finest one, a 64th, lots are independent draws.
    const within = (rate * 64) % 1;
    const spread = Math.sqrt((n / 64) * within * (1 - within));
    expect(Math.abs(belowRate(begin, from, n, 1, rate) - rate * n)).toBeLessThan(4 + 5 * spread);
  }), { numRuns: 300, examples: [[{ begin: 14, from: 0, n: 876, rate: 0.004370651471617749 }]] });
});

test('who draws every so often fares as with independent draws, at the worst', () => {
  // Of 50 independent draws at 0.25, 12.5 ± 3.1 are below.
  const steps = fc.record({ begin: begins, from: fc.nat(1000), step: fc.integer({ min: 2, max: 100 }) });
  fc.assert(fc.property(steps, ({ begin, from, step }) => {
    expect(Math.abs(belowRate(begin, from, 50, step, 0.25) - 12.5)).toBeLessThan(5 * 3.1);
  }), { numRuns: 1000 });
  const spread = (rate: number, step: number): number => {
    const squares = Array.from({ length: 400 }, (_, begin) => (belowRate(begin, 0, 50, step, rate) - 50 * rate) ** 2);
    return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length) / Math.sqrt(50 * rate * (1 - rate));
  };
  for (const step of [2, 4, 8, 13, 16, 21, 32, 34, 55, 64, 89]) for (const rate of [0.25, 0.1]) expect(spread(rate, step)).toBeLessThan(1.15);
  expect(spread(0.25, 1)).toBeLessThan(0.35);
});

test('each four have one lot in each quarter, each sixteen one in each sixteenth, in another order than those before', () => {
  const orderOf = (many: number, block: number): number[] => Array.from({ length: many }, (_, i) => Math.floor(many * nextLot({ begin: 7, drawn: many * block + i })));
  for (const many of [4, 16, 64]) {
    for (const block of [0, 1]) expect(orderOf(many, block).toSorted((a, b) => a - b)).toEqual(Array.from({ length: many }, (_, i) => i));
    expect(orderOf(many, 1)).not.toEqual(orderOf(many, 0));
  }
});
