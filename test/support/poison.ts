/** Messages for the samples topic that nobody can decide, each of its own kind, and the code its dead letter is to have. */
import { vectorBytes } from '../../schemas/records-vector.ts';
import type { SampleRecord } from '../../schemas/records.ts';
import type { ErrorCode } from '../../schemas/errors.ts';
import { D, embeddingOf } from './streams.ts';

export interface Poison {
  readonly kind: string;
  readonly value: Buffer | null;
  readonly code: ErrorCode;
}

/** Bytes of the frame before the record. */
const FRAME = 10;

/** @param encode of the samples topic. @param id of those whose id can be read */
export function poison(encode: (record: SampleRecord) => Buffer, id: string): readonly Poison[] {
  const vector = embeddingOf(1, 0, { kind: 0, jitter: 0.4 });
  const good: SampleRecord = { id, stream: 'default', time: null, image: null, label: null, predictions: null, embedding: vectorBytes(vector), origin: null };
  const whole = encode(good);
  const head = whole.subarray(0, FRAME);
  const varied = (part: Partial<SampleRecord>): Buffer => encode({ ...good, ...part });
  const embedding = (numbers: Iterable<number>): Buffer => varied({ embedding: vectorBytes(Float32Array.from(numbers)) });
  const body = (...bytes: readonly number[]): Buffer => Buffer.concat([head, Buffer.from(bytes)]);
  const broken = (kind: string, value: Buffer | null): Poison => ({ kind, value, code: 'SLUICE_E_RECORD_CORRUPT' });
  const unframed = (kind: string, value: Buffer): Poison => ({ kind, value, code: 'SLUICE_E_WIRE_FORMAT' });
  const label = (kind: string, text: string): Poison => ({ kind, value: varied({ label: text }), code: 'SLUICE_E_LABEL_INVALID' });
  return [
    broken('a tombstone', null),
    unframed('nothing', Buffer.alloc(0)),
    unframed('text', Buffer.from('poison')),
    unframed('a wrong magic byte', Buffer.concat([Buffer.from([0xc4]), whole.subarray(1)])),
    unframed('a schema by GUID', Buffer.concat([Buffer.from([1]), Buffer.alloc(40)])),
    unframed('half a header', whole.subarray(0, 5)),
    { kind: 'an unknown fingerprint', value: Buffer.concat([Buffer.from([0xc3, 1, 1, 2, 3, 4, 5, 6, 7, 8]), whole.subarray(FRAME)]), code: 'SLUICE_E_SCHEMA_UNKNOWN' },
    { kind: 'an unknown schema id', value: Buffer.concat([Buffer.from([0, 0, 0, 0, 9]), whole.subarray(FRAME)]), code: 'SLUICE_E_SCHEMA_UNKNOWN' },
    broken('a header alone', head),
    broken('half a record', whole.subarray(0, Math.floor(whole.length / 2))),
    broken('more than a record', Buffer.concat([whole, Buffer.from([1])])),
    broken('a text of 2^40 bytes', body(0x80, 0x80, 0x80, 0x80, 0x80, 0x40)),
    broken('a text of -1 byte', body(1)),
    broken('a number without end', body(...Array<number>(12).fill(0xff))),
    broken('a text that is no UTF-8', body(4, 0xc3, 0x28)),
    broken('a choice that is none', body(2, 0x61, 2, 0x61, 9)),
    broken('an embedding that is too long', embedding([...vector, 0])),
    broken('an embedding that is too short', embedding(vector.subarray(0, D - 1))),
    broken('an embedding of no whole numbers', varied({ embedding: Buffer.alloc(4 * D + 1) })),
    broken('an embedding that is NaN', embedding(vector.map((x, i) => (i === 3 ? NaN : x)))),
    broken('an embedding that is endless', embedding(vector.map((x, i) => (i === 3 ? Infinity : x)))),
    broken('an embedding that is not of length 1', embedding(vector.map((x) => 2 * x))),
    broken('an embedding of zeros', embedding(vector.map(() => 0))),
    broken('neither image nor embedding', varied({ embedding: null })),
    label('a label that is no JSON', '{'),
    label('a label of another kind', '{"class": "cat"}'),
    label('a label that is a number', '7'),
    label('half a character', '"\\ud800"'),
    label('a label that is too large', JSON.stringify('x'.repeat(300_000))),
    ...['{', '{"class": "cat"}', 'null', JSON.stringify('x'.repeat(300_000))].map((text): Poison => ({ kind: `predictions that are ${text.slice(0, 20)}`, value: varied({ predictions: text }), code: 'SLUICE_E_LABEL_INVALID' })),
    broken('an origin that is too large', varied({ origin: JSON.stringify('x'.repeat(300_000)) })),
    broken('an id that is too long', varied({ id: id.repeat(20_000) })),
    broken('a stream that is too long', varied({ stream: 'x'.repeat(20_000) })),
    { kind: 'a reference that is too long', value: varied({ image: { 'sluice.ImageReference': { uri: `https://a/${'x'.repeat(20_000)}`, sha256: null } } }), code: 'SLUICE_E_REFERENCE_REFUSED' },
  ];
}
