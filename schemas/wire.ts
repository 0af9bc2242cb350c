/**
 * How an Avro body says which schema it was written with. Two framings:
 * Confluent's (0x00, then the registry's id as four big-endian bytes) and Avro's single-object encoding (0xC3 0x01, then the CRC-64-AVRO fingerprint of the
 * schema as eight little-endian bytes; Avro specification, "Single-object encoding"). Nothing here knows a schema.
 */
import { SluiceError } from './errors.ts';

const CONFLUENT_MAGIC = 0x00;
const CONFLUENT_HEADER = 5;
/** Newer Confluent clients can name a schema by a GUID of 16 bytes instead of an id. */
const CONFLUENT_GUID_MAGIC = 0x01;
const SINGLE_OBJECT_MAGIC = 0xc301;
const SINGLE_OBJECT_HEADER = 10;

export type Frame =
  | { readonly framing: 'confluent'; readonly id: number; readonly body: Buffer }
  | { readonly framing: 'single-object'; readonly fingerprint: bigint; readonly body: Buffer };

/** @param id of the schema in the registry, 0..2^32 - 1 */
export function frameConfluent(id: number, body: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(CONFLUENT_HEADER + body.length);
  framed[0] = CONFLUENT_MAGIC;
  framed.writeUInt32BE(id, 1);
  body.copy(framed, CONFLUENT_HEADER);
  return framed;
}

/** @param fingerprint CRC-64-AVRO of the schema's Parsing Canonical Form, unsigned */
export function frameSingleObject(fingerprint: bigint, body: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(SINGLE_OBJECT_HEADER + body.length);
  framed.writeUInt16BE(SINGLE_OBJECT_MAGIC);
  framed.writeBigUInt64LE(fingerprint, 2);
  body.copy(framed, SINGLE_OBJECT_HEADER);
  return framed;
}

/** Tells which framing a message has. The body is a view of the message, not a copy. @throws SluiceError SLUICE_E_WIRE_FORMAT */
export function unframe(message: Buffer): Frame {
  if (message[0] === CONFLUENT_MAGIC && message.length >= CONFLUENT_HEADER) {
    return { framing: 'confluent', id: message.readUInt32BE(1), body: message.subarray(CONFLUENT_HEADER) };
  }
  if (message.length >= SINGLE_OBJECT_HEADER && message.readUInt16BE() === SINGLE_OBJECT_MAGIC) {
    return { framing: 'single-object', fingerprint: message.readBigUInt64LE(2), body: message.subarray(SINGLE_OBJECT_HEADER) };
  }
  throw new SluiceError('SLUICE_E_WIRE_FORMAT', fault(message));
}

function fault(message: Buffer): string {
  if (message.length === 0) return 'the message is empty';
  if (message[0] === CONFLUENT_GUID_MAGIC) return 'the message starts with 0x01: Confluent framing with a schema GUID, which is not supported; have the producer write schema ids (0x00)';
  const start = message.subarray(0, 4).toString('hex');
  if (message[0] === CONFLUENT_MAGIC || start.startsWith('c301')) return `the message of ${message.length} bytes is shorter than the header it begins (0x${start})`;
  return `the message starts with 0x${start}: neither Confluent framing (0x00) nor Avro single-object encoding (0xc301)`;
}
