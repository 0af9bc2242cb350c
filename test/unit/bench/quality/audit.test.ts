import { expect, test } from 'vitest';
import { meanShown } from '../../../../bench/quality/audit.ts';

test('an order without a figure is left out of the mean, and where none has one there is a dash', () => {
  expect(meanShown([0.5, NaN, 0.7])).toBe('0.6000');
  expect(meanShown([NaN, NaN])).toBe('-');
});
