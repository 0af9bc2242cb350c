/** Bytes and schemas from anybody: a record or a SluiceError, in time and memory in proportion to the message. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readVersions } from '../../../schemas/avro/files.ts';
import { AvroType, avroType } from '../../../schemas/avro/index.ts';
import { type AlertRecord, SUBJECTS } from '../../../schemas/records.ts';
import { records } from './made.ts';
import { caught, codeOf, messageOf } from './thrown.ts';

/** The first version, which ends with its two lists. */
const type = new AvroType<AlertRecord>('alert', new Map([...readVersions('alert')].slice(0, 1)));
/** An alert up to its exemplars: kind '', cluster null, time null, partition 0, seq 0, support 0. */
const HEAD = `0000000000${'00'.repeat(8)}`;
const alert = (hex: string): Buffer => Buffer.from(HEAD + hex, 'hex');
/** Zigzag of `n`, up to 2^63. */
function long(n: bigint): string {
  const bytes: number[] = [];
  for (let rest = n < 0n ? -n * 2n - 1n : n * 2n; ; rest >>= 7n) {
    const more = rest >= 0x80n;
    bytes.push(Number(rest & 0x7fn) | (more ? 0x80 : 0));
    if (!more) return Buffer.from(bytes).toString('hex');
  }
}

test.for(SUBJECTS)('random bytes never do more than fail as %s', (subject) => {
  const reader = avroType(subject);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    expect([null, 'SLUICE_E_RECORD_CORRUPT']).toContain(codeOf(() => reader.decode(Buffer.from(bytes))));
  }), { numRuns: 500 });
});

test.for(SUBJECTS)('a %s that is cut off anywhere, or goes on after its end, is corrupt', (subject) => {
  const reader = avroType(subject);
  fc.assert(fc.property(records[subject] as fc.Arbitrary<never>, fc.nat(), (record, at) => {
    const whole = reader.encode(record);
    expect(codeOf(() => reader.decode(whole.subarray(0, at % whole.length)))).toBe('SLUICE_E_RECORD_CORRUPT');
    expect(codeOf(() => reader.decode(Buffer.concat([whole, Buffer.alloc(1)])))).toBe('SLUICE_E_RECORD_CORRUPT');
  }));
});

test.for(SUBJECTS)('a changed byte of a %s gives another record or is corrupt', (subject) => {
  const reader = avroType(subject);
  fc.assert(fc.property(records[subject] as fc.Arbitrary<never>, fc.nat(), fc.integer({ min: 0, max: 255 }), (record, at, byte) => {
    const bytes = reader.encode(record);
    bytes[at % bytes.length] = byte;
    expect([null, 'SLUICE_E_RECORD_CORRUPT']).toContain(codeOf(() => reader.decode(bytes)));
  }));
});

describe('of counts and lengths that are not true', () => {
  test('the head used here is whole with two empty lists', () => expect(type.decode(alert('0000'))).toMatchObject({ exemplars: [], streams: [] }));

  test.for([
    ['a list of 2^32 - 1 items', long(2n ** 32n - 1n), /4294967295 items are announced/],
    ['a list of 2^40 items', long(2n ** 40n), /1099511627776 items are announced/],
    ['a list of 30 million items', long(30_000_000n), /30000000 items are announced/],
    ['a list of -2^62 items', long(-(2n ** 62n)), /not between/],
    ['a second block without end', `0200${long(2n ** 31n)}`, /2147483649 items are announced/],
    ['a block of more bytes than it has', `01${long(1000n)}0000`, /not of the size it says/],
    ['a block of a negative size', `01${long(-5n)}0000`, /not of the size it says/],
    ['a text of 2^50 bytes', `02${long(2n ** 50n)}`, /1125899906842624 bytes are announced/],
    ['a text of -1 bytes', `02${long(-1n)}`, /-1 bytes are announced/],
    ['a number of eleven bytes', `${'80'.repeat(10)}00`, /longer than 64 bits/],
    ['a number without end', '80'.repeat(200), /longer than 64 bits/],
    ['a text that is no UTF-8', '0204c328', /no UTF-8/],
    ['half a surrogate pair as UTF-8 does not allow it', '0206eda080', /no UTF-8/],
  ] as const)('%s is corrupt', ([, hex, cause]) => {
    expect(codeOf(() => type.decode(alert(hex)))).toBe('SLUICE_E_RECORD_CORRUPT');
    expect(messageOf(() => type.decode(alert(hex)))).toMatch(cause);
  });

  test('a block that says its size rightly is read', () => expect(type.decode(alert('010402610000')).exemplars).toEqual(['a']));

  test('a long that JavaScript would change is corrupt', () => {
    const change = avroType('changelog');
    const read = (seq: bigint): unknown => change.decode(Buffer.from(`000000${long(seq)}`, 'hex')).seq;
    for (const seq of [2n ** 52n - 1n, 1n - 2n ** 52n]) expect(read(seq)).toBe(Number(seq));
    for (const seq of [2n ** 52n, -(2n ** 52n), -(2n ** 52n) - 1n, 2n ** 53n + 1n, 2n ** 63n - 1n]) expect(codeOf(() => read(seq)), String(seq)).toBe('SLUICE_E_RECORD_CORRUPT');
  });

  test('a flag that is neither and a number too large for an int are corrupt', () => {
    const amend = (partition: string, review: string): Buffer => Buffer.from(`0000${partition}0002${'00'.repeat(8)}${review}`, 'hex');
    const decision = avroType('decision');
    expect(decision.decode(amend(long(2n ** 31n - 1n), '01'))).toMatchObject({ partition: 2 ** 31 - 1, event: { 'sluice.Amend': { review: true } } });
    expect(codeOf(() => decision.decode(amend('00', '02')))).toBe('SLUICE_E_RECORD_CORRUPT');
    expect(codeOf(() => decision.decode(amend(long(2n ** 31n), '01')))).toBe('SLUICE_E_RECORD_CORRUPT');
  });
});

/** A writer's schema with what the reader's has, and one field more, which is skipped. */
const withMore = (more: unknown): string => {
  const own = JSON.parse(type.schema) as { fields: unknown[] };
  return JSON.stringify({ ...own, fields: [...own.fields, { name: 'more', type: more }] });
};

describe('in what other writers have and Sluice skips', () => {
  const nulls = { type: 'array', items: 'null' };

  test.for([
    ['a list of nulls longer than the message', nulls, `${long(1000n)}00`],
    ['lists of nulls that together are', nulls, `${long(10n).repeat(5)}00`],
    ['a list whose block leads back to where it began', { type: 'array', items: 'int' }, `01${long(-2n)}00`],
    ['a map of 2^40 entries', { type: 'map', values: 'long' }, long(2n ** 40n)],
    ['a branch that is not there', ['null', 'int'], '08'],
    ['a symbol that is not there', { type: 'enum', name: 'e', symbols: ['A'] }, '02'],
    ['a fixed that is cut off', { type: 'fixed', name: 'f', size: 9 }, '00'],
    ['a double that is cut off', 'double', '00'],
    ['a float that is cut off', 'float', '00'],
  ] as const)('%s is corrupt', ([, more, hex]) => {
    expect(codeOf(() => type.decode(alert(`0000${hex}`), withMore(more)))).toBe('SLUICE_E_RECORD_CORRUPT');
  });

  test.for([
    ['a list of nulls', nulls, `${long(10n)}00`],
    ['a map', { type: 'map', values: 'long' }, '020261f40300'],
    ['an enum', { type: 'enum', name: 'e', symbols: ['A', 'B'] }, '02'],
    ['a fixed', { type: 'fixed', name: 'f', size: 2 }, 'abcd'],
    ['a float', 'float', '00000000'],
  ] as const)('%s is skipped', ([, more, hex]) => expect(type.decode(alert(`0000${hex}`), withMore(more))).toMatchObject({ exemplars: [], streams: [] }));

  test('a record within itself is skipped, but not without end', () => {
    const list = withMore({ type: 'record', name: 'list', fields: [{ name: 'next', type: ['null', 'list'] }] });
    expect(type.decode(alert(`0000${'02'.repeat(50)}00`), list)).toMatchObject({ streams: [] });
    expect(codeOf(() => type.decode(alert(`0000${'02'.repeat(100_000)}00`), list))).toBe('SLUICE_E_RECORD_CORRUPT');
    // It has no end at all: no data can be written with it.
    expect(codeOf(() => type.decode(alert('0000'), withMore({ type: 'record', name: 'loop', fields: [{ name: 'next', type: 'loop' }] })))).toBe('SLUICE_E_RECORD_CORRUPT');
  });
});

test.for([
  ['no JSON', '{'],
  ['a number', '7'],
  ['null', 'null'],
  ['of an unknown type', '{"type":"constructor"}'],
  ['a record of another name', type.schema.replace('"Alert"', '"Alarm"')],
  ['a record without a field that is needed', '{"type":"record","name":"Alert","fields":[]}'],
  ['a record with a field of another type', type.schema.replace('{"name":"kind","type":"string"', '{"name":"kind","type":"int"')],
  ['nested without measure', `${'{"type":"array","items":'.repeat(30_000)}"int"${'}'.repeat(30_000)}`],
  ['without measure long', `"${'x'.repeat(2_000_000)}"`],
  ['with code for a name', '{"type":"record","name":"Alert","fields":[{"name":"a;process.exit()","type":"int"}]}'],
] as const)('a schema that is %s is unreadable, and not looked into again', ([, schema]) => {
  const errors = [1, 2].map(() => caught(() => type.decode(alert('0000'), schema)));
  expect(errors.map((error) => error?.code)).toEqual(['SLUICE_E_SCHEMA_UNREADABLE', 'SLUICE_E_SCHEMA_UNREADABLE']);
  expect(errors[1]?.cause).toBe(errors[0]?.cause);
  for (const error of errors) expect(error?.message.length).toBeLessThan(400);
});
