/** Where http: and https: references may lead: hosts, addresses, redirects, and who is sent what. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Resolve } from '../../infra/objects/dial.ts';
import type { ObjectRules } from '../../infra/objects/rules.ts';
import { certificate } from '../unit/infra/objects/certificate.ts';
import { causeOf, failureOf, objects, refer, resolvesTo, serve, type Served } from '../unit/infra/objects/world.ts';

const REFUSED = 'SLUICE_E_REFERENCE_REFUSED';
const imageServer = (): Promise<Served> => serve((_, response) => void response.end('an image'));
const redirecting = (location: (path: string) => string | null): Promise<Served> => serve((request, response) => {
  const to = location(request.url ?? '');
  if (to === null) response.end('an image');
  else response.writeHead(302, { location: to, 'content-length': '2' }).end('to');
});

describe('addresses', () => {
  test.each(['127.0.0.1', '::1', '10.1.2.3', '192.168.1.1', '169.254.1.1', '169.254.169.254', 'fd00::1', 'fe80::1', '::ffff:127.0.0.1', '0.0.0.0', '::'])('a name that leads to %s is refused', async (address) => {
    const server = await imageServer();
    const store = objects({ hosts: [{ host: `images.test:${server.port}` }], privateAddresses: undefined }, { resolve: resolvesTo(address) });
    expect(await causeOf(store.read(refer(`http://images.test:${server.port}/`)))).toEqual([REFUSED, 'images.test has no address that may be connected to: private and special ones are refused']);
    expect(server.connections).toBe(0);
  });

  test.each(['127.0.0.1', '2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '127.1', '127.0.0.1.', '１２７.0.0.1', '[::ffff:127.0.0.1]', '[::1]', '0.0.0.0', '0'])('the address %s, configured or not, is refused', async (host) => {
    const server = await imageServer();
    const { hostname } = new URL(`http://${host}/`);
    const store = objects({ hosts: [{ host: `${hostname}:${server.port}` }], privateAddresses: false });
    expect((await failureOf(store.read(refer(`http://${host}:${server.port}/`)))).message).toMatch(/has no address that may be connected to/);
    expect(server.connections).toBe(0);
  });

  test('private ones are allowed on request, those that hand out credentials not even then', async () => {
    const server = await imageServer();
    const rules: ObjectRules = { hosts: [{ host: `127.0.0.1:${server.port}` }, { host: '169.254.169.254' }, { host: 'images.test' }], privateAddresses: true };
    expect(await objects(rules).read(refer(`http://127.0.0.1:${server.port}/`))).toHaveLength(8);
    expect((await failureOf(objects(rules).read(refer('http://169.254.169.254/latest/meta-data/')))).code).toBe(REFUSED);
    expect((await failureOf(objects(rules, { resolve: resolvesTo('::ffff:169.254.169.254') }).read(refer('http://images.test/')))).code).toBe(REFUSED);
  });

  test('of several addresses of a name only the allowed ones are connected to', async () => {
    const server = await imageServer();
    const store = objects({ hosts: [{ host: `images.test:${server.port}` }] }, { resolve: resolvesTo('169.254.169.254', 'fd00:ec2::254', '127.0.0.1') });
    expect(await store.read(refer(`http://images.test:${server.port}/`))).toHaveLength(8);
  });

  test('what is checked is what is connected to: a name is looked up once a connection, and for each again', async () => {
    const server = await serve((_, response) => void response.setHeader('connection', 'close').end('an image'));
    const answers = ['127.0.0.1', '169.254.169.254'];
    let asked = 0;
    const resolve: Resolve = async () => [{ address: answers[asked++] ?? '169.254.169.254', family: 4 }];
    const store = objects({ hosts: [{ host: `images.test:${server.port}` }] }, { resolve });
    expect(await store.read(refer(`http://images.test:${server.port}/`))).toHaveLength(8);
    expect(asked).toBe(1);
    expect((await failureOf(store.read(refer(`http://images.test:${server.port}/`)))).code).toBe(REFUSED);
    expect([asked, server.connections]).toEqual([2, 1]);
  });
});

describe('references', () => {
  test.each([
    ['http://other.test/', 'the reference leads to "other.test", which is no configured host'],
    ['http://images.test:81/', 'the reference leads to "images.test:81", which is no configured host'],
    ['http://images.test./', 'the reference leads to "images.test.", which is no configured host'],
    ['http://other.test\\@images.test/', 'the reference leads to "other.test", which is no configured host'],
    ['http://images.test@other.test/', 'the reference holds a user name or a password'],
    ['http://me:hunter2@images.test/', 'the reference holds a user name or a password'],
    ['http://me@images.test/', 'the reference holds a user name or a password'],
    ['http://:hunter2@images.test/', 'the reference holds a user name or a password'],
    ['http://', 'the reference is no URL'],
    ['http://[::1/', 'the reference is no URL'],
    ['https://images.test:99999/', 'the reference is no URL'],
    ['http://1.2.3.256/', 'the reference is no URL'],
  ])('%s is refused before any name is looked up', async (uri, cause) => {
    let asked = 0;
    const store = objects({ hosts: [{ host: 'images.test' }] }, { resolve: async () => (asked++, []) });
    const error = await failureOf(store.read(refer(uri)));
    expect([error.code, error.message, asked]).toEqual([REFUSED, cause, 0]);
    expect(inspect(error, { depth: Infinity })).not.toContain('hunter2');
  });
});

describe('redirects', () => {
  test('are followed up to three, between configured hosts, relative ones too', async () => {
    const last = await redirecting((path) => (path === '/end' ? null : `/end`));
    const first = await redirecting((path) => (path === '/1' ? '2' : `http://b.test:${last.port}/3`));
    const store = objects({ hosts: [{ host: `a.test:${first.port}` }, { host: `b.test:${last.port}` }] });
    expect(await store.read(refer(`http://a.test:${first.port}/1`))).toHaveLength(8);
    expect([...first.requests, ...last.requests].map(({ url }) => url)).toEqual(['/1', '/2', '/3', '/end']);
  });

  test('a fourth is refused, and so a circle', async () => {
    const server = await redirecting((path) => `/${Number(path.slice(1)) + 1}`);
    const store = objects({ hosts: [{ host: `a.test:${server.port}` }] });
    expect(await causeOf(store.read(refer(`http://a.test:${server.port}/1`)))).toEqual([REFUSED, `a.test:${server.port} redirects after 3 redirects`]);
    expect(server.requests).toHaveLength(4);
  });

  test('the body of one is not waited for: its connection is closed', async () => {
    let closed = false;
    const server = await serve((request, response) => {
      if (request.url === '/end') return void response.end('an image');
      response.on('close', () => (closed = true));
      return void response.writeHead(302, { location: '/end' }).write('moved, and there is more to say');
    });
    expect(await objects({ hosts: [{ host: `a.test:${server.port}` }] }).read(refer(`http://a.test:${server.port}/`))).toHaveLength(8);
    await expect.poll(() => closed).toBe(true);
  });

  test.each([
    ['http://169.254.169.254/latest/meta-data/iam/', 'leads to "169.254.169.254", which is no configured host'],
    ['//169.254.169.254/', 'leads to "169.254.169.254", which is no configured host'],
    ['http://2852039166/', 'leads to "169.254.169.254", which is no configured host'],
    ['http://other.test/', 'leads to "other.test", which is no configured host'],
    ['http://localhost/', 'leads to "localhost", which is no configured host'],
    ['file:///etc/passwd', 'leads to another protocol'],
    ['s3://frames/a.jpg', 'leads to another protocol'],
    ['javascript:alert(1)', 'leads to another protocol'],
    ['http://me:hunter2@a.test/', 'holds a user name or a password'],
    ['http://', 'is no URL'],
  ])('to %s is refused', async (location, cause) => {
    const server = await redirecting(() => location);
    const store = objects({ hosts: [{ host: `a.test:${server.port}` }, { host: 'a.test' }] });
    expect(await causeOf(store.read(refer(`http://a.test:${server.port}/`)))).toEqual([REFUSED, `the redirect of a.test:${server.port} ${cause}`]);
    expect(server.requests).toHaveLength(1);
  });

  test('to a configured host that has a private address is refused', async () => {
    const inner = await imageServer();
    const outer = await redirecting(() => `http://b.test:${inner.port}/`);
    const resolve: Resolve = async (name) => [{ address: name === 'a.test' ? '127.0.0.1' : '169.254.169.254', family: 4 }];
    const store = objects({ hosts: [{ host: `a.test:${outer.port}` }, { host: `b.test:${inner.port}` }] }, { resolve });
    expect((await causeOf(store.read(refer(`http://a.test:${outer.port}/`))))[1]).toMatch(/^b\.test has no address that may be connected to/);
    expect(inner.connections).toBe(0);
  });
});

describe('headers of a host', () => {
  const ENV = { A: 'Bearer hunter2-a', B: 'Bearer hunter2-b' };

  test('go to that host, and to no other on a redirect', async () => {
    const [b, c] = [await imageServer(), await imageServer()];
    const a = await redirecting((path) => `http://${path === '/b' ? `b.test:${b.port}` : `c.test:${c.port}`}/`);
    const store = objects(
      {
        hosts: [
          { host: `a.test:${a.port}`, headers: { authorization: { env: 'A' }, 'x-key': { env: 'A' } }, clear: true },
          { host: `b.test:${b.port}`, headers: { authorization: { env: 'B' } }, clear: true },
          { host: `c.test:${c.port}` },
        ],
      },
      { env: ENV },
    );
    for (const path of ['b', 'c']) await store.read(refer(`http://a.test:${a.port}/${path}`));
    expect(a.requests.map(({ headers }) => [headers.authorization, headers['x-key']])).toEqual([[ENV.A, ENV.A], [ENV.A, ENV.A]]);
    expect([...b.requests, ...c.requests].map(({ headers }) => [headers.authorization, headers['x-key']])).toEqual([[ENV.B, undefined], [undefined, undefined]]);
  });

  test('come from a file as it is then; without it the object is not available now', async () => {
    const server = await imageServer();
    const folder = mkdtempSync(join(tmpdir(), 'sluice-objects-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'token');
    writeFileSync(file, 'first\n');
    const host = `a.test:${server.port}`;
    const store = objects({ hosts: [{ host, headers: { 'x-key': { file } }, clear: true }] });
    await store.read(refer(`http://${host}/`));
    writeFileSync(file, 'second\n');
    await store.read(refer(`http://${host}/`));
    rmSync(file);
    expect(await causeOf(store.read(refer(`http://${host}/`)))).toEqual(['SLUICE_E_OBJECT_UNAVAILABLE', `a header for ${host}: the file ${JSON.stringify(file)} cannot be read (ENOENT)`]);
    expect(server.requests.map(({ headers }) => headers['x-key'])).toEqual(['first', 'second']);
  });

  test('are not sent over plain http where that is not said, and are in no error', async () => {
    const server = await serve((_, response) => void response.writeHead(401).end());
    const host = `a.test:${server.port}`;
    const uri = `http://${host}/`;
    const headers = { authorization: { env: 'A' } };
    expect(await causeOf(objects({ hosts: [{ host, headers }] }, { env: ENV }).read(refer(uri)))).toEqual([REFUSED, `the headers configured for ${host} are not sent over plain http`]);
    expect(server.connections).toBe(0);
    const error = await failureOf(objects({ hosts: [{ host, headers, clear: true }] }, { env: ENV }).read(refer(uri)));
    expect(error.code).toBe('SLUICE_E_OBJECT_DENIED');
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('hunter2');
  });
});

describe('https', () => {
  const own = certificate(['secure.test']);

  function authorities(pem: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-objects-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'ca.pem'), pem);
    return join(folder, 'ca.pem');
  }

  test('with an authority that is configured, and the headers of its host', async () => {
    const server = await serve((_, response) => void response.end('an image'), own);
    const store = objects({ hosts: [{ host: `secure.test:${server.port}`, headers: { authorization: { env: 'A' } } }], authorities: authorities(own.cert) }, { env: { A: 'Bearer hunter2' } });
    expect(await store.read(refer(`https://secure.test:${server.port}/`))).toHaveLength(8);
    expect(server.requests[0]?.headers.authorization).toBe('Bearer hunter2');
  });

  test('not with a certificate of nobody known, nor with that of another name, whatever the environment says', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    onTestFinished(() => void vi.unstubAllEnvs());
    const server = await serve((_, response) => void response.end('an image'), own);
    const unknown = objects({ hosts: [{ host: `secure.test:${server.port}` }] });
    expect(await causeOf(unknown.read(refer(`https://secure.test:${server.port}/`)))).toEqual(['SLUICE_E_OBJECT_UNAVAILABLE', 'the exchange with the host failed (DEPTH_ZERO_SELF_SIGNED_CERT)']);
    const other = objects({ hosts: [{ host: `other.test:${server.port}` }], authorities: authorities(own.cert) });
    expect(await causeOf(other.read(refer(`https://other.test:${server.port}/`)))).toEqual(['SLUICE_E_OBJECT_UNAVAILABLE', 'the exchange with the host failed (ERR_TLS_CERT_ALTNAME_INVALID)']);
    expect(server.requests).toHaveLength(0);
  });

  test('is not left for plain http by a redirect', async () => {
    const plain = await imageServer();
    const server = await serve((_, response) => void response.writeHead(301, { location: `http://plain.test:${plain.port}/` }).end(), own);
    const store = objects({ hosts: [{ host: `secure.test:${server.port}` }, { host: `plain.test:${plain.port}` }], authorities: authorities(own.cert) });
    expect(await causeOf(store.read(refer(`https://secure.test:${server.port}/`)))).toEqual([REFUSED, `secure.test:${server.port} redirects from https to plain http`]);
    expect(plain.connections).toBe(0);
  });

  test('that is no TLS at all', async () => {
    const plain = await imageServer();
    const store = objects({ hosts: [{ host: `secure.test:${plain.port}` }] });
    expect((await failureOf(store.read(refer(`https://secure.test:${plain.port}/`)))).code).toBe('SLUICE_E_OBJECT_UNAVAILABLE');
  });
});
