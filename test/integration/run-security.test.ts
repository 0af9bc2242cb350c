/** `sluice run` against brokers, a registry and an object store that want to know who it is: its secrets come from variables and files, and show nowhere. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openCodec } from '../../infra/registry/codec.ts';
import { startBroker, type Broker } from '../support/broker.ts';
import { start, until, type Running } from '../support/cli.ts';
import { pictures, pipelineFile, urlIn, valueOf, type PipelineFile } from '../support/pipeline-file.ts';
import { startRegistry } from '../support/registry-server.ts';
import { picture } from '../soak/messages.ts';
import { s3 } from '../unit/infra/objects/s3-server.ts';

/** Everything a worker shows while it decides so many messages. */
async function shownBy(worker: Running, count: number): Promise<string> {
  const url = await until('the worker to start', () => urlIn(worker.stderr()));
  let metrics = '';
  for (let done = 0; done < count; await sleep(100)) {
    metrics = await (await fetch(`${url}/metrics`)).text();
    done = valueOf(metrics, 'sluice_items_decided_total') + valueOf(metrics, 'sluice_dead_letters_total');
  }
  const others = await Promise.all(['/ready', '/version', '/nowhere'].map(async (path) => await (await fetch(`${url}${path}`)).text()));
  worker.signal('SIGTERM', 'alone');
  const { code, stdout, stderr } = await worker.ended;
  expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '' });
  return [metrics, ...others, stderr].join('\n');
}

/** TLS and the user, as in the documents: from a file, a variable and a file. */
function secured(broker: Broker, mechanism: string): { readonly lines: readonly string[]; readonly write: (folder: string, password: string) => Record<string, string> } {
  const { ssl, sasl } = broker.client;
  return {
    lines: ['tls: { ca: { file: ca.pem } }', `sasl: { mechanism: ${mechanism}, username: { env: TEST_USER }, password: { file: password } }`],
    write(folder, password) {
      writeFileSync(join(folder, 'ca.pem'), ssl?.ca ?? '');
      writeFileSync(join(folder, 'password'), `${password}\n`);
      return { TEST_USER: sasl?.username ?? '' };
    },
  };
}

async function dead({ client, topic, name }: PipelineFile): Promise<readonly string[]> {
  const found: string[] = [];
  const consumer = client.consumer({ groupId: `${name}-dead` });
  await consumer.connect();
  await consumer.subscribe({ topic: topic('dead'), fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => void found.push(JSON.stringify(Object.fromEntries(Object.entries(message.headers ?? {}).map(([key, value]) => [key, String(value)])))) });
  await until('the dead letter', () => found.length > 0);
  await consumer.disconnect();
  return found;
}

test.each([
  { security: 'tls+sasl-plain', mechanisms: ['plain'] },
  { security: 'tls+sasl-scram', mechanisms: ['scram-sha-256', 'scram-sha-512'] },
] as const)('over TLS with $mechanisms it works; a wrong password is told as such, and never shown', { timeout: 180_000 }, async ({ security, mechanisms }) => {
  const broker = await startBroker({ security });
  try {
    for (const mechanism of mechanisms) {
      const { lines, write } = secured(broker, mechanism);
      const pipeline = await pipelineFile(broker, lines);
      await pipeline.send(pictures(3));
      const password = broker.client.sasl?.password ?? expect.fail('no user');
      const shown = await shownBy(start(['run', pipeline.file], { env: write(pipeline.folder, password) }), 3);
      expect(shown).not.toContain(password);
      const wrong = 'not-the-password-4711';
      const { code, stdout, stderr } = await start(['run', pipeline.file], { env: write(pipeline.folder, wrong) }).ended;
      expect({ code, stdout }, stderr).toEqual({ code: 78, stdout: '' });
      expect(stderr).toContain('[SLUICE_E_KAFKA_DENIED]');
      for (const secret of [wrong, Buffer.from(wrong).toString('base64'), password]) expect(stderr).not.toContain(secret);
    }
  } finally {
    await broker.stop();
  }
});

test('the keys of the registry and of the object store work, and show nowhere, not in dead letters either', { timeout: 180_000 }, async () => {
  const [user, password, keyId, secretKey] = ['registry-user', 'registry-password-4711', 'KEYID4711', 'secret-key-4711'];
  const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const registry = await startRegistry(basic);
  const store = createServer(s3({ objects: new Map([['pictures/a.png', picture(1)]]), keys: new Map([[keyId, { secret: secretKey }]]), region: 'us-east-1', now: () => new Date() }));
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
  const broker = await startBroker();
  const reference = (uri: string) => ({ 'sluice.ImageReference': { uri, sha256: null } });
  try {
    const pipeline = await pipelineFile(broker, [], [
      `registry: { url: "${registry.url}", username: { env: TEST_REGISTRY_USER }, password: { env: TEST_REGISTRY_PASSWORD } }`,
      `images: { attempts: 1, s3: { endpoint: "http://127.0.0.1:${(store.address() as AddressInfo).port}", buckets: [pictures], access_key: { env: TEST_KEY_ID }, secret_key: { env: TEST_SECRET_KEY } } }`,
    ]);
    const env = { TEST_REGISTRY_USER: user, TEST_REGISTRY_PASSWORD: password, TEST_KEY_ID: keyId, TEST_SECRET_KEY: secretKey };
    await pipeline.send([reference('s3://pictures/a.png')]);
    const good = await shownBy(start(['run', pipeline.file], { env }), 1);
    expect(good).toMatch(/sluice_items_decided_total\{[^}]*\} 1/);
    await pipeline.send([reference('s3://pictures/a.png')], 1);
    const bad = await shownBy(start(['run', pipeline.file], { env: { ...env, TEST_SECRET_KEY: 'wrong-key-4711' } }), 1);
    const letters = await dead(pipeline);
    expect(letters.join()).toContain('SLUICE_E_OBJECT');
    const refused = await start(['run', pipeline.file], { env: { ...env, TEST_REGISTRY_PASSWORD: 'wrong-password-4711' } }).ended;
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('[SLUICE_E_REGISTRY');
    const all = [good, bad, ...letters, refused.stdout, refused.stderr].join('\n');
    for (const secret of [password, secretKey, 'wrong-key-4711', 'wrong-password-4711', basic]) expect(all).not.toContain(secret);
    // The codec reads what others registered: nothing here went without the registry.
    expect(registry.calls.length).toBeGreaterThan(0);
    await openCodec({ registry: registry.url, credentials: { user, password } });
  } finally {
    await broker.stop();
    await registry.close();
    await new Promise((resolve) => store.close(resolve));
  }
});
