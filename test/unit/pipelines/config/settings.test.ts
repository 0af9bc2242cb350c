import { describe, expect, test } from 'vitest';
import { allOrFaults, readBudget, readObjects, readOneOf, readReveal, readWhole } from '../../../../pipelines/config/settings.ts';
import { rateText } from '../../../../pipelines/config/units.ts';
import { SluiceError } from '../../../../schemas/errors.ts';

function faultOf(work: () => unknown): { code: string; message: string } | null {
  try {
    work();
    return null;
  } catch (thrown) {
    if (!(thrown instanceof SluiceError)) throw thrown;
    return { code: thrown.code, message: thrown.message };
  }
}

describe('readBudget', () => {
  test.for([['0.25', 0.25], ['1', 1], ['.5', 0.5], ['0.001', 0.001], ['25%', 0.25], ['100 %', 1]] as const)('%s', ([text, share]) => {
    expect(readBudget(text)).toBe(share);
  });

  test.for(['0', '1.01', '-0.1', '', '0%', '101%', '%', '1/4', '0,25', 'NaN', 'Infinity', '1e-1', '0x1', ' 0.5', '5/week', '/day', '0/hour', '1/hour '])('no share: %j', (text) => {
    expect(faultOf(() => readBudget(text))).toEqual({ code: 'SLUICE_E_CONFIG_INVALID', message: `--budget must be a share above 0 and up to 1, such as 0.25 or 25%, or so many per minute, hour or day, such as 100/hour, not "${text}"` });
  });

  test.for([['5/minute', 5, 60], ['1000/hour', 1000, 3600], ['2.5/day', 2.5, 86_400]] as const)('per time: %s', ([text, items, seconds]) => {
    expect(readBudget(text)).toEqual({ items, seconds });
    expect(rateText({ items, seconds })).toBe(text);
  });
});

describe('readReveal', () => {
  test('all, never, or a number of items after an admitted one', () => {
    expect(readReveal('all')).toEqual({ when: 'all' });
    expect(readReveal('never')).toEqual({ when: 'never' });
    expect(readReveal('admitted:1')).toEqual({ when: 'admitted', after: 1 });
    expect(readReveal('admitted:2000')).toEqual({ when: 'admitted', after: 2000 });
  });

  test.for(['', 'ALL', 'admitted', 'admitted:', 'admitted:0', 'admitted:-1', 'admitted:1.5', 'admitted:x', 'admitted:1 ', 'sometimes'])('not %j', (text) => {
    expect(faultOf(() => readReveal(text))).toEqual({ code: 'SLUICE_E_CONFIG_INVALID', message: `--reveal must be all, never or admitted:<n> with n at least 1, not "${text}"` });
  });
});

describe('readObjects', () => {
  test.for([['auto', 32], ['off', 0], ['1', 1], ['256', 256]] as const)('%s', ([text, objects]) => {
    expect(readObjects(text)).toBe(objects);
  });

  test.for(['', 'on', '0', '-1', '257', '1.5', '1e1', ' 1', '1000'])('not %j', (text) => {
    expect(faultOf(() => readObjects(text))).toEqual({ code: 'SLUICE_E_CONFIG_INVALID', message: `--objects must be auto, off or a whole number from 1 to 256, not "${text}"` });
  });
});

describe('readWhole', () => {
  test('within its bounds, both of them too', () => {
    expect(['0', '7', '64'].map((text) => readWhole('--n', text, 0, 64))).toEqual([0, 7, 64]);
    expect(readWhole('--n', '-3', -5, 5)).toBe(-3);
  });

  test.for(['-1', '65', '1.5', '1e1', '', ' 1', '0x10', 'ten', '99999999999999999999'])('not %j', (text) => {
    expect(faultOf(() => readWhole('--n', text, 0, 64))).toEqual({ code: 'SLUICE_E_CONFIG_INVALID', message: `--n must be a whole number from 0 to 64, not "${text}"` });
  });
});

test('readOneOf takes one of its words', () => {
  expect(readOneOf('--fit', 'crop', ['crop', 'squash'])).toBe('crop');
  expect(faultOf(() => readOneOf('--fit', 'Crop', ['crop', 'squash']))).toEqual({ code: 'SLUICE_E_CONFIG_INVALID', message: '--fit must be one of crop, squash, not "Crop"' });
});

describe('allOrFaults', () => {
  const fail = (code: 'SLUICE_E_CONFIG_INVALID' | 'SLUICE_E_UNSUPPORTED', message: string) => (): number => {
    throw new SluiceError(code, message);
  };

  test('gives all values, or one error with every fault in order', () => {
    expect(allOrFaults({ a: () => 1, b: () => 'x' })).toEqual({ a: 1, b: 'x' });
    expect(faultOf(() => allOrFaults({ a: fail('SLUICE_E_CONFIG_INVALID', 'one'), b: () => 2, c: fail('SLUICE_E_CONFIG_INVALID', 'two\nthree') }))).toEqual({ code: 'SLUICE_E_CONFIG_INVALID', message: 'one\ntwo\nthree' });
  });

  test('faults of several kinds together are faults of the configuration', () => {
    expect(faultOf(() => allOrFaults({ a: fail('SLUICE_E_UNSUPPORTED', 'one') }))).toMatchObject({ code: 'SLUICE_E_UNSUPPORTED' });
    expect(faultOf(() => allOrFaults({ a: fail('SLUICE_E_UNSUPPORTED', 'one'), b: fail('SLUICE_E_CONFIG_INVALID', 'two') }))).toEqual({ code: 'SLUICE_E_CONFIG_INVALID', message: 'one\ntwo' });
  });

  test('what is no fault of the configuration is thrown at once', () => {
    expect(() => allOrFaults({ a: () => { throw new TypeError('broken'); } })).toThrow(TypeError);
  });
});
