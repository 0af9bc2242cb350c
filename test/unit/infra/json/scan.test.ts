import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonBreak, JsonScanner, type Part } from '../../../../infra/json/scan.ts';

function scan(text: string, lists: readonly (string | null)[] = [null, 'a', 'images'], step = 7, largest = 1000): Part[] {
  const scanner = new JsonScanner(lists, largest);
  const bytes = Buffer.from(text);
  const parts: Part[] = [];
  for (let i = 0; i < bytes.length; i += step) parts.push(...scanner.push(Buffer.from(bytes.subarray(i, i + step))));
  return [...parts, ...scanner.end()];
}

function shown(parts: readonly Part[]): unknown {
  return parts.map((part) => (part.kind === 'list' ? ['list', part.key] : [part.kind, part.key, part.at, part.bytes.toString()]));
}

describe('parts', () => {
  test('members whole, and lists that were asked for element by element, in pieces of any size', () => {
    const text = '\ufeff { "x": {"a":[1]}, "a":[ 1 ,"]\\"", {"b":[{}]} ,null], "\\u0061":[], "y":-1.5e3 } \n';
    const at = (part: string): number => Buffer.from(text).indexOf(part);
    const expected = [['member', 'x', at('{"a"'), '{"a":[1]}'], ['list', 'a'], ['element', 'a', at('1 ,'), '1'], ['element', 'a', at('"]\\"'), '"]\\""'], ['element', 'a', at('{"b"'), '{"b":[{}]}'], ['element', 'a', at('null'), 'null'], ['list', 'a'], ['member', 'y', at('-1.5'), '-1.5e3']];
    for (const step of [1, 2, 3, 7, 1000]) {
      // The mark at the beginning comes in the first piece or not at all.
      const parts = step < 3 ? scan(text.slice(1), undefined, step).map((part) => ('at' in part ? { ...part, at: part.at + 3 } : part)) : scan(text, undefined, step);
      expect(shown(parts)).toEqual(expected);
    }
  });

  test('a list at the top, and what is neither', () => {
    expect(shown(scan('[7,[8]]'))).toEqual([['list', null], ['element', null, 1, '7'], ['element', null, 3, '[8]']]);
    expect(shown(scan(' 12 '))).toEqual([['member', null, 1, '12']]);
    expect(shown(scan('12'))).toEqual([['member', null, 0, '12']]);
    expect(shown(scan('[1]', ['a']))).toEqual([['member', null, 0, '[1]']]);
    expect(shown(scan('{}'))).toEqual([]);
  });

  test('of any JSON are those that JSON.parse finds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(fc.constant('a'), fc.string()), fc.jsonValue()), fc.integer({ min: 1, max: 50 }), fc.constantFrom(0, 2), (value, step, indent) => {
        const found: Record<string, unknown> = {};
        const text = JSON.stringify(value, null, indent);
        for (const part of scan(text, ['a'], step, 1e6)) {
          if (part.key === null) throw new Error('a part has no key');
          const set = (inner: unknown): void => void Object.defineProperty(found, part.key ?? '', { value: inner, enumerable: true, configurable: true });
          if (part.kind === 'list') set([]);
          else if (part.kind === 'element') (found[part.key] as unknown[]).push(JSON.parse(part.bytes.toString()));
          else set(JSON.parse(part.bytes.toString()));
          if (part.kind !== 'list') expect(Buffer.from(text).subarray(part.at, part.at + part.bytes.length).equals(part.bytes)).toBe(true);
        }
        expect(JSON.stringify(found)).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });
});

test.each([
  ['', 0], ['{', 1], ['{"a"', 4], ['{"a" 1', 5], ['{"a":}', 5], ['{"a":[1', 7], ['{"a":[1 2]', 8], ['{"a":[,', 6], ['{"a":1,}', 7], ['{"a":1}x', 7], ['[1]]', 3], ['{"a":"', 6], ['{"a":{"b":[', 11], ['{1:2}', 1], ['{"\\x":1}', 1], ['{"a":1 "b":2}', 7],
])('%j is none from byte %i on', (text, offset) => {
  const broken = (): unknown => {
    try {
      return scan(text);
    } catch (thrown) {
      return thrown instanceof JsonBreak ? thrown.offset : thrown;
    }
  };
  expect(broken()).toBe(offset);
});

test('a value that is larger than may be held ends it', () => {
  expect(() => scan(`{"x":"${'y'.repeat(2000)}"}`)).toThrow('a value of at most 1000 bytes');
});
