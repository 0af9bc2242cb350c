/** Rules with faults open nothing, and say all of them at once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { openObjects } from '../../../../infra/objects/open.ts';
import type { ObjectRules } from '../../../../infra/objects/rules.ts';
import { SluiceError } from '../../../../schemas/errors.ts';
import { causeOf, objects, refer } from './world.ts';

function faultsOf(rules: ObjectRules, env: Record<string, string> = {}): string[] {
  try {
    openObjects(rules, { env }).close();
    return [];
  } catch (thrown) {
    if (!(thrown instanceof SluiceError) || thrown.code !== 'SLUICE_E_CONFIG_INVALID') throw thrown;
    expect(inspect(thrown, { depth: Infinity })).not.toContain('hunter2');
    return thrown.message.replace(/^The rules for references have faults: |\.$/g, '').split('; ');
  }
}

function fileWith(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-objects-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'file'), content);
  return join(folder, 'file');
}

test('all at once', () => {
  const secret = fileWith('hunter2\n\n');
  expect(
    faultsOf({
      roots: ['/nowhere/at/all', 'relative', secret],
      hosts: [{ host: 'a.com/b' }, { host: 'b.com', headers: { authorization: { file: secret } } }],
      s3: { endpoint: 'https://me:hunter2@minio', region: 'eu/1', buckets: ['a', 'good-bucket'], credentials: { keyId: { env: 'KEY' }, secretKey: { file: secret }, sessionToken: { env: 'TOKEN' } } },
      authorities: secret,
      limits: { bytes: 0, seconds: 0, idleSeconds: Number.NaN },
      retries: { attempts: 1.5, firstMs: -1, mostMs: Infinity },
    }),
  ).toEqual([
    'the root "/nowhere/at/all" cannot be reached (ENOENT)',
    'the root "relative" cannot be reached (ENOENT)',
    `the root "${secret}" is no folder`,
    'the host "a.com/b" is no name, name:port or *.name',
    `the header "authorization" for the host "b.com": the file "${secret}" holds characters that cannot be sent in a header`,
    'the S3 endpoint is no http(s) URL of scheme, host and port alone',
    'the S3 region "eu/1" is none',
    'the S3 bucket "a" is no name of a bucket',
    'the S3 credentials: the environment variable KEY is not set',
    `the S3 credentials: the file "${secret}" holds characters that cannot be sent in a header`,
    'the S3 credentials: the environment variable TOKEN is not set',
    `the file of authorities "${secret}" holds no certificate`,
    'bytes cannot be 0',
    'attempts cannot be 1.5',
    'seconds cannot be 0',
    'idleSeconds cannot be NaN',
    'firstMs cannot be -1',
    'mostMs cannot be Infinity',
  ]);
});

test.each(['', 'minio:9000', 'ftp://minio', 'https://minio/path', 'https://minio/?x', 'https://minio/#x', 'https://key@minio'])('%j is no S3 endpoint', (endpoint) => {
  expect(faultsOf({ s3: { endpoint, region: 'eu', buckets: ['frames'] } })).toEqual(['the S3 endpoint is no http(s) URL of scheme, host and port alone']);
});

test('a root that is there but written relative is none', () => {
  expect(faultsOf({ roots: ['.'] })).toEqual(['the root "." is not absolute']);
});

test('undefined is as good as not there', () => {
  expect(faultsOf({ roots: undefined, hosts: undefined, privateAddresses: undefined, s3: undefined, authorities: undefined, limits: undefined, retries: undefined })).toEqual([]);
});

test('a file of authorities that is not there', () => {
  expect(faultsOf({ authorities: '/nowhere/ca.pem' })).toEqual(['the file of authorities "/nowhere/ca.pem" cannot be read (ENOENT)']);
});

test('what is not configured is refused, scheme by scheme', async () => {
  const store = objects({});
  for (const uri of ['file:///a', 'http://a/', 'https://a/', 's3://a/b']) {
    expect(await causeOf(store.read(refer(uri)))).toEqual(['SLUICE_E_REFERENCE_REFUSED', `references with ${uri.slice(0, uri.indexOf(':'))}: are not configured`]);
  }
});
