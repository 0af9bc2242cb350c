import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { crc32c } from '../../../../infra/kafka/crc32c.ts';
import { isPlain, produceBody, withHeader, type Produced } from '../../../../infra/kafka/produce-request.ts';

interface Request {
  readonly apiKey: number;
  readonly apiVersion: number;
  encode(): Promise<{ readonly buffer: Buffer }>;
}

// As it is delivered: what mends it is not loaded here.
const require = createRequire(import.meta.url);
const theirs = require('kafkajs/src/protocol/requests/produce/v3/request') as (produced: Produced) => Request;
const framed = require('kafkajs/src/protocol/request') as (call: { correlationId: number; clientId: string | null; request: Request }) => Promise<{ readonly buffer: Buffer }>;

const bytes = fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.nat(40_000).map((length) => new Uint8Array(length).fill(length))).map((value) => Buffer.from(value));
const value = fc.oneof(bytes, fc.string({ unit: 'grapheme' }), fc.constant(null));
const header = fc.oneof(bytes, fc.string(), fc.array(bytes, { maxLength: 3 }));
const message = fc.record({ key: value, value, headers: fc.dictionary(fc.string({ unit: 'grapheme' }), header, { maxKeys: 3, noNullPrototype: true }) }, { requiredKeys: ['value'] });
const partition = fc.record({ partition: fc.nat(1000), firstSequence: fc.nat(2 ** 31 - 1), messages: fc.array(message, { minLength: 1, maxLength: 5 }) });
const produced = fc.record({
  acks: fc.constantFrom(-1, 1),
  timeout: fc.nat(),
  transactionalId: fc.oneof(fc.constant(null), fc.string({ minLength: 1 })),
  producerId: fc.oneof(fc.constant('-1'), fc.nat().map(String)),
  producerEpoch: fc.nat(32_767),
  compression: fc.constant(0),
  topicData: fc.array(fc.record({ topic: fc.string(), partitions: fc.array(partition, { minLength: 1, maxLength: 3 }) }), { maxLength: 3 }),
});

it('writes the bytes that kafkajs would', async () => {
  const now = 1_764_000_000_123;
  const clock = vi.spyOn(Date, 'now').mockReturnValue(now);
  try {
    await fc.assert(
      fc.asyncProperty(produced, fc.nat(), async (request, correlationId) => {
        const wanted = theirs(request);
        const body = produceBody(request, now);
        expect(body.equals((await wanted.encode()).buffer)).toBe(true);
        const whole = await framed({ correlationId, clientId: 'sluice', request: wanted });
        expect(withHeader({ ...wanted, correlationId, clientId: 'sluice' }, body).equals(whole.buffer)).toBe(true);
      }),
      { numRuns: 200 },
    );
  } finally {
    clock.mockRestore();
  }
});

it('leaves to kafkajs what is compressed or has times of its own', () => {
  const one = { acks: -1, timeout: 1, topicData: [{ topic: 't', partitions: [{ partition: 0, messages: [{ value: null }] }] }] };
  expect(isPlain(one)).toBe(true);
  expect(isPlain({ ...one, compression: 1 })).toBe(false);
  expect(isPlain({ ...one, topicData: [{ topic: 't', partitions: [{ partition: 0, messages: [{ value: null, timestamp: '5' }] }] }] })).toBe(false);
});

it('has the checksum of RFC 3720, B.4', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(Uint8Array.from({ length: 33 }, (_, i) => i - 1), 1)).toBe(0x46dd794e);
});
