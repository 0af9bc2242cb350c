import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseCameras, readAnyPipeline } from '../../../../pipelines/config/kinds.ts';
import { silentAfter } from '../../../../pipelines/live/feeds.ts';
import { fileURLToPath } from 'node:url';
import { faultsIn } from '../../../support/faults.ts';

const EXAMPLE = fileURLToPath(new URL('../../../../examples/cameras.yaml', import.meta.url));
const parsed = (cameras: string, more = '') => parseCameras(`name: yard\nout: run\nsource:\n  cameras:\n${cameras}\n${more}`, '/etc/sluice/c.yaml', {});
const faults = (cameras: string, more = ''): readonly string[] => faultsIn(() => parsed(cameras, more)).map((line) => line.replace('/etc/sluice/c.yaml:', ''));

test('the example, and its defaults', () => {
  const { cameras, kafka } = readAnyPipeline(EXAMPLE, {});
  expect(kafka).toBeUndefined();
  expect(cameras?.source.cameras.map(({ name }) => name)).toEqual(['gate', 'yard', 'desk', 'line-1']);
  expect(cameras?.source.cameras[0]).toEqual({ name: 'gate', url: 'rtsp://192.0.2.10:554/stream1', username: { env: 'GATE_USER' }, password: { file: '/run/secrets/gate' }, transport: 'tcp', fps: 2, stall_after: 10_000 });
  expect(cameras?.source.cameras.map(silentAfter)).toEqual([30_000, 300_000, 30_000, null]);
  expect(cameras?.out).toBe(fileURLToPath(new URL('../../../../examples/run', import.meta.url)));
});

test('a file without cameras is one over Kafka', () => {
  expect(readAnyPipeline(fileURLToPath(new URL('../../../../examples/pipeline.yaml', import.meta.url)), {}).kafka?.name).toBe('cameras');
});

test('a rate asked for is waited for', () => {
  expect(parsed('    - { name: a, url: "rtsp://h/s", fps: 0.01 }').source.cameras.map(silentAfter)).toEqual([300_000]);
});

test.each([
  ['    - { name: a }', ['5:7: source.cameras.0: give one of url, device and folder']],
  ['    - { name: a, url: "rtsp://h/s", device: /dev/video0 }', ['5:7: source.cameras.0: give one of url, device and folder']],
  ['    - { name: a, url: "file:///etc/passwd" }', ['5:23: source.cameras.0.url: expected an address that begins with rtsp://, rtsps://, http:// or https://']],
  ['    - { name: a, url: "rtsp://:" }', ['5:23: source.cameras.0.url: this is no address']],
  ['    - { name: a, url: "rtsp://user:s3cret@h/s" }', ['5:23: source.cameras.0.url: an address holds no user and password here; each has a setting of its own']],
  ['    - { name: a, url: "rtsp://h/s", username: { env: U } }', ['5:7: source.cameras.0: username and password come together']],
  ['    - { name: a, device: /dev/video0, username: { env: U }, password: { env: P } }', ['5:7: source.cameras.0: username and password belong to an url']],
  ['    - { name: a, url: "rtsp://h/s", username: { env: U }, password: s3cret }', ['5:69: source.cameras.0.password: a secret is never written here: give {env: NAME} or {file: PATH}']],
  ['    - { name: a, folder: f, fps: 2 }', ['5:34: source.cameras.0.fps: no file of a folder is left out']],
  ['    - { name: a, device: video0 }', ['5:26: source.cameras.0.device: expected a device such as /dev/video0']],
  ['    - { name: a, folder: f }\n    - { name: a, folder: g }', ['5:5: source.cameras: each camera needs a name of its own: one is named twice']],
  ['    - { name: a, folder: f, silent_aftr: 5s }', ['5:29: source.cameras.0.silent_aftr: there is no such setting (did you mean silent_after?)']],
])('%s', (cameras, expected) => {
  expect(faults(cameras)).toEqual(expected);
  expect(faults(cameras).join()).not.toContain('s3cret');
});

test('what is kept: for ever, or as long and as much as is said', () => {
  const camera = '    - { name: a, folder: f }';
  expect([parsed(camera).retention, parsed(camera).rejected_thumbnails]).toEqual([{}, 10_000]);
  const given = parsed(camera, 'retention: { age: 30d, size: 20GB }\nrejected_thumbnails: 7');
  expect([given.retention, given.rejected_thumbnails]).toEqual([{ age: 30 * 86_400_000, size: 20e9 }, 7]);
  expect(faults(camera, 'retention: { age: 1s, size: 1MB }')).toEqual(['6:19: retention.age: expected from 1h to 3650d', '6:29: retention.size: expected from 1GB to 1000000GB']);
});

test('sinks of alerts: names, paths and times', () => {
  const alerts = `alerts:\n  - log: true\n  - jsonl: a/alerts.jsonl\n  - kafka: { brokers: ["k:9092"], topic: alerts, tls: true }\n  - webhook: { url: "https://ops/in" }\n    name: ops\n    timeout: 2s\n  - command: [./page, ./as-it-is]\n  - command: [page]\n    name: other\n`;
  expect(parsed('    - { name: a, folder: f }', alerts).alerts).toEqual([
    { name: 'log', log: true, timeout: 10_000 },
    { name: 'jsonl', jsonl: '/etc/sluice/a/alerts.jsonl', timeout: 10_000 },
    { name: 'kafka', kafka: { brokers: ['k:9092'], topic: 'alerts', tls: {} }, timeout: 10_000 },
    { name: 'ops', webhook: { url: 'https://ops/in' }, timeout: 2000 },
    { name: 'command', command: ['/etc/sluice/page', './as-it-is'], timeout: 10_000 },
    { name: 'other', command: ['page'], timeout: 10_000 },
  ]);
  expect(parsed('    - { name: a, folder: f }').alerts).toEqual([]);
});

test.each([
  ['{ name: a }', ['6:11: alerts.0: give one of log, jsonl, kafka, webhook and command']],
  ['{ log: true, jsonl: x }', ['6:11: alerts.0: give one of log, jsonl, kafka, webhook and command']],
  ['{ log: true }, { log: true }', ['6:9: alerts: each sink needs a name of its own: two have the same']],
  ['{ webhook: { url: "https://u:s3cret@h/" } }', ['6:29: alerts.0.webhook.url: an address holds no user and password here; each has a setting of its own']],
  ['{ webhook: { url: "https://h/", secret: s3cret } }', ['6:51: alerts.0.webhook.secret: a secret is never written here: give {env: NAME} or {file: PATH}']],
  ['{ command: "rm -rf /" }', ['6:22: alerts.0.command: expected array, received string']],
  ['{ command: [] }', ['6:22: alerts.0.command: expected a program and what it is given']],
])('alerts: [%s]', (alerts, expected) => {
  expect(faults('    - { name: a, folder: f }', `alerts: [ ${alerts} ]`)).toEqual(expected);
});

test('all there is to set is in the page', () => {
  expect(readFileSync(new URL('../../../../docs/cameras.md', import.meta.url), 'utf8')).toContain('`source.cameras[].silent_after`');
});
