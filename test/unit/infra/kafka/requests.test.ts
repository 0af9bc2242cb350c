import fc from 'fast-check';
import { expect, it } from 'vitest';
import { requests, type Outgoing } from '../../../../infra/kafka/partition-log.ts';

const record = fc.record({ topic: fc.constantFrom('a', 'b', 'c'), size: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 100_000, max: 700_000 })), tombstone: fc.boolean() });

it('keeps the order of each topic, loses nothing, and stays below a megabyte but for single records', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 40 }), (specs) => {
      const records = specs.map(({ topic, size, tombstone }, i): Outgoing => ({ topic, key: `${i}`, value: tombstone ? null : Buffer.alloc(size) }));
      const sent = requests(records, 3);
      for (const topic of ['a', 'b', 'c']) {
        const of = sent.map((request) => request.find((one) => one.topic === topic)?.messages ?? []);
        expect(of.flat().map(({ key }) => key)).toEqual(records.filter((one) => one.topic === topic).map(({ key }) => key));
        for (const messages of of) {
          const bytes = messages.reduce((sum, { value }) => sum + (value as Buffer | null ?? '').length, 0);
          expect(messages.length <= 1 || bytes <= 512 * 1024).toBe(true);
        }
      }
      for (const { partition } of sent.flat().flatMap(({ messages }) => messages)) expect(partition).toBe(3);
    }),
    { numRuns: 100 },
  );
});

it('sends small records of several topics in one request', () => {
  const records = ['a', 'b', 'a', 'c'].map((topic): Outgoing => ({ topic, key: 'key', value: Buffer.alloc(100), headers: { why: 'because' } }));
  expect(requests(records, 0)).toHaveLength(1);
});
