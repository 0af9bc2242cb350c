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
  fc.assert(fc.property(parts, ({ begin, from, n, rate }) => void expect(Math.abs(belowRate(begin, from, n, 1, rate) - rate * n)).toBeLessThan(6)));
});

test('who draws every so often fares as with independent draws, at the worst', () => {
  // Of 50 independent draws at 0.25, 12.5 ± 3.1 are below.
  const steps = fc.record({ begin: begins, from: fc.nat(1000), step: fc.integer({ min: 2, max: 100 }) });
  fc.assert(fc.property(steps, ({ begin, from, step }) => void expect(Math.abs(belowRate(begin, from, 50, step, 0.25) - 12.5)).toBeLessThan(5 * 3.1)), { numRuns: 1000 });
  for (const step of [8, 13, 21, 34, 55, 89]) {
    const squares = Array.from({ length: 400 }, (_, begin) => (belowRate(begin, 0, 50, step, 0.25) - 12.5) ** 2);
    expect(Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length)).toBeLessThan(1.2 * 3.1);
  }
});

test('each sixteen have one lot in each sixteenth, in another order than the sixteen before', () => {
  const orderOf = (block: number): number[] => Array.from({ length: 16 }, (_, i) => Math.floor(16 * nextLot({ begin: 7, drawn: 16 * block + i })));
  expect(orderOf(0).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i));
  expect(orderOf(1)).not.toEqual(orderOf(0));
});
