import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { engineSettings } from '../../../../pipelines/config/engine-settings.ts';
import { objectRules } from '../../../../pipelines/config/object-rules.ts';
import { parsePipeline, readPipeline } from '../../../../pipelines/config/pipeline.ts';
import { DEFAULT_POLICY } from '../../../../pipelines/config/policy.ts';
import { DEFAULT_WORKERS } from '../../../../pipelines/config/settings.ts';
import { faultsIn } from '../../../support/faults.ts';
import { newFolder } from '../../../support/folders.ts';

const LEAST = `
name: cameras
source: { kafka: { brokers: ["localhost:9092"], topic: samples } }
sinks: { kafka: { decisions: decisions, alerts: alerts, clusters: clusters, changelog: changelog, dead: dead } }
`;

const parsed = (text: string, env: Record<string, string> = {}) => parsePipeline(text, '/etc/sluice/p.yaml', env);
const faults = (text: string, env: Record<string, string> = {}): readonly string[] => faultsIn(() => parsed(text, env)).map((line) => line.replace('/etc/sluice/p.yaml:', ''));
/** The faults of the least file with more settings. */
const faultsWith = (more: string, env: Record<string, string> = {}): readonly string[] => faults(LEAST + more, env);

test('the least file: everything else has its default', () => {
  expect(parsed(LEAST)).toEqual({
    name: 'cameras',
    source: { kafka: { brokers: ['localhost:9092'], topic: 'samples', tls: null, session_timeout: 30_000, batch: 32, known_ids: 1_000_000, max_bytes: 10_000_000 } },
    sinks: { kafka: { decisions: 'decisions', alerts: 'alerts', clusters: 'clusters', changelog: 'changelog', dead: 'dead' } },
    images: { roots: [], hosts: [], private_addresses: false, max_bytes: 20_000_000, timeout: 10_000, attempts: 4, fit: 'squash' },
    workers: DEFAULT_WORKERS,
    seed: 0,
    budget: { share: 0.25, per: 'fleet' },
    labels: { reveal: { when: 'all' } },
    objects: 32,
    health: 'auto',
    purpose: 'train',
    validation_share: 0,
    policy: DEFAULT_POLICY,
    sharing: true,
    delivery: 'exactly_once',
    http: { host: '127.0.0.1', port: 4195 },
  });
});

test('all there is: durations, sizes and budgets are read, paths and secrets are relative to the file', () => {
  const config = parsed(`
name: cameras
source:
  kafka:
    brokers: ["kafka-1:9092", "[::1]:9093"]
    topic: samples
    labels: labels
    tls: { ca: { file: ca.pem }, cert: { file: /run/cert.pem }, key: { env: KEY } }
    sasl: { mechanism: scram-sha-512, username: { env: USER }, password: { file: secrets/kafka } }
    session_timeout: 1.5m
    batch: 8
    known_ids: 5000
    max_bytes: 1 MiB
sinks: { kafka: { decisions: d, alerts: a, clusters: c, changelog: l, dead: x, replicas: 3 } }
registry: { url: "https://registry:8081/v1", username: { env: U }, password: { env: P } }
images:
  roots: [images, /data]
  hosts: [images.example.com, "10.0.0.1:8080", "*.example.com"]
  private_addresses: true
  s3: { endpoint: "http://minio:9000", region: eu-1, buckets: [frames], access_key: { env: A }, secret_key: { env: S } }
  max_bytes: 512kB
  timeout: 500ms
  attempts: 1
  fit: tiles
model: models/own.onnx
workers: 3
seed: 7
budget: { rate: 90/minute, per: stream }
labels: { reveal: admitted:200 }
objects: 8
health: on
purpose: validation
policy: { weights: { noise: 0 } }
sharing: false
delivery: at_least_once
http: { host: 0.0.0.0, port: 80 }
`);
  expect(config.source.kafka).toEqual({
    brokers: ['kafka-1:9092', '[::1]:9093'],
    topic: 'samples',
    labels: 'labels',
    tls: { ca: { file: '/etc/sluice/ca.pem' }, cert: { file: '/run/cert.pem' }, key: { env: 'KEY' } },
    sasl: { mechanism: 'scram-sha-512', username: { env: 'USER' }, password: { file: '/etc/sluice/secrets/kafka' } },
    session_timeout: 90_000,
    batch: 8,
    known_ids: 5000,
    max_bytes: 1_048_576,
  });
  expect(config).toMatchObject({ sinks: { kafka: { replicas: 3 } }, registry: { url: 'https://registry:8081/v1', username: { env: 'U' } }, model: '/etc/sluice/models/own.onnx', workers: 3, seed: 7 });
  expect(config).toMatchObject({ budget: { rate: { items: 90, seconds: 60 }, per: 'stream' }, labels: { reveal: { when: 'admitted', after: 200 } }, objects: 8, health: 'on', purpose: 'validation', sharing: false });
  expect(config).toMatchObject({ policy: { ...DEFAULT_POLICY, weights: { ...DEFAULT_POLICY.weights, noise: 0 } }, delivery: 'at_least_once', http: { host: '0.0.0.0', port: 80 } });
  expect(objectRules(config)).toEqual({
    roots: ['/etc/sluice/images', '/data'],
    hosts: [{ host: 'images.example.com' }, { host: '10.0.0.1:8080' }, { host: '*.example.com' }],
    privateAddresses: true,
    limits: { bytes: 512_000, seconds: 0.5, idleSeconds: 0.5 },
    retries: { attempts: 1 },
    s3: { endpoint: 'http://minio:9000', region: 'eu-1', buckets: ['frames'], credentials: { keyId: { env: 'A' }, secretKey: { env: 'S' } } },
  });
  expect(['off', 'auto', '256'].map((objects) => parsed(`${LEAST}objects: ${objects}\n`).objects)).toEqual([0, 32, 256]);
  expect(parsed(LEAST.replace('topic: samples', 'topic: samples, tls: true')).source.kafka.tls).toEqual({});
});

test('the engine is given what the file says', () => {
  const config = parsed(`${LEAST}seed: 5\nbudget: { share: 0.1 }\nlabels: { reveal: never }\n`);
  expect(engineSettings(config, 256)).toEqual({ policy: DEFAULT_POLICY, purpose: 'train', validationShare: 0, budget: 0.1, per: 'fleet', seed: 5, reveal: { when: 'never' }, lateLabels: false, objects: true, health: 'auto', dimension: 256 });
  expect(engineSettings(parsed(`${LEAST}objects: off\n`), 256).objects).toBe(false);
  expect(engineSettings(parsed(LEAST.replace('topic: samples', 'topic: samples, labels: labels')), 256).lateLabels).toBe(true);
  expect(engineSettings(parsed(`${LEAST}validation_share: 0.2\n`), 256).validationShare).toBe(0.2);
  expect(engineSettings(parsed(`${LEAST}budget: { rate: 100/hour, per: stream }\n`), 256)).toMatchObject({ budget: { items: 100, seconds: 3600 }, per: 'stream' });
});

describe('faults', () => {
  test('all at once, from top to bottom, each with its place and how to mend it', () => {
    const text = `name: Cameras!
source:
  kafka:
    broker: [localhost:9092]
    topics: samples
    sesion-timeout: 30s
    batch: 0
    sasl: { mechanism: scram-sha256, username: me, password: hunter2 }
sinks:
  kafka: { decisions: d, alerts: d, clusters: 3, changelog: "", dead: x }
budget: { share: 0.1, rate: 5/week }
labels: { reveal: admitted:0 }
tls: true
`;
    expect(faults(text)).toEqual([
      '1:7: name: expected up to 100 of a-z 0-9 . _ -, the first a letter or digit',
      '4:5: source.kafka.brokers: is missing',
      '4:5: source.kafka.topic: is missing',
      '4:5: source.kafka.broker: there is no such setting (did you mean brokers?)',
      '5:5: source.kafka.topics: there is no such setting (did you mean topic?)',
      '6:5: source.kafka.sesion-timeout: there is no such setting (did you mean session_timeout?)',
      '7:12: source.kafka.batch: too small: expected number to be >=1',
      '8:24: source.kafka.sasl.mechanism: expected one of plain, scram-sha-256, scram-sha-512 (did you mean scram-sha-256?)',
      '8:48: source.kafka.sasl.username: a secret is never written here: give {env: NAME} or {file: PATH}',
      '8:62: source.kafka.sasl.password: a secret is never written here: give {env: NAME} or {file: PATH}',
      '10:10: sinks.kafka: each topic needs a name of its own: one is named twice',
      '10:47: sinks.kafka.clusters: expected string, received number (put it in quotes)',
      "10:61: sinks.kafka.changelog: expected a topic's name: up to 249 of A-Z a-z 0-9 . _ -",
      '11:9: budget: give one of share and rate',
      '11:29: budget.rate: expected items per minute, hour or day, such as 100/hour',
      '12:19: labels.reveal: expected all, never or admitted:N with N from 1 on',
      '13:1: tls: there is no such setting (there are name, source, sinks, registry, images, model, workers, seed, budget, labels, objects, health, purpose, validation_share, policy, campaigns, sharing, delivery, http)',
    ]);
  });

  test.for([
    ['budget: { per: stream }', '5:9: budget: give one of share and rate'],
    ['budget: { share: 0.2, rate: 5/hour }', '5:9: budget: give one of share and rate'],
    ['validation_share: 1', '5:19: validation_share: too big: expected number to be <1'],
    ['validation_share: 0.2\npurpose: validation', '5:19: validation_share: divides a train pipeline; with purpose: validation all of it is for validation'],
    ['budget: { share: 0 }', '5:18: budget.share: too small: expected number to be >0'],
    ['budget: { rate: 0/hour }', '5:17: budget.rate: expected more than none'],
    ['registry: { url: "https://me:hunter2@registry" }', '5:18: registry.url: an address holds no user and password here; each has a setting of its own'],
    ['registry: { url: registry:8081 }', '5:18: registry.url: expected an address that begins with http:// or https://'],
    ['registry: { url: "http://[x" }', '5:18: registry.url: this is no address'],
    ['registry: { url: "http://r", username: { env: U } }', '5:11: registry: username and password come together'],
    ['images: { s3: { endpoint: "http://s", buckets: [abc], secret_key: { env: U } } }', '5:15: images.s3: access_key and secret_key come together'],
    ['images: { s3: { endpoint: "http://s", buckets: [abc], session_token: { env: U } } }', '5:15: images.s3: a session_token belongs to an access_key'],
    ['images: { hosts: ["http://a/b"] }', '5:19: images.hosts.0: expected a host, host:port or *.host'],
    ['images: { timeout: 10 }', '5:20: images.timeout: expected a duration with its unit (ms, s, m, h, d), such as 30s'],
    ['images: { timeout: 10 sec }', '5:20: images.timeout: expected a duration with its unit (ms, s, m, h, d), such as 30s'],
    ['images: { max_bytes: 2GB }', '5:22: images.max_bytes: expected from 1kB to 1GB'],
    ['http: { port: 70000 }', '5:15: http.port: too big: expected number to be <=65535'],
    ['http: yes', '5:7: http: expected object, received string'],
    ['policy: { weights: { nois: 1 } }', '5:22: policy.weights.nois: there is no such setting (did you mean noise?)'],
    ['model: ""', '5:8: model: expected a path'],
    ['"__proto__": { a: 1 }', /^5:1: __proto__: there is no such setting/],
    ['constructor: 1', /^5:1: constructor: there is no such setting/],
    ['sharing: false\nbudget: { rate: 90/minute }', '6:9: budget: a rate for all partitions together needs sharing: each would take all of it; give per: stream, or sharing: true'],
    ['sharing: { a: 1 }', '5:10: sharing: expected boolean, received object'],
  ] as const)('%s', ([more, fault]) => {
    const found = faultsWith(more);
    expect(found.length, found.join('\n')).toBe(1);
    expect(found[0]).toEqual(typeof fault === 'string' ? fault : (expect.stringMatching(fault) as string));
  });

  test.for([
    ['tls: 1', 'source.kafka.tls: expected boolean or object'],
    ['tls: { cb: { env: X } }', 'source.kafka.tls.cb: there is no such setting (did you mean ca?)'],
    ['tls: { cert: { env: X } }', 'source.kafka.tls: cert and key come together'],
    ['tls: { ca: -----BEGIN }', 'source.kafka.tls.ca: a secret is never written here: give {env: NAME} or {file: PATH}'],
    ['tls: { ca: { env: X, file: y } }', 'source.kafka.tls.ca: give one of env and file'],
    ['tls: { ca: { hunter2 } }', 'source.kafka.tls.ca: a secret is never written here: give {env: NAME} or {file: PATH}'],
    ['tls: { ca: {} }', 'source.kafka.tls.ca: give one of env and file'],
    ['tls: { ca: { env: "hunter2!" } }', 'source.kafka.tls.ca.env: expected the name of a variable'],
  ] as const)('%s', ([more, fault]) => {
    const found = faults(LEAST.replace('topic: samples', `topic: samples, ${more}`)).map((line) => line.replace(/^\d+:\d+: /, ''));
    expect(found[0]).toEqual(fault);
    expect(found.join()).not.toContain('hunter2');
  });

  test('of very many unknown names do not take for ever', () => {
    const found = faultsWith(Array.from({ length: 60_000 }, (_, i) => `key${i}: 1`).join('\n'));
    expect(found.length).toBe(101);
    expect(found[0]).toMatch(/^5:1: key0: there is no such setting/);
  });

  test('never quote a value, which may be secret', () => {
    const hidden = (line: string): void => expect(line).not.toContain('hunter2');
    const env = { PASSWORD: 'hunter2' };
    const all = ['name', 'model', 'workers', 'purpose', 'delivery', 'sharing', 'seed', 'http', 'budget', 'labels'].flatMap((name) => faultsWith(`${name}: \${PASSWORD}`, env));
    expect(all.length).toBe(9);
    all.forEach(hidden);
    faults(LEAST.replace('localhost:9092', '${PASSWORD}'), env).forEach(hidden);
    for (const broken of ['a: "hunter2" hunter2', 'a: |hunter2', 'a: !hunter2 x', '"\\q hunter2"', 'a: [hunter2', 'a: hunter2: hunter2', '- hunter2\nhunter2', '{hunter2']) faults(`registry: 1\n${broken}`).forEach(hidden);
  });
});

describe('a file', () => {
  test('that is none, is too large or is not there', () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'd.yaml'));
    writeFileSync(join(folder, 'large.yaml'), `${LEAST}#${'x'.repeat(1024 * 1024)}`);
    writeFileSync(join(folder, 'mark.yaml'), `\ufeff${LEAST}`);
    const fault = (name: string): readonly string[] => faultsIn(() => readPipeline(join(folder, name), {}));
    expect(fault('d.yaml')).toEqual([`the pipeline file ${join(folder, 'd.yaml')} is no regular file`]);
    expect(fault('gone.yaml')).toEqual([`the pipeline file ${join(folder, 'gone.yaml')} could not be read (ENOENT)`]);
    expect(fault('large.yaml')[0]).toContain('one of more than 1048576 is refused');
    expect(fault('mark.yaml')).toEqual([]);
  });

  test('the example has no faults, without any variable set', () => {
    const config = readPipeline(fileURLToPath(new URL('../../../../examples/pipeline.yaml', import.meta.url)), {});
    expect(config).toMatchObject({ name: 'cameras', source: { kafka: { brokers: ['localhost:9092'] } }, http: { port: 4195 } });
  });
});
