import { describe, expect, test } from 'vitest';
import { duration, rate, size } from '../../../../pipelines/config/units.ts';

describe('a duration is a number with its unit, read as milliseconds', () => {
  const spec = duration('100ms', '2d');

  test.for([['100ms', 100], ['30s', 30_000], ['1.5m', 90_000], ['2 h', 7_200_000], ['2d', 172_800_000], ['0.5s', 500]] as const)('%s', ([text, value]) => {
    expect(spec.parse(text)).toBe(value);
  });

  test.for(['30', 30, '', 's', '30sec', '-1s', '1e3s', '1,5s', '1s2s', ' 30s', '30  s', 'NaNs', '30S', null, true, ['30s']])('not %j', (value) => {
    expect(spec.safeParse(value).success).toBe(false);
  });

  test('has its bounds', () => {
    expect(spec.safeParse('99ms').error?.issues[0]?.message).toBe('expected from 100ms to 2d');
    expect(spec.safeParse('49h').error?.issues[0]?.message).toBe('expected from 100ms to 2d');
  });
});

test('a size is one with a unit of bytes, of 1000 or of 1024', () => {
  const spec = size('1B', '2GiB');
  expect(['1B', '1kB', '1KB', '10MB', '1.5GB', '1KiB', '1MiB', '2 GiB'].map((text) => spec.parse(text))).toEqual([1, 1000, 1000, 1e7, 1.5e9, 1024, 1_048_576, 2_147_483_648]);
  for (const value of ['10', 10, '10mb', '10M', '10TB', '3GiB', '0B']) expect(spec.safeParse(value).success, String(value)).toBe(false);
});

test('a rate is items per time', () => {
  expect(['100/hour', '2.5/day', '7/minute'].map((text) => rate().parse(text))).toEqual([{ items: 100, seconds: 3600 }, { items: 2.5, seconds: 86_400 }, { items: 7, seconds: 60 }]);
  for (const value of ['100', 100, '100/h', '0/hour', '-1/hour', '/day', '5/week']) expect(rate().safeParse(value).success, String(value)).toBe(false);
});
