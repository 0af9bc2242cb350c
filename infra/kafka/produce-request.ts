/**
 * The body of a Produce request (Kafka protocol, versions 3 to 7) written in one piece of the right size: kafkajs makes a growing buffer of each record, header,
 * batch, partition and topic, and copies each into the next.
 */
import type { IHeaders } from 'kafkajs';
import { crc32c } from './crc32c.ts';

interface ProducedMessage {
  readonly key?: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers?: IHeaders;
  readonly timestamp?: string;
}

/** As kafkajs puts it together. */
export interface Produced {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId?: string | null;
  readonly producerId?: unknown;
  readonly producerEpoch?: number;
  readonly compression?: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number | string; readonly firstSequence?: number; readonly messages: readonly ProducedMessage[] }[];
  }[];
}

/** Whether this writes it: not what is compressed, or has times of its own. */
export function isPlain({ compression = 0, topicData }: Produced): boolean {
  return compression === 0 && topicData.every(({ partitions }) => partitions.every(({ messages }) => messages.every(({ timestamp }) => timestamp === undefined || timestamp === null)));
}

const MAGIC = 2;
const TRANSACTIONAL = 16;
/** Bytes of a batch before its first record, and those of them that its length and its checksum leave out. */
const BATCH_HEAD = 61;
const BEFORE_LENGTH = 12;
const BEFORE_CHECKSUM = 21;

type Bytes = Buffer | string | null | undefined;

/** @param now milliseconds, the time of all records */
export function produceBody({ acks, timeout, transactionalId = null, producerId = -1, producerEpoch = 0, topicData }: Produced, now: number): Buffer {
  const batches = topicData.map(({ topic, partitions }) => ({ topic, partitions: partitions.map((one) => ({ ...one, ...measured(one.messages) })) }));
  const size =
    nameSize(transactionalId) + 10 + batches.reduce((sum, { topic, partitions }) => sum + nameSize(topic) + 4 + partitions.reduce((total, { bytes }) => total + 8 + BATCH_HEAD + bytes, 0), 0);
  const out = new Writer(size);
  out.name(transactionalId);
  out.int16(acks);
  out.int32(timeout);
  out.int32(batches.length);
  for (const { topic, partitions } of batches) {
    out.name(topic);
    out.int32(partitions.length);
    for (const { partition, firstSequence = 0, messages, sizes, bytes } of partitions) {
      out.int32(Number(partition));
      out.int32(BATCH_HEAD + bytes);
      const start = out.at;
      out.int64(0n);
      out.int32(BATCH_HEAD + bytes - BEFORE_LENGTH);
      out.int32(0);
      out.int8(MAGIC);
      out.int32(0);
      out.int16(transactionalId === null ? 0 : TRANSACTIONAL);
      out.int32(messages.length - 1);
      out.int64(BigInt(now));
      out.int64(BigInt(now));
      out.int64(BigInt(String(producerId)));
      out.int16(producerEpoch);
      out.int32(firstSequence);
      out.int32(messages.length);
      messages.forEach((message, i) => out.record(message, i, sizes[i] as number));
      out.bytes.writeUInt32BE(crc32c(out.bytes.subarray(start + BEFORE_CHECKSUM, out.at)), start + BEFORE_CHECKSUM - 4);
    }
  }
  return out.bytes;
}

/** What a message that is sent by itself is held against: the limits of topics are those of batches. */
export function batchBytes(message: ProducedMessage): number {
  return BATCH_HEAD + measured([message]).bytes;
}

/** A request as it goes over the wire, its length first. */
export function withHeader({ apiKey, apiVersion, correlationId, clientId }: { readonly apiKey: number; readonly apiVersion: number; readonly correlationId: number; readonly clientId: string | null }, body: Buffer): Buffer {
  const size = 8 + nameSize(clientId);
  const out = new Writer(4 + size);
  out.int32(size + body.length);
  out.int16(apiKey);
  out.int16(apiVersion);
  out.int32(correlationId);
  out.name(clientId);
  return Buffer.concat([out.bytes, body]);
}

/** Bytes of each record without its length, and of all with theirs. */
function measured(messages: readonly ProducedMessage[]): { readonly sizes: readonly number[]; readonly bytes: number } {
  const sizes = messages.map(({ key, value, headers = {} }, i) => {
    // Attributes, and the difference of the time, which is 0.
    let size = 2 + varintSize(i) + fieldSize(key) + fieldSize(value);
    const fields = fieldsOf(headers);
    size += varintSize(fields.length);
    for (const [name, field] of fields) size += fieldSize(name) + fieldSize(field);
    return size;
  });
  return { sizes, bytes: sizes.reduce((sum, size) => sum + varintSize(size) + size, 0) };
}

function fieldsOf(headers: IHeaders): readonly (readonly [string, Bytes])[] {
  return Object.entries(headers).flatMap(([name, value]) => (Array.isArray(value) ? value.map((one) => [name, one] as const) : [[name, value] as const]));
}

const byteLength = (value: Buffer | string): number => (typeof value === 'string' ? Buffer.byteLength(value) : value.length);
const nameSize = (name: string | null): number => 2 + (name === null ? 0 : Buffer.byteLength(name));

function fieldSize(value: Bytes): number {
  if (value === null || value === undefined) return 1;
  const bytes = byteLength(value);
  return varintSize(bytes) + bytes;
}

/** Of a number in zigzag order, 0 or more. */
function varintSize(value: number): number {
  return Math.max(1, Math.ceil((33 - Math.clz32(value)) / 7));
}

/** Fills a buffer of the right size. */
class Writer {
  readonly bytes: Buffer;
  at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  int8(value: number): void {
    this.at = this.bytes.writeInt8(value, this.at);
  }

  int16(value: number): void {
    this.at = this.bytes.writeInt16BE(value, this.at);
  }

  int32(value: number): void {
    this.at = this.bytes.writeInt32BE(value, this.at);
  }

  int64(value: bigint): void {
    this.at = this.bytes.writeBigInt64BE(value, this.at);
  }

  name(value: string | null): void {
    this.int16(value === null ? -1 : Buffer.byteLength(value));
    if (value !== null) this.#raw(value);
  }

  record({ key, value, headers = {} }: ProducedMessage, at: number, size: number): void {
    this.#varint(size);
    this.int8(0);
    this.int8(0);
    this.#varint(at);
    this.#field(key);
    this.#field(value);
    const fields = fieldsOf(headers);
    this.#varint(fields.length);
    for (const [name, field] of fields) {
      this.#field(name);
      this.#field(field);
    }
  }

  #field(value: Bytes): void {
    if (value === null || value === undefined) return this.#varint(-1);
    this.#varint(byteLength(value));
    this.#raw(value);
  }

  #raw(value: Buffer | string): void {
    this.at += typeof value === 'string' ? this.bytes.write(value, this.at) : value.copy(this.bytes, this.at);
  }

  /** Zigzag order, seven bits a byte, the lowest first. */
  #varint(value: number): void {
    let left = ((value << 1) ^ (value >> 31)) >>> 0;
    while (left > 127) {
      this.bytes[this.at++] = (left & 127) | 128;
      left >>>= 7;
    }
    this.bytes[this.at++] = left;
  }
}
