/** Credentials reach the registry, and nobody else. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { openRegistry } from '../../../../infra/registry/client.ts';
import type { SluiceError } from '../../../../schemas/errors.ts';
import { codeOf, messageOf } from '../../schemas/thrown.ts';
import { errorOf, world } from './world.ts';

const PASSWORD = 'p@ss:wörd/1';
const BASIC = `Basic ${Buffer.from(`user:${PASSWORD}`).toString('base64')}`;
const withUser = (url: string): string => url.replace('http://', `http://user:${encodeURIComponent(PASSWORD)}@`);

/** All that a log could show of an error, its causes with it. */
const shown = (error: SluiceError | null): string => `${inspect(error, { depth: 10, showHidden: true })} ${error?.stack ?? ''}`;

describe('reach the registry', () => {
  test('as user and password', async () => {
    const { registry } = await world({ credentials: { user: 'user', password: PASSWORD } }, BASIC);
    expect(await errorOf(registry.check())).toBe(null);
  });

  test('as a token', async () => {
    const { registry } = await world({ credentials: { token: 'abc.def' } }, 'Bearer abc.def');
    expect(await errorOf(registry.check())).toBe(null);
  });

  test('out of the URL, unless others are given', async () => {
    const { server, registry } = await world({}, BASIC);
    const [own, other] = [openRegistry({ url: withUser(server.url) }), openRegistry({ url: withUser(server.url), credentials: { token: 'abc' } })];
    expect(await errorOf(own.check())).toBe(null);
    expect((await errorOf(other.check()))?.code).toBe('SLUICE_E_REGISTRY_DENIED');
    expect((await errorOf(registry.check()))?.code).toBe('SLUICE_E_REGISTRY_DENIED');
    expect(own.url).toBe(server.url);
  });
});

describe('are in no message', () => {
  test.for([
    ['of a refusal', { status: 401, body: { error_code: 401, message: `no such password ${PASSWORD} in ${BASIC}` } }],
    ['of a failure', { status: 500, body: `cannot forward ${BASIC} and ${PASSWORD}` }],
    ['of a failure that is cut to a length', { status: 500, body: `${'x'.repeat(195)}${PASSWORD}` }],
    ['of nonsense', { status: 200, body: BASIC }],
  ] as const)('%s', async ([, reply]) => {
    const { server } = await world();
    const registry = openRegistry({ url: withUser(server.url), attempts: 1 });
    server.failNext(reply);
    const error = await errorOf(registry.check());
    expect(error?.code).toMatch(/^SLUICE_E_REGISTRY_/);
    for (const secret of [PASSWORD, PASSWORD.slice(0, 5), encodeURIComponent(PASSWORD), BASIC.slice(6)]) expect(shown(error)).not.toContain(secret);
    expect(inspect(registry, { depth: 10, showHidden: true })).not.toContain(PASSWORD);
  });

  test('where nobody listens', async () => {
    const { server } = await world();
    await server.close();
    const error = await errorOf(openRegistry({ url: withUser(server.url), attempts: 1 }).check());
    expect(error?.code).toBe('SLUICE_E_REGISTRY_UNAVAILABLE');
    expect(shown(error)).not.toContain(encodeURIComponent(PASSWORD));
  });

  test.for([
    ['an address that is none', 'user:secret@registry'],
    ['an address of another kind', 'ftp://user:secret@registry'],
    ['an address whose password is not encoded', 'http://user:secret%zz@registry'],
  ] as const)('of %s', ([, url]) => {
    expect(codeOf(() => openRegistry({ url }))).toBe('SLUICE_E_CONFIG_INVALID');
    expect(messageOf(() => openRegistry({ url }))).not.toContain('secret');
  });

  test.for([
    ['a token with a line break', { token: 'secret\n' }],
    ['an empty token', { token: '' }],
    ['a user with a colon', { user: 'a:b', password: 'secret' }],
  ] as const)('of %s', ([, credentials]) => {
    const act = (): unknown => openRegistry({ url: 'http://registry', credentials });
    expect(codeOf(act)).toBe('SLUICE_E_CONFIG_INVALID');
    expect(messageOf(act)).not.toContain('secret');
  });
});
