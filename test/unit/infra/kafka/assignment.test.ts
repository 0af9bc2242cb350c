import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assignPartitions } from '../../../../infra/kafka/assignment.ts';

const members = fc.uniqueArray(fc.record({ id: fc.string({ minLength: 1, maxLength: 4 }), owned: fc.uniqueArray(fc.integer({ min: 0, max: 15 }), { maxLength: 8 }) }), { selector: ({ id }) => id, minLength: 1, maxLength: 6 });

it('gives each partition to one member, evenly, whatever the members claim and in whatever order they come', () => {
  fc.assert(
    fc.property(members, fc.integer({ min: 0, max: 16 }), (given, partitions) => {
      const assigned = assignPartitions(given, partitions);
      expect([...assigned.values()].flat().sort((a, b) => a - b)).toEqual(Array.from({ length: partitions }, (_, p) => p));
      const counts = [...assigned.values()].map(({ length }) => length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      expect(assignPartitions([...given].reverse(), partitions)).toEqual(assigned);
    }),
  );
});

it('leaves partitions where they are when a member comes or goes', () => {
  const before = assignPartitions([{ id: 'a', owned: [] }, { id: 'b', owned: [] }], 6);
  const owned = (id: string): readonly number[] => before.get(id) ?? [];
  const joined = assignPartitions([{ id: 'a', owned: owned('a') }, { id: 'b', owned: owned('b') }, { id: 'c', owned: [] }], 6);
  for (const id of ['a', 'b']) expect(joined.get(id)?.every((p) => owned(id).includes(p))).toBe(true);
  const left = assignPartitions([{ id: 'a', owned: owned('a') }], 6);
  expect(left.get('a')).toEqual([0, 1, 2, 3, 4, 5]);
});
