import fc from 'fast-check';
import { expect, test } from 'vitest';
import { member, slices, withMembers } from '../../../../infra/json/slices.ts';

test('the parts of any JSON text are those a parser finds', () => {
  fc.assert(
    fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue())), fc.constantFrom(undefined, 1, '\t', '  '), (value, space) => {
      const text = JSON.stringify(value, null, space);
      const found = [...slices(text)].map(({ key, from, to }) => [key, JSON.parse(text.slice(from, to)) as unknown]);
      const wanted = Array.isArray(value) ? value.map((element) => [null, element]) : Object.entries(value);
      expect(found).toEqual(JSON.parse(JSON.stringify(wanted)));
    }),
    { numRuns: 500 },
  );
});

test('brackets, quotes and colons in strings are no structure', () => {
  const text = ' { "a}" : "]\\"{,:" , "b\\u0041" : [ "}" , -1.50e+3 , {"x":[]} ] ,"":null} ';
  expect([...slices(text)].map(({ key, from, to }) => [key, text.slice(from, to)])).toEqual([['a}', '"]\\"{,:"'], ['bA', '[ "}" , -1.50e+3 , {"x":[]} ]'], ['', 'null']]);
});

test('values are cut out as they are spelled; of a key that comes twice, the last', () => {
  expect(member('{"a": 33.0, "b": 12345678901234567890, "a": 1.50}', 'a')).toBe('1.50');
  expect(member('{"a": 33.0}', 'b')).toBeNull();
});

test('members are replaced, the others keep their spelling', () => {
  expect(JSON.parse(withMembers('{"id": 1, "area": 33.0, "toString": 2}', { id: 5, image_id: 'x' }))).toEqual({ id: 5, image_id: 'x', area: 33, toString: 2 });
  expect(withMembers('{"id": 1, "area": 33.0}', { id: 5 })).toContain('"area":33.0');
});
