import { expect, test } from 'vitest';
import { scarcest } from '../../../../bench/quality/rare.ts';

const groups = [...Array<string>(14).fill('often'), 'b', 'a', 'a', 'c', 'c', 'c'];

test('the smallest groups, until they make the part', () => {
  expect([...scarcest(groups, 0.3)].sort((a, b) => a - b)).toEqual([14, 15, 16, 17, 18, 19]);
});

test('a group that would go over the part is left out', () => {
  expect([...scarcest(groups, 0.2)].sort((a, b) => a - b)).toEqual([14, 15, 16]);
});
