/** Data that other versions and other producers wrote. */
import { describe, expect, test } from 'vitest';
import { AvroType, avroType } from '../../../schemas/avro/index.ts';
import type { LabelRecord } from '../../../schemas/records.ts';
import { codeOf } from './thrown.ts';

const field = (name: string, type: unknown, rest: object = {}): object => ({ name, type, ...rest });
const schema = (fields: readonly object[], name = 'sluice.Label'): string => JSON.stringify({ type: 'record', name, fields });

const first = schema([field('id', 'string'), field('label', 'string')]);
const second = schema([field('id', 'string'), field('stream', 'string', { default: 'default' }), field('label', 'string'), field('time', ['null', 'long'], { default: null })]);
const hex = (...parts: readonly string[]): Buffer => Buffer.from(parts.join(''), 'hex');
/** As these two versions have it. */
type Before = Omit<LabelRecord, 'forget'>;
const record: Before = { id: 'a', stream: 'gate', label: '"cat"', time: 7 };

describe('with two versions shipped', () => {
  const older = new AvroType<Before>('label', new Map([[1, first]]));
  const newer = new AvroType<Before>('label', new Map([[1, first], [2, second]]));

  test('the newest is written', () => {
    expect(newer.schema).toBe(second);
    expect(newer.decode(newer.encode(record))).toEqual(record);
  });

  test('the older is found by its fingerprint and read, with defaults for what it lacks', () => {
    expect(newer.shipped(older.fingerprint)).toBe(first);
    expect(newer.decode(older.encode(record), newer.shipped(older.fingerprint))).toEqual({ ...record, stream: 'default', time: null });
  });

  test('the newer is read by what knows only the older, without what it does not know', () => {
    expect(older.shipped(newer.fingerprint)).toBeUndefined();
    expect(older.decode(newer.encode(record), second)).toEqual({ id: 'a', label: '"cat"' });
  });

  test('data of one is corrupt as the other', () => {
    expect(codeOf(() => newer.decode(older.encode(record)))).toBe('SLUICE_E_RECORD_CORRUPT');
  });
});

describe('of another producer', () => {
  const label = avroType('label');

  test('names in another namespace, another order of fields, and types that can be promoted are read', () => {
    const written = schema([field('time', 'int'), field('label', 'bytes'), field('extra', { type: 'map', values: 'string' }), field('id', 'string')], 'com.example.cameras.Label');
    const bytes = hex('0e', '0a2263617422', '02026104787900', '0261');
    expect(label.decode(bytes, written)).toEqual({ ...record, forget: false, stream: 'default' });
  });

  test('an image by reference is read from a union with fewer branches, in another order', () => {
    const reference = { type: 'record', name: 'ImageReference', fields: [field('uri', 'string')] };
    const written = schema([field('id', 'string'), field('image', [reference, 'null'])], 'acme.Sample');
    const read = (bytes: Buffer): unknown => avroType('sample').decode(bytes, written).image;
    expect(read(hex('0261', '00', '0275'))).toEqual({ 'sluice.ImageReference': { uri: 'u', sha256: null } });
    expect(read(hex('0261', '02'))).toBe(null);
  });

  test('a branch that Sluice has not is unreadable', () => {
    const video = { type: 'record', name: 'Video', fields: [field('uri', 'string')] };
    expect(codeOf(() => avroType('sample').decode(hex('026100'), schema([field('id', 'string'), field('image', ['null', video])], 'acme.Sample')))).toBe('SLUICE_E_SCHEMA_UNREADABLE');
  });
});

test('the first version of `sample` stays what it is, in its fingerprint and its bytes', () => {
  const sample = { id: 'a', stream: 'b', time: null, image: null, label: null, predictions: null, embedding: null, origin: null };
  const shipped = avroType('sample').shipped(0x073a93a283d1c05dn);
  expect(shipped).toBeDefined();
  expect(avroType('sample').decode(hex('026102620000000000'), shipped)).toEqual(sample);
});
