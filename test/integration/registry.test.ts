/**
 * Two processes that share nothing but a schema registry. It is the one at SCHEMA_REGISTRY_URL where that is set (with the compatibility that is its default,
 * BACKWARD), else one in memory.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRegistry, type Registry } from '../../infra/registry/client.ts';
import { openCodec, type Codec } from '../../infra/registry/codec.ts';
import { avroType } from '../../schemas/avro/index.ts';
import { SUBJECTS, type LabelRecord } from '../../schemas/records.ts';
import { frameConfluent, frameSingleObject, unframe } from '../../schemas/wire.ts';
import { startRegistry, type RegistryServer } from '../support/registry-server.ts';
import { errorOf } from '../unit/infra/registry/world.ts';

const given = process.env['SCHEMA_REGISTRY_URL'];
/** Of this run: a registry forgets nothing. */
const topic = (name: string): string => `sluice-test-${run}-${name}`;
const run = randomUUID();
const label: LabelRecord = { id: 'a.jpg', stream: 'gate', label: '"cat"', time: 7, forget: false };

let server: RegistryServer | null = null;
let url = '';
let registry: Registry;
let producer: Codec;
let consumer: Codec;

beforeAll(async () => {
  if (given === undefined) server = await startRegistry();
  url = given ?? server?.url ?? '';
  registry = openRegistry({ url });
  [producer, consumer] = await Promise.all([openCodec({ registry: url }), openCodec({ registry: url })]);
});

afterAll(() => server?.close());

test.for(SUBJECTS)('the schema of %s is taken, and taken again by another under the same id', async (subject) => {
  const { schema } = avroType(subject);
  const id = await registry.register(`${topic(subject)}-value`, schema);
  expect(await openRegistry({ url }).register(`${topic(subject)}-value`, schema)).toBe(id);
  expect(await openRegistry({ url }).find(`${topic(subject)}-value`, schema)).toBe(id);
});

describe('a message', () => {
  test('is read by another process, which asks for the schema once', async () => {
    const write = await producer.writer('label', topic('labels'));
    const read = consumer.reader('label');
    const message = write(label);
    expect(message[0]).toBe(0);
    const first = read(message);
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toEqual(label);
    expect(read(write({ ...label, id: 'b.jpg' }))).toEqual({ ...label, id: 'b.jpg' });
  });

  test('of another producer, with a schema of its own, is read', async () => {
    const fields = [{ name: 'label', type: 'string' }, { name: 'camera', type: 'int' }, { name: 'id', type: 'string' }];
    const id = await registry.register(`${topic('foreign')}-value`, JSON.stringify({ type: 'record', name: 'Label', namespace: 'com.example', fields }));
    const message = frameConfluent(id, Buffer.from(['0a2263617422', '54', '0261'].join(''), 'hex'));
    expect(await consumer.reader('label')(message)).toEqual({ id: 'a', stream: 'default', label: '"cat"', time: null, forget: false });
  });

  test('that names no registry is read as well', () => {
    const { fingerprint } = avroType('label');
    expect(consumer.reader('label')(frameSingleObject(fingerprint, avroType('label').encode(label)))).toEqual(label);
  });

  test('that names a schema nobody registered is refused', async () => {
    expect(await errorOf(Promise.resolve(consumer.reader('label')(frameConfluent(2_000_000_000, Buffer.alloc(4)))))).toMatchObject({ code: 'SLUICE_E_SCHEMA_UNKNOWN', retriable: false });
  });

  test('of another subject is refused', async () => {
    const write = await producer.writer('dead-letter', topic('dead'));
    const message = write({ id: 'a', stream: 'b', partition: 0, seq: 1, code: 'c', cause: 'd' });
    expect((await errorOf(Promise.resolve(consumer.reader('label')(message))))?.code).toBe('SLUICE_E_SCHEMA_UNREADABLE');
  });

  test('is framed with the id the registry gave', async () => {
    const id = await registry.register(`${topic('labels')}-value`, avroType('label').schema);
    expect(unframe((await producer.writer('label', topic('labels')))(label))).toMatchObject({ framing: 'confluent', id });
  });
});

describe('the registry', () => {
  test('does not take what cannot read what was written before', async () => {
    const subject = `${topic('narrow')}-value`;
    await registry.register(subject, '{"type":"record","name":"Label","fields":[{"name":"id","type":"string"}]}');
    const error = await errorOf(registry.register(subject, '{"type":"record","name":"Label","fields":[{"name":"id","type":"string"},{"name":"more","type":"string"}]}'));
    expect(error?.code).toBe('SLUICE_E_SCHEMA_REFUSED');
  });

  test('does not take what is no schema', async () => {
    expect((await errorOf(registry.register(`${topic('none')}-value`, '{"type":"recrod"}')))?.code).toBe('SLUICE_E_SCHEMA_REFUSED');
  });

  test('knows no subject it was not told of, nor another schema under one it was', async () => {
    expect((await errorOf(registry.find(`${topic('unheard')}-value`, avroType('label').schema)))?.code).toBe('SLUICE_E_SCHEMA_UNKNOWN');
    await registry.register(`${topic('heard')}-value`, avroType('label').schema);
    expect((await errorOf(registry.find(`${topic('heard')}-value`, avroType('alert').schema)))?.code).toBe('SLUICE_E_SCHEMA_UNKNOWN');
  });
});
