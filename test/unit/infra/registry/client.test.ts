import { describe, expect, test } from 'vitest';
import { openRegistry } from '../../../../infra/registry/client.ts';
import { startRegistry } from '../../../support/registry-server.ts';
import { errorOf, world } from './world.ts';

const SCHEMA = '{"type":"record","name":"R","fields":[{"name":"id","type":"string"}]}';

describe('what never changes is asked once', () => {
  test('a registration, by one call for all who ask at the same time', async () => {
    const { server, registry } = await world();
    const ids = await Promise.all([registry.register('a-value', SCHEMA), registry.register('a-value', SCHEMA)]);
    expect([...ids, await registry.register('a-value', SCHEMA)]).toEqual([1, 1, 1]);
    expect(server.calls).toEqual(['POST /subjects/a-value/versions']);
  });

  test('a schema, which is then known without asking', async () => {
    const { server, registry } = await world();
    const id = await registry.register('a-value', SCHEMA);
    expect(registry.known(id)).toBeUndefined();
    expect(await Promise.all([registry.schema(id), registry.schema(id)])).toEqual([SCHEMA, SCHEMA]);
    expect([await registry.schema(id), registry.known(id)]).toEqual([SCHEMA, SCHEMA]);
    expect(server.calls.slice(1)).toEqual(['GET /schemas/ids/1']);
  });

  test('each subject and each schema for itself', async () => {
    const { server, registry } = await world();
    const other = SCHEMA.replace('"R"', '"R","doc":"x"');
    expect(await Promise.all([registry.register('a', SCHEMA), registry.register('b', SCHEMA), registry.register('a', other)])).toEqual([1, 1, 2]);
    expect(server.calls).toHaveLength(3);
  });

  test('but not a failure', async () => {
    const { server, registry } = await world();
    expect((await errorOf(registry.schema(1)))?.code).toBe('SLUICE_E_SCHEMA_UNKNOWN');
    await registry.register('a', SCHEMA);
    expect(await registry.schema(1)).toBe(SCHEMA);
    expect(server.calls).toHaveLength(3);
  });

  test('and no more than a thousand are kept, those last asked for', async () => {
    const schemas: typeof fetch = async (input) => Response.json({ schema: `"${new Request(input).url.split('/').at(-1)}"` });
    const registry = openRegistry({ url: 'http://registry', fetch: schemas });
    for (let id = 0; id <= 1000; id++) {
      await registry.schema(id);
      registry.known(0);
    }
    expect([0, 1, 2, 1000].map((id) => registry.known(id))).toEqual(['"0"', undefined, '"2"', '"1000"']);
  });
});

describe('what may pass is tried again', () => {
  test('with waits that double, until it succeeds', async () => {
    const { server, registry, waits } = await world();
    server.failNext({ status: 503, body: 'busy' }, { status: 500, body: { error_code: 50_001, message: 'Error in the backend data store' } }, { status: 429, body: '' });
    expect(await registry.register('a', SCHEMA)).toBe(1);
    expect(waits).toEqual([100, 200, 400]);
  });

  test('as long after as the registry asks, within measure', async () => {
    const { server, registry, waits } = await world();
    const busy = (after: string) => ({ status: 503, body: '', headers: { 'retry-after': after } });
    server.failNext(busy('2'), busy('86400'), busy('Wed, 21 Oct 2026 07:28:00 GMT'));
    await registry.register('a', SCHEMA);
    expect(waits).toEqual([2000, 10_000, 400]);
  });

  test('not without end', async () => {
    const { server, registry, waits } = await world({ attempts: 3 });
    const failure = { status: 500, body: { error_code: 50_001, message: 'Error in the backend data store' } };
    server.failNext(failure, failure, failure);
    const error = await errorOf(registry.register('a', SCHEMA));
    expect(error).toMatchObject({ code: 'SLUICE_E_REGISTRY_UNAVAILABLE', retriable: true, message: expect.stringMatching(/failed 3 times.*HTTP 500.*backend data store/) });
    expect([server.calls.length, waits.length]).toEqual([3, 2]);
  });

  test('where nobody answers in time', async () => {
    const { server, registry } = await world({ attempts: 2, timeoutMs: 20 });
    server.failNext('hang', 'hang');
    expect(await errorOf(registry.schema(1))).toMatchObject({ code: 'SLUICE_E_REGISTRY_UNAVAILABLE', message: expect.stringContaining('no answer within 20 ms') });
  });

  test('where nobody listens', async () => {
    const server = await startRegistry();
    await server.close();
    const registry = openRegistry({ url: server.url, attempts: 2, sleep: async () => undefined });
    expect(await errorOf(registry.check())).toMatchObject({ code: 'SLUICE_E_REGISTRY_UNAVAILABLE', message: `the schema registry ${server.url} failed 2 times, the last time with: ECONNREFUSED` });
  });
});

describe('what would not pass is not tried again:', () => {
  test.for([
    ['a schema that is not compatible', 409, { error_code: 409, message: 'incompatible' }, 'SLUICE_E_SCHEMA_REFUSED'],
    ['a schema that is none', 422, { error_code: 42_201, message: 'Invalid schema' }, 'SLUICE_E_SCHEMA_REFUSED'],
    ['a subject that is not there', 404, { error_code: 40_401, message: "Subject 'a' not found." }, 'SLUICE_E_SCHEMA_UNKNOWN'],
    ['a version that is not there', 404, { error_code: 40_402, message: 'Version not found' }, 'SLUICE_E_SCHEMA_UNKNOWN'],
    ['a schema that is not there', 404, { error_code: 40_403, message: 'Schema not found' }, 'SLUICE_E_SCHEMA_UNKNOWN'],
    ['credentials that are wrong', 401, { error_code: 401, message: 'Unauthorized' }, 'SLUICE_E_REGISTRY_DENIED'],
    ['credentials that do not suffice', 403, { error_code: 40_301, message: 'Forbidden' }, 'SLUICE_E_REGISTRY_DENIED'],
    ['a path that is not the registry', 404, { error_code: 404, message: 'HTTP 404 Not Found' }, 'SLUICE_E_REGISTRY_ANSWER'],
    ['a web server of another kind', 404, '<html>not found</html>', 'SLUICE_E_REGISTRY_ANSWER'],
    ['a redirect', 302, '', 'SLUICE_E_REGISTRY_ANSWER'],
    ['a page instead of JSON', 200, '<html>welcome</html>', 'SLUICE_E_REGISTRY_ANSWER'],
    ['an answer without an id', 200, { id: '7' }, 'SLUICE_E_REGISTRY_ANSWER'],
    ['an id that no message can hold', 200, { id: 2 ** 32 }, 'SLUICE_E_REGISTRY_ANSWER'],
    ['an answer without end', 200, `{"id":1,"more":"${'x'.repeat(5 * 2 ** 20)}"}`, 'SLUICE_E_REGISTRY_ANSWER'],
  ] as const)('%s', async ([, status, body, code]) => {
    const { server, registry, waits } = await world();
    server.failNext({ status, body, headers: { location: 'http://elsewhere/' } });
    const error = await errorOf(registry.register('a', SCHEMA));
    expect([error?.code, error?.retriable, waits.length, server.calls.length]).toEqual([code, false, 0, 1]);
    if (typeof body === 'object' && 'message' in body) expect(error?.message).toContain(`${server.url} answers POST /subjects/a/versions with HTTP ${status}`);
    if (typeof body === 'object' && 'message' in body) expect(error?.message).toContain(body.message);
  });
});

describe('a schema to read with', () => {
  test.for([
    ['of Protobuf', { schema: 'syntax = "proto3";', schemaType: 'PROTOBUF' }, 'SLUICE_E_SCHEMA_UNREADABLE'],
    ['with references', { schema: '"x.Y"', references: [{ name: 'x.Y', subject: 'y', version: 1 }] }, 'SLUICE_E_SCHEMA_UNREADABLE'],
    ['that is missing in the answer', {}, 'SLUICE_E_REGISTRY_ANSWER'],
  ] as const)('%s is refused', async ([, body, code]) => {
    const { server, registry } = await world();
    server.failNext({ status: 200, body });
    expect((await errorOf(registry.schema(7)))?.code).toBe(code);
  });

  test('of Avro, said so, is taken', async () => {
    const { server, registry } = await world();
    server.failNext({ status: 200, body: { schema: SCHEMA, schemaType: 'AVRO', references: [] } });
    expect(await registry.schema(7)).toBe(SCHEMA);
  });
});

describe('find', () => {
  test('gives the id of what is registered and registers nothing', async () => {
    const { server, registry } = await world();
    expect((await errorOf(registry.find('a', SCHEMA)))?.code).toBe('SLUICE_E_SCHEMA_UNKNOWN');
    await registry.register('a', SCHEMA);
    expect(await registry.find('a', SCHEMA)).toBe(1);
    expect(server.calls).toEqual(['POST /subjects/a', 'POST /subjects/a/versions', 'POST /subjects/a']);
  });
});

describe('check', () => {
  test.for([
    ['a registry', null, null],
    ['a registry too old to tell its types', { status: 404, body: { error_code: 404, message: 'HTTP 404 Not Found' } }, null],
    ['a registry without Avro', { status: 200, body: ['JSON'] }, 'SLUICE_E_REGISTRY_ANSWER'],
    ['something else', { status: 404, body: '<html>not found</html>' }, 'SLUICE_E_REGISTRY_ANSWER'],
    ['something else that answers everything', { status: 200, body: { ok: true } }, 'SLUICE_E_REGISTRY_ANSWER'],
    ['a closed door', { status: 401, body: '' }, 'SLUICE_E_REGISTRY_DENIED'],
  ] as const)('of %s', async ([, reply, code]) => {
    const { server, registry } = await world();
    if (reply !== null) server.failNext(reply);
    expect((await errorOf(registry.check()))?.code ?? null).toBe(code);
  });
});

test('a subject is escaped in the path, and the path of the address is kept', async () => {
  const asked: string[] = [];
  const fetched: typeof fetch = async (input) => {
    asked.push(new Request(input).url);
    return Response.json({ id: 1 });
  };
  await openRegistry({ url: 'https://registry:8443/apis/ccompat/v7/?x=1', fetch: fetched }).register('a/b ?', SCHEMA);
  expect(asked).toEqual(['https://registry:8443/apis/ccompat/v7/subjects/a%2Fb%20%3F/versions']);
});
