import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalForm, fingerprintOf, parseSchema } from '../../../schemas/avro/parse.ts';
import { crc64Avro } from '../../../schemas/wire-fingerprint.ts';
import { frameConfluent, frameSingleObject, unframe } from '../../../schemas/wire.ts';
import { codeOf, messageOf } from './thrown.ts';

const body = Buffer.from('body');

describe('framing', () => {
  test('Confluent: 0x00, the id in four big-endian bytes, the body', () => {
    const framed = frameConfluent(0x01020304, body);
    expect(framed.toString('hex')).toBe(`0001020304${body.toString('hex')}`);
    expect(unframe(framed)).toEqual({ framing: 'confluent', id: 0x01020304, body });
  });

  test('single object: 0xc301, the fingerprint in eight little-endian bytes, the body', () => {
    const framed = frameSingleObject(0x0102030405060708n, body);
    expect(framed.toString('hex')).toBe(`c3010807060504030201${body.toString('hex')}`);
    expect(unframe(framed)).toEqual({ framing: 'single-object', fingerprint: 0x0102030405060708n, body });
  });

  test('whatever is framed comes back', () => {
    const bodies = fc.uint8Array().map((bytes) => Buffer.from(bytes));
    fc.assert(fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), bodies, (id, data) => {
      expect(unframe(frameConfluent(id, data))).toEqual({ framing: 'confluent', id, body: data });
    }));
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), bodies, (fingerprint, data) => {
      expect(unframe(frameSingleObject(fingerprint, data))).toEqual({ framing: 'single-object', fingerprint, body: data });
    }));
  });

  test.for([
    ['', /empty/],
    ['00', /shorter than the header/],
    ['00000000', /shorter than the header/],
    ['c301', /shorter than the header/],
    ['c30101020304050607', /shorter than the header/],
    [`01${'ab'.repeat(16)}00`, /GUID.*0x00/],
    ['c30201020304050607080900', /0xc3020102: neither/],
    ['7b226964223a3120', /0x7b226964: neither/],
  ] as const)('0x%s is refused', ([hex, cause]) => {
    const act = (): unknown => unframe(Buffer.from(hex, 'hex'));
    expect(codeOf(act)).toBe('SLUICE_E_WIRE_FORMAT');
    expect(messageOf(act)).toMatch(cause);
  });

  test('any bytes are framed in one of the two ways or refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      const message = Buffer.from(bytes);
      const code = codeOf(() => unframe(message));
      const framed = (message[0] === 0 && message.length >= 5) || (message[0] === 0xc3 && message[1] === 1 && message.length >= 10);
      expect(code).toBe(framed ? null : 'SLUICE_E_WIRE_FORMAT');
    }));
  });
});

/**
 * Published values: the fingerprints of the primitive types in the Apache Avro project's shared vectors for Parsing Canonical Form and CRC-64-AVRO
 * (share/test/data/schema-tests.txt, as signed numbers), and the fingerprint of nothing in the specification ("Schema Fingerprints").
 */
const PUBLISHED: readonly (readonly [type: string, fingerprint: bigint])[] = [
  ['null', 7195948357588979594n],
  ['boolean', -6970731678124411036n],
  ['int', 8247732601305521295n],
  ['long', -3434872931120570953n],
  ['float', 5583340709985441680n],
  ['double', -8181574048448539266n],
  ['bytes', 5746618253357095269n],
  ['string', -8142146995180207161n],
];

describe('CRC-64-AVRO', () => {
  test('of nothing is the constant of the specification', () => expect(crc64Avro('')).toBe(0xc15d213aa4d7a795n));

  test.for(PUBLISHED)('of "%s" is as published, spelt short or long', ([type, fingerprint]) => {
    for (const text of [JSON.stringify(type), JSON.stringify({ type })]) expect(BigInt.asIntN(64, fingerprintOf(parseSchema(text)))).toBe(fingerprint);
  });

  test('agrees with division bit by bit, for text beyond ASCII too', () => {
    fc.assert(fc.property(fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')), (text) => {
      expect(crc64Avro(text)).toBe(bitByBit(Buffer.from(text)));
    }));
  });
});

/** The same fingerprint without a table. */
function bitByBit(bytes: Buffer): bigint {
  let fingerprint = 0xc15d213aa4d7a795n;
  for (const byte of bytes) {
    fingerprint ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) fingerprint = (fingerprint & 1n) === 1n ? (fingerprint >> 1n) ^ 0xc15d213aa4d7a795n : fingerprint >> 1n;
  }
  return fingerprint;
}

/** One for each rule of the specification ("Transforming into Parsing Canonical Form"). */
describe('Parsing Canonical Form', () => {
  test.for([
    ['PRIMITIVES', '{"type":"record","name":"r","fields":[{"name":"f","type":{"type":"long"}}]}', '{"name":"r","type":"record","fields":[{"name":"f","type":"long"}]}'],
    ['FULLNAMES', '{"type":"record","name":"r","namespace":"n.m","fields":[{"name":"f","type":{"type":"enum","name":"e","symbols":["A"]}},{"name":"g","type":"e"}]}', '{"name":"n.m.r","type":"record","fields":[{"name":"f","type":{"name":"n.m.e","type":"enum","symbols":["A"]}},{"name":"g","type":"n.m.e"}]}'],
    ['STRIP', '{"type":"record","name":"r","doc":"d","aliases":["s"],"x":1,"fields":[{"name":"f","type":{"type":"long","logicalType":"timestamp-millis"},"default":1,"doc":"d","order":"ignore","aliases":["g"]}]}', '{"name":"r","type":"record","fields":[{"name":"f","type":"long"}]}'],
    ['ORDER', '{"size":4,"name":"f","type":"fixed"}', '{"name":"f","type":"fixed","size":4}'],
    ['STRINGS', '{"\\u0074ype":"array","items":"\\u0069nt"}', '{"type":"array","items":"int"}'],
    ['WHITESPACE', ' { "type" : "map" , "values" : [ "null" , "int" ] } ', '{"type":"map","values":["null","int"]}'],
  ] as const)('%s', ([, text, canonical]) => expect(canonicalForm(parseSchema(text))).toBe(canonical));
});
