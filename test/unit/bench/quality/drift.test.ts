import { expect, test } from 'vitest';
import { turnover, worstWindow } from '../../../../bench/quality/drift.ts';

test('one half of the classes, the other, and the first again under other ids', () => {
  const { old, fresh, again } = turnover(['c', 'a', 'd', 'b', 'a'].map((label, row) => ({ row, label })));
  expect(old.map(({ row }) => row)).toEqual([1, 3, 4]);
  expect(fresh.map(({ row }) => row)).toEqual([0, 2]);
  expect(again.map(({ row, id }) => [row, id])).toEqual([[1, 'again 1'], [3, 'again 3'], [4, 'again 4']]);
});

test('the worst window counts from the 2,000th item on', () => {
  const marked = Array.from({ length: 3000 }, (_, k) => k % 2 === 0);
  // Only what is not marked at first, then two of three marked in one window, then as many of both.
  const admitted = marked.map((mark, k) => (k < 2000 ? !mark : k < 2500 ? k % 8 < 3 : k % 4 < 2));
  expect(worstWindow(marked, admitted)).toBeCloseTo(100 * (126 / 189 - 0.5), 6);
});
