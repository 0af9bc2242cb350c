import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { committedOnly, type FetchedRecord } from '../../../../infra/kafka/committed-only.ts';
import '../../../../infra/kafka/kafkajs.ts';

const ABORT = Buffer.from([0, 0, 0, 0]);
const COMMIT = Buffer.from([0, 0, 0, 1]);
const data = (offset: number, producerId: string, key: Buffer | null = null): FetchedRecord => ({ offset: String(offset), key, isControlRecord: false, batchContext: { producerId, inTransaction: producerId !== '-1' } });
const end = (offset: number, producerId: string, key: Buffer): FetchedRecord => ({ ...data(offset, producerId, key), isControlRecord: true });
const aborted = (...given: [producerId: string, firstOffset: number][]) => given.map(([producerId, firstOffset]) => ({ producerId, firstOffset: String(firstOffset) }));
const seen = (messages: readonly FetchedRecord[], abortedTransactions: ReturnType<typeof aborted>): string[] =>
  committedOnly({ messages, abortedTransactions }).filter(({ isControlRecord }) => !isControlRecord).map(({ offset }) => offset);

describe('committedOnly', () => {
  it('leaves out what was aborted, and that alone', () => {
    const messages = [data(0, '1'), data(1, '2'), data(2, '-1'), end(3, '1', ABORT), end(4, '2', COMMIT), data(5, '1'), end(6, '1', COMMIT)];
    expect(seen(messages, aborted(['1', 0]))).toEqual(['1', '2', '5']);
  });

  it('enters every transaction that begins before a record, not only the first', () => {
    const messages = [data(10, '-1'), data(11, '1'), data(12, '2'), data(13, '3'), end(14, '1', ABORT), end(15, '2', ABORT), end(16, '3', ABORT)];
    expect(seen(messages, aborted(['1', 3], ['2', 4], ['3', 5]))).toEqual(['10']);
  });

  it('takes the transactions in any order', () => {
    expect(seen([data(4, '2'), data(5, '1'), end(6, '2', ABORT), data(7, '2')], aborted(['1', 5], ['2', 4]))).toEqual(['7']);
  });

  it('does not take data for the end of a transaction', () => {
    expect(seen([data(0, '1', ABORT), data(1, '1'), end(2, '1', ABORT), data(3, '1', ABORT)], aborted(['1', 0]))).toEqual(['3']);
  });

  it('begins again with the next transaction of the same producer', () => {
    expect(seen([data(0, '1'), end(1, '1', ABORT), data(2, '1'), end(3, '1', COMMIT), data(4, '1'), end(5, '1', ABORT)], aborted(['1', 0], ['1', 4]))).toEqual(['2']);
  });

  it('is what the batches of kafkajs are made with', () => {
    const Batch = createRequire(import.meta.url)('kafkajs/src/consumer/batch') as new (topic: string, offset: string, data: unknown) => { readonly messages: readonly FetchedRecord[] };
    const messages = [data(8, '1'), data(9, '2'), end(10, '1', ABORT), end(11, '2', ABORT)];
    expect(new Batch('samples', '8', { partition: 0, highWatermark: '12', messages, abortedTransactions: aborted(['1', 1], ['2', 2]) }).messages).toEqual([]);
  });
});
