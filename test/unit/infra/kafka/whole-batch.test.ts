import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import '../../../../infra/kafka/kafkajs.ts';
import { wholeBatch } from '../../../../infra/kafka/whole-batch.ts';

interface Read {
  readonly messages: readonly unknown[];
  isEmptyDueToFiltering(): boolean;
  lastOffset(): string;
}

const require = createRequire(import.meta.url);
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (from: object) => Promise<{ readonly records: readonly unknown[] }>;
const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
const Batch = require('kafkajs/src/consumer/batch') as new (topic: string, from: string, data: object) => Read;

const batch = (...offsets: number[]) => ({ firstOffset: '100', lastOffsetDelta: 9, producerId: '7', records: offsets.map((offset) => ({ offset: String(offset) })) });

it('leaves a batch alone whose last record is there', () => {
  const whole = batch(103, 109);
  expect(wholeBatch(whole)).toBe(whole);
});

it.each([[[103, 105]], [[]]])('tells the end of one of which compaction has left %j', (left) => {
  const { records, ...rest } = batch(...left);
  expect(wholeBatch({ ...rest, records })).toEqual({ ...rest, records: [...records, { offset: '109', key: null, value: null, headers: {}, isControlRecord: true, batchContext: rest }] });
});

it('is what kafkajs reads batches with: an empty one moves the consumer on', async () => {
  const bytes = Buffer.alloc(61);
  bytes.writeBigInt64BE(100n, 0);
  bytes.writeInt32BE(49, 8);
  bytes.writeInt8(2, 16);
  bytes.writeInt32BE(9, 23);
  const { records } = await decodeBatch(new Decoder(bytes));
  const read = new Batch('topic', '104', { partition: 0, highWatermark: '200', abortedTransactions: [], messages: records });
  expect({ seen: read.messages, skip: read.isEmptyDueToFiltering(), last: read.lastOffset() }).toEqual({ seen: [], skip: true, last: '109' });
});
