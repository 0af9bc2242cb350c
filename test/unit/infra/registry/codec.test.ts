import { describe, expect, test } from 'vitest';
import { openCodec } from '../../../../infra/registry/codec.ts';
import { avroType } from '../../../../schemas/avro/index.ts';
import type { LabelRecord } from '../../../../schemas/records.ts';
import { frameConfluent, frameSingleObject, unframe } from '../../../../schemas/wire.ts';
import { codeOf, messageOf } from '../../schemas/thrown.ts';
import { errorOf, world } from './world.ts';

const label: LabelRecord = { id: 'a.jpg', stream: 'gate', label: '"cat"', time: 7, forget: false };
const type = avroType('label');

describe('without a registry', () => {
  test('messages are single objects that come back at once', async () => {
    const codec = await openCodec({ registry: null });
    const message = (await codec.writer('label', 'labels'))(label);
    expect(unframe(message)).toMatchObject({ framing: 'single-object', fingerprint: type.fingerprint });
    expect(codec.reader('label')(message)).toEqual(label);
  });

  test.for([
    ['of a schema that no version has', frameSingleObject(1n, Buffer.alloc(0)), 'SLUICE_E_SCHEMA_UNKNOWN', /fingerprint 0000000000000001/],
    ['of another subject', frameSingleObject(avroType('alert').fingerprint, Buffer.alloc(0)), 'SLUICE_E_SCHEMA_UNKNOWN', /no version of label/],
    ['of a registry', frameConfluent(7, type.encode(label)), 'SLUICE_E_SCHEMA_UNKNOWN', /schema 7 .*no registry is configured/],
    ['that is cut off', frameSingleObject(type.fingerprint, type.encode(label).subarray(1)), 'SLUICE_E_RECORD_CORRUPT', /^label: /],
    ['that is none', Buffer.from('{"id":"a.jpg"}'), 'SLUICE_E_WIRE_FORMAT', /neither/],
  ] as const)('a message %s is refused at once', async ([, message, code, cause]) => {
    const read = (await openCodec({ registry: null })).reader('label');
    expect(codeOf(() => read(message))).toBe(code);
    expect(messageOf(() => read(message))).toMatch(cause);
  });
});

describe('with a registry', () => {
  test('is not opened where none answers', async () => {
    const { server } = await world();
    server.failNext({ status: 200, body: 'hello' });
    expect((await errorOf(openCodec({ registry: server.url })))?.code).toBe('SLUICE_E_REGISTRY_ANSWER');
  });

  test('a value that does not fit is refused, and nothing is sent', async () => {
    const { server } = await world();
    const write = await (await openCodec({ registry: server.url })).writer('label', 'labels');
    const calls = server.calls.length;
    expect(codeOf(() => write({ ...label, time: 0.5 }))).toBe('SLUICE_E_RECORD_INVALID');
    expect(server.calls).toHaveLength(calls);
  });

  test('a failure of the registry is none of the message: it is read when the registry is back', async () => {
    const { server } = await world();
    const codec = await openCodec({ registry: server.url, attempts: 1 });
    const message = (await codec.writer('label', 'labels'))(label);
    const read = codec.reader('label');
    server.failNext({ status: 503, body: '' });
    expect(await errorOf(Promise.resolve(read(message)))).toMatchObject({ code: 'SLUICE_E_REGISTRY_UNAVAILABLE', retriable: true });
    expect(await read(message)).toEqual(label);
  });

  test('a schema that is not Avro is refused, at first and at once later', async () => {
    const { server } = await world();
    const read = (await openCodec({ registry: server.url })).reader('label');
    server.failNext({ status: 200, body: { schema: '{"type":"recrod"}' } });
    const message = frameConfluent(9, Buffer.alloc(3));
    expect((await errorOf(Promise.resolve(read(message))))?.code).toBe('SLUICE_E_SCHEMA_UNREADABLE');
    expect(codeOf(() => read(message))).toBe('SLUICE_E_SCHEMA_UNREADABLE');
  });

  test('schemas are not registered where that is not wanted', async () => {
    const { server } = await world();
    const [careful, usual] = [await openCodec({ registry: server.url, register: false }), await openCodec({ registry: server.url })];
    expect((await errorOf(careful.writer('label', 'labels')))?.code).toBe('SLUICE_E_SCHEMA_UNKNOWN');
    const message = (await usual.writer('label', 'labels'))(label);
    expect((await careful.writer('label', 'labels'))(label)).toEqual(message);
    expect(server.calls.filter((call) => call.endsWith('/versions'))).toHaveLength(1);
  });
});
