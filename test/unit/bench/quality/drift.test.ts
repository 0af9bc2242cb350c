import { describe, expect, test } from 'vitest';
import { turnover, windows } from '../../../../bench/quality/drift.ts';

describe('turnover', () => {
  // Classes a and b are the old half, c and d the new one; tracks of ten.
  const items = Array.from({ length: 2400 }, (_, row) => ({ row, label: 'abcd'[row % 4] ?? '' }));
  const { before, after, further, others, isNew } = turnover('mixed', items, ({ row, label }) => `${label} ${Math.floor(row / 40)}`);

  const track = ({ row, label }: { row: number; label: string | null }): string => `${label} ${Math.floor(row / 40)}`;

  test('nine in ten of the old half, then one in ten, and every item once', () => {
    for (const [part, rare] of [[before, 1], [after, 9]] as const) {
      expect(part.length).toBeGreaterThan(400);
      for (let at = 0; at + 10 <= part.length; at += 10) expect(part.slice(at, at + 10).filter(isNew).length).toBe(rare);
    }
    const rows = [...before, ...after, ...further, ...others].map(({ row }) => row);
    expect(new Set(rows).size).toBe(rows.length);
    expect(rows.length).toBeGreaterThan(2390);
  });

  test('a whole turn leaves nothing of the other half; what returns is the same', () => {
    const whole = turnover('whole', items, track);
    expect(whole.before.some(isNew)).toBe(false);
    expect(whole.after).toEqual(items.filter(isNew));
    expect([whole.further, whole.others]).toEqual([further, others]);
    const rows = [whole.before, whole.after, whole.further, whole.others].flat().map(({ row }) => row);
    expect(rows.toSorted((a, b) => a - b)).toEqual(items.map(({ row }) => row));
  });

  test('the return: a third of the pictures of each old track that was there before, then a third of the tracks of each old class, none of them there before', () => {
    expect([...further, ...others].every((item) => !isNew(item))).toBe(true);
    expect(further.filter((item) => track(item) === 'a 0').map(({ row }) => row)).toEqual([8, 20, 32]);
    expect(others.filter(({ label }) => label === 'a').length).toBe(200);
    const known = new Set([...before, ...after].map(track));
    expect(others.some((item) => known.has(track(item)))).toBe(false);
    expect(further.every((item) => known.has(track(item)))).toBe(true);
  });
});

test('windows begin with the 2,000th item', () => {
  const marked = Array.from({ length: 3000 }, (_, k) => k % 2 === 0);
  // Only what is not marked at first, then two of three marked in one window, then as many of both.
  const admitted = marked.map((mark, k) => (k < 2000 ? !mark : k < 2500 ? k % 8 < 3 : k % 4 < 2));
  expect(windows(marked, admitted)).toEqual([{ at: 2000, stream: 50, kept: (100 * 126) / 189 }, { at: 2500, stream: 50, kept: 50 }]);
});
