/** s3: references against a server that checks each signature. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { S3Rule } from '../../infra/objects/rules.ts';
import type { ObjectStore } from '../../infra/objects/store.ts';
import { s3 } from '../unit/infra/objects/s3-server.ts';
import { causeOf, failureOf, objects, refer, resolvesTo, serve, type Served } from '../unit/infra/objects/world.ts';

const NOW = new Date('2026-01-02T03:04:05.678Z');
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const ENV = { KEY: 'AKIDEXAMPLE', SECRET, TEMPORARY: 'ASIAEXAMPLE', TOKEN: 'a/token+of==some%length' };
const CREDENTIALS = { keyId: { env: 'KEY' }, secretKey: { env: 'SECRET' } };
const KEYS = new Map([['AKIDEXAMPLE', { secret: SECRET }], ['ASIAEXAMPLE', { secret: SECRET, token: ENV.TOKEN }]]);
const NAMES = ['a.jpg', 'cam 1/été ☃.jpg', "a+b=c&d(1)*!'~.jpg", '100%/%2F.jpg', 'what?#.jpg', 'a//b', '/a', 'new\nline', ' ', '...', '日本/語'];

interface Made {
  readonly server: Served;
  readonly store: ObjectStore;
}

async function made(rule: Partial<S3Rule> = { credentials: CREDENTIALS }, { env = ENV, now = NOW } = {}): Promise<Made> {
  const stored = new Map(NAMES.flatMap((key) => [[`frames/${key}`, Buffer.from(`frames ${key}`)], [`public/${key}`, Buffer.from(`public ${key}`)]] as const));
  const listening = await serve(s3({ objects: stored, keys: KEYS, region: 'eu-central-1', now: () => NOW, open: ['public'] }));
  const store = objects({ privateAddresses: false, s3: { endpoint: `http://minio:${listening.port}`, region: 'eu-central-1', buckets: ['frames', 'public', 'empty'], ...rule } }, { env, now: () => now });
  return { server: listening, store };
}

const text = async (store: ObjectStore, uri: string): Promise<string> => Buffer.from(await store.read(refer(uri))).toString();

test.each(NAMES)('the key %j is signed, sent and found as it is written', async (key) => {
  const { store } = await made();
  expect(await text(store, `s3://frames/${key}`)).toBe(`frames ${key}`);
});

test('with a session token, and from files that may change under way', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-objects-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, content: string): { file: string } => {
    writeFileSync(join(folder, name), content);
    return { file: join(folder, name) };
  };
  const credentials = { keyId: file('id', 'AKIDEXAMPLE\n'), secretKey: file('secret', SECRET) };
  const { store } = await made({ credentials });
  expect(await text(store, 's3://frames/a.jpg')).toBe('frames a.jpg');
  file('id', 'OTHER');
  expect((await failureOf(store.read(refer('s3://frames/a.jpg')))).message).toContain('(InvalidAccessKeyId)');
  rmSync(join(folder, 'id'));
  const gone = await failureOf(store.read(refer('s3://frames/a.jpg')));
  expect(gone).toMatchObject({ code: 'SLUICE_E_OBJECT_UNAVAILABLE', retriable: true });
  expect(gone.message).toMatch(/the credentials for minio:\d+: the file ".*" cannot be read \(ENOENT\)$/);

  const temporary = await made({ credentials: { ...CREDENTIALS, keyId: { env: 'TEMPORARY' }, sessionToken: { env: 'TOKEN' } } });
  expect(await text(temporary.store, 's3://frames/a.jpg')).toBe('frames a.jpg');
});

test('anonymous: nothing is signed, and only what is open to all is handed out', async () => {
  const { store, server } = await made({});
  expect(await text(store, 's3://public/a.jpg')).toBe('public a.jpg');
  expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
  expect((await failureOf(store.read(refer('s3://frames/a.jpg')))).code).toBe('SLUICE_E_OBJECT_DENIED');
});

describe('denied, and not tried again', () => {
  const cases: readonly [string, Parameters<typeof made>[0], Parameters<typeof made>[1], RegExp][] = [
    ['a wrong secret', undefined, { env: { ...ENV, SECRET: 'hunter2/hunter2' } }, /^minio:\d+ answered 403 \(SignatureDoesNotMatch\)$/],
    ['another region', { credentials: CREDENTIALS, region: 'us-east-1' }, {}, /answered 400 \(AuthorizationHeaderMalformed\)$/],
    ['a clock that is late', undefined, { now: new Date(NOW.getTime() - 16 * 60_000) }, /answered 403 \(RequestTimeTooSkewed\)$/],
    ['a token that is missing', { credentials: { ...CREDENTIALS, keyId: { env: 'TEMPORARY' } } }, {}, /answered 403 \(InvalidToken\)$/],
  ];
  test.each(cases)('%s', async (_, rule, options, cause) => {
    const { store, server } = await made(rule, options);
    const error = await failureOf(store.read(refer('s3://frames/a.jpg')));
    expect(error).toMatchObject({ code: 'SLUICE_E_OBJECT_DENIED', retriable: false });
    expect(error.message).toMatch(cause);
    expect(inspect(error, { depth: Infinity })).not.toMatch(/hunter2|wJalr|Signature=/);
    expect(server.requests).toHaveLength(1);
  });
});

test('missing: tried again, and found when it has come', async () => {
  const stored = new Map<string, Buffer>();
  const server = await serve(s3({ objects: stored, keys: KEYS, region: 'eu', now: () => NOW }));
  const waits: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    waits.push(ms);
    if (waits.length === 2) stored.set('frames/late.jpg', Buffer.from('late'));
  };
  const store = objects({ s3: { endpoint: `http://minio:${server.port}`, region: 'eu', buckets: ['frames'], credentials: CREDENTIALS }, retries: { attempts: 3, firstMs: 10, mostMs: 1000 } }, { env: ENV, now: () => NOW, sleep });
  expect(await text(store, 's3://frames/late.jpg')).toBe('late');
  expect(waits).toEqual([10, 20]);
  const [code, message] = await causeOf(store.read(refer('s3://frames/never.jpg')));
  expect([code, message.replace(/\d{4,}/, '…')]).toEqual(['SLUICE_E_OBJECT_MISSING', 'minio:… answered 404 (NoSuchKey); tried 3 times']);
});

test.each([
  ['s3://other/a.jpg', '"other" is no configured bucket'],
  ['s3://FRAMES/a.jpg', '"FRAMES" is no configured bucket'],
  ['s3://frames@other/a.jpg', '"frames@other" is no configured bucket'],
  ['s3://frames', 'the reference is not of the form s3://bucket/key'],
  ['s3://frames/', 'the reference is not of the form s3://bucket/key'],
  ['s3:///a.jpg', 'the reference is not of the form s3://bucket/key'],
  ['s3:frames/a.jpg', 'the reference is not of the form s3://bucket/key'],
  ['s3://frames/../other/a.jpg', 'the key has a part "." or ".."'],
  ['s3://frames/a/./b', 'the key has a part "." or ".."'],
  ['s3://frames/..', 'the key has a part "." or ".."'],
  [`s3://frames/${'é'.repeat(513)}`, 'the key is longer than 1024 bytes'],
])('%s is refused before anything is sent', async (uri, cause) => {
  const { store, server } = await made();
  expect(await causeOf(store.read(refer(uri)))).toEqual(['SLUICE_E_REFERENCE_REFUSED', cause]);
  expect(server.requests).toHaveLength(0);
});

test('a redirect is not followed, a complaint without end is not listened to, and what is too large is not waited for', async () => {
  const elsewhere = await serve((_, response) => void response.end('elsewhere'));
  let closed = false;
  const server = await serve((request, response) => {
    if (request.url === '/frames/moved') response.writeHead(307, { location: `http://minio:${elsewhere.port}/` }).end('<Error><Code>TemporaryRedirect</Code></Error>');
    else if (request.url === '/frames/large') response.on('close', () => (closed = true)).writeHead(200, { 'content-length': 2 ** 40 }).write('x');
    else response.writeHead(503).end(Buffer.alloc(100_000, '<Code>SlowDown</Code>'));
  });
  const store = objects({ s3: { endpoint: `http://minio:${server.port}`, region: 'eu', buckets: ['frames'], credentials: CREDENTIALS } }, { env: ENV });
  expect(await causeOf(store.read(refer('s3://frames/moved')))).toEqual(['SLUICE_E_OBJECT_DENIED', `minio:${server.port} answered 307 (TemporaryRedirect)`]);
  expect(await causeOf(store.read(refer('s3://frames/busy')))).toEqual(['SLUICE_E_OBJECT_UNAVAILABLE', `minio:${server.port} answered 503`]);
  expect((await failureOf(store.read(refer('s3://frames/large')))).code).toBe('SLUICE_E_IMAGE_TOO_LARGE');
  await expect.poll(() => closed).toBe(true);
  expect(elsewhere.requests).toHaveLength(0);
});

test('an endpoint that has come to mean the metadata service of a cloud is not asked', async () => {
  const store = objects({ s3: { endpoint: 'http://minio', region: 'eu', buckets: ['frames'] } }, { resolve: resolvesTo('169.254.169.254') });
  expect((await failureOf(store.read(refer('s3://frames/a.jpg')))).code).toBe('SLUICE_E_REFERENCE_REFUSED');
});
