import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findJsonFault } from '../../../../infra/sources/json-fault.ts';

describe('findJsonFault', () => {
  test.each([
    ['{"a":1,}', 7, 'a name in double quotes'],
    ['{"a" 1}', 5, 'a colon'],
    ['{a:1}', 1, 'a name in double quotes'],
    ['{"a":tru}', 5, 'a value'],
    ['[1 2]', 3, 'a comma or "]"'],
    ['{"a":1 "b":2}', 7, 'a comma or "}"'],
    ['[1,]', 3, 'a value'],
    ['[1', 2, 'a comma or "]"'],
    ['{"a":[{"b":1}', 13, 'a comma or "]"'],
    ['', 0, 'a value'],
    ['  ', 2, 'a value'],
    ['1 2', 2, 'the end of the file'],
    ['{}}', 2, 'the end of the file'],
    ['[01]', 2, 'a comma or "]"'],
    ['[NaN, Infinity, -Infinity, nan]', 27, 'a value'],
    ['[-NaN]', 1, 'a value'],
    ["['a']", 1, 'a value'],
    ['"a\nb"', 2, 'a double quote at the end of the text (a line break in it is written \\n)'],
    ['["C:\\data"]', 4, 'an escape such as \\n or \\u00e9 (a backslash is written twice)'],
    ['"abc', 4, 'a double quote at the end of the text (a line break in it is written \\n)'],
  ])('%j', (text, index, expected) => expect(findJsonFault(text)).toStrictEqual({ index, expected }));

  test('finds a fault exactly where JSON.parse refuses', () => {
    const edited = fc.tuple(fc.json(), fc.nat(), fc.nat({ max: 3 }), fc.string({ unit: fc.constantFrom(...'{}[]",:\\ 01-.eEtrufn\n\u00a0'), maxLength: 3 })).map(([json, at, cut, put]) => {
      const place = at % (json.length + 1);
      return json.slice(0, place) + put + json.slice(place + cut);
    });
    let [good, bad] = [0, 0];
    fc.assert(
      fc.property(fc.oneof(edited, fc.string({ unit: fc.constantFrom(...'{}[]",:\\ 01-.e') })), (text) => {
        let parsed = true;
        try {
          JSON.parse(text);
        } catch {
          parsed = false;
        }
        if (parsed) good += 1;
        else bad += 1;
        const fault = findJsonFault(text);
        expect(fault === null).toBe(parsed);
        if (fault !== null) expect(fault.index).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(good, bad)).toBeGreaterThan(100);
  });

  test('neither depth nor length overflows anything', () => {
    expect(findJsonFault('['.repeat(2_000_000))?.index).toBe(2_000_000);
    expect(findJsonFault(`"${'\\n'.repeat(5_000_000)}`)?.index).toBe(10_000_001);
    expect(findJsonFault(`[${' '.repeat(10_000_000)}x`)?.index).toBe(10_000_001);
    expect(findJsonFault(`[${'1'.repeat(10_000_000)}x`)?.index).toBe(10_000_001);
  });
});
