/** Alerts of a real store to real sinks: a webhook on loopback, commands, files. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { command } from '../../infra/alerts/command.ts';
import { jsonl, log } from '../../infra/alerts/lines.ts';
import { mute, readStanding } from '../../infra/alerts/standing.ts';
import type { Sink } from '../../infra/alerts/types.ts';
import { webhook, type WebhookSettings } from '../../infra/alerts/webhook.ts';
import { MOST_BEHIND } from '../../pipelines/alerts/delivery.ts';
import { alertJson } from '../../schemas/records-alert.ts';
import { desk } from '../support/alert-desk.ts';
import { someAlert } from '../support/alerts.ts';
import { sluice, start, until } from '../support/cli.ts';
import { newFolder } from '../support/folders.ts';
import { isSigned, startHook } from '../support/hook.ts';

const alerts = Array.from({ length: 5 }, (_, i) => someAlert({ seq: i }));
const [first = someAlert(), second = someAlert()] = alerts;
const KEY = Buffer.from('a key of some length');
const hookTo = (url: string, more: Partial<WebhookSettings> = {}): Sink => webhook({ name: 'ops', url, secret: () => `whsec_${KEY.toString('base64')}`, timeoutMs: 5000, ...more }, Date.now);
const idsOf = (received: readonly { readonly body: string }[]): unknown[] => received.map(({ body }) => (JSON.parse(body) as { id: unknown }).id);

describe('a webhook', () => {
  test('that fails twice gets each alert once it takes it: signed anew each time, in order', async () => {
    const hook = await startHook((_, count) => (count <= 2 ? 503 : 204));
    const { raise, run, counts, pending, said } = desk();
    const delivery = run([hookTo(hook.url)]);
    raise(first, second);
    await until('both', () => counts['ops delivered'] === 2);
    await delivery.close();
    expect(idsOf(hook.received)).toEqual([first.id, first.id, first.id, second.id]);
    expect(hook.received.every((each) => isSigned(each, KEY))).toBe(true);
    const [one] = hook.received;
    expect([one?.method, one?.url, one?.headers['content-type'], one?.headers['webhook-id'], one?.body]).toEqual(['POST', '/in?from=here', 'application/json', first.id, alertJson(first)]);
    expect(Math.abs(Number(one?.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
    expect([counts['ops failed'], pending['ops']]).toEqual([2, 0]);
    expect(said).toEqual(['alerts to ops: SLUICE_E_SINK_FAILED: it answers 503; trying again in 0.0 s, and from then on']);
  });

  test('that never answers is given up at its time and tried again; another sink does not wait', async () => {
    const hook = await startHook((_, count) => (count === 1 ? null : 200));
    const { raise, run, counts, said } = desk();
    const lines: string[] = [];
    const delivery = run([hookTo(hook.url, { timeoutMs: 300 }), log('log', (line) => lines.push(line))]);
    raise(first);
    await until('the other sink, while the first request is open', () => counts['log delivered'] === 1 && hook.received.length === 1);
    await until('the second request', () => counts['ops delivered'] === 1);
    await delivery.close();
    expect(said[0]).toContain('SLUICE_E_SINK_FAILED: it did not answer within 0.3 s');
    expect(lines).toEqual([`alert ${alertJson(first)}`]);
  });

  test('that refuses an alert gets it three times, then the next one', async () => {
    const hook = await startHook(({ body }) => (body.includes(`"${first.id}"`) ? 410 : 200));
    const { raise, run, counts, said } = desk();
    const delivery = run([hookTo(hook.url)]);
    raise(first, second);
    await until('the second', () => counts['ops delivered'] === 1);
    await delivery.close();
    expect(idsOf(hook.received)).toEqual([first.id, first.id, first.id, second.id]);
    expect([counts['ops failed'], counts['ops given_up']]).toEqual([3, 1]);
    expect(said.at(-1)).toBe(`alerts to ops: alert ${first.id} is given up after 3 tries: SLUICE_E_SINK_REFUSED: it answers 410`);
  });

  test('that sends elsewhere is not followed, and too many requests are no refusal', async () => {
    const elsewhere = await startHook(() => 200);
    const hook = await startHook((_, count) => (count === 1 ? (response) => response.writeHead(307, { location: elsewhere.url }).end() : count < 6 ? 429 : 200));
    const { raise, run, counts, said } = desk();
    const delivery = run([hookTo(hook.url)]);
    raise(first);
    await until('it', () => counts['ops delivered'] === 1);
    await delivery.close();
    expect([elsewhere.received.length, hook.received.length]).toEqual([0, 6]);
    expect(said[0]).toContain('it answers 307, and redirects are not followed');
  });

  test('where clouds hand out credentials is never asked; nothing that is said holds the address or the secret', async () => {
    const { raise, run, counts, said } = desk();
    const delivery = run([hookTo('http://169.254.169.254/T0KEN'), webhook({ name: 'named', url: 'http://metadata.example/T0KEN', secret: () => 's3cret', timeoutMs: 1000 }, Date.now, () => Promise.resolve([{ address: '169.254.169.254', family: 4 }]))]);
    raise(first);
    await until('both to fail', () => (counts['ops failed'] ?? 0) > 0 && (counts['named failed'] ?? 0) > 0);
    await delivery.close();
    expect(said.filter((line) => /SLUICE_E_SINK_FAILED.*private and special ones are refused/.test(line)).length).toBe(2);
    expect(said.join()).not.toMatch(/T0KEN|s3cret|169\.254|metadata/);
  });

  test('that is down for a whole run gets it all from the next one, once it is back; what came before the sink was there does not', async () => {
    const dir = newFolder();
    const gone = await startHook(() => 200);
    await gone.close();
    const before = desk(dir);
    before.raise(someAlert({ kind: 'growth' }));
    const down = before.run([hookTo(gone.url)]);
    before.raise(first);
    before.raise(second);
    await until('some tries', () => (before.counts['ops failed'] ?? 0) >= 3);
    await down.close();
    before.store.close();
    const after = desk(dir);
    const back = await startHook(() => 200, Number(new URL(gone.url).port));
    const up = after.run([hookTo(back.url)]);
    await until('both', () => after.counts['ops delivered'] === 2);
    await up.close();
    expect(idsOf(back.received)).toEqual([first.id, second.id]);
    expect(after.counts['ops failed'] ?? 0).toBe(0);
  });
});

describe('a command', () => {
  test('gets the alert on its standard input and its words as they are, no shell and none of the environment; it is tried again until it ends well', async () => {
    const folder = newFolder();
    const program = join(folder, 'page');
    writeFileSync(program, `#!/bin/sh\ncat > "${folder}/last.json"\nprintf '%s|' "$@" > "${folder}/args"\nenv > "${folder}/env"\n[ -e "${folder}/mended" ] || { touch "${folder}/mended"; echo 'no one is there' >&2; exit 3; }\n`);
    chmodSync(program, 0o755);
    process.env['SLUICE_TEST_SECRET'] = 'in the environment';
    onTestFinished(() => void delete process.env['SLUICE_TEST_SECRET']);
    const { raise, run, counts, said } = desk();
    const delivery = run([command({ name: 'page', program, args: ['$(id)', 'two words', ''], timeoutMs: 5000 })]);
    raise(first);
    await until('it', () => counts['page delivered'] === 1);
    await delivery.close();
    expect(readFileSync(join(folder, 'last.json'), 'utf8')).toBe(`${alertJson(first)}\n`);
    expect(readFileSync(join(folder, 'args'), 'utf8')).toBe('$(id)|two words||');
    const env = readFileSync(join(folder, 'env'), 'utf8');
    expect(env).toContain(`SLUICE_ALERT_ID=${first.id}\n`);
    expect(env).not.toContain('SLUICE_TEST_SECRET');
    expect(said).toEqual([expect.stringContaining('alerts to page: SLUICE_E_SINK_FAILED: it ended with exit code 3, and says: no one is there; trying again')]);
  });

  test('that does not end is ended, with what it started; one that is not there is told of; one that reads nothing is done all the same', async () => {
    const folder = newFolder();
    const { raise, run, counts, said } = desk();
    const slow = command({ name: 'slow', program: 'sh', args: ['-c', `sleep 600 & echo $! > "${folder}/pid"; wait`], timeoutMs: 500 });
    const delivery = run([slow, command({ name: 'none', program: join(folder, 'none'), args: [], timeoutMs: 5000 }), command({ name: 'true', program: 'true', args: [], timeoutMs: 5000 })]);
    raise(someAlert({ exemplars: Array.from({ length: 20_000 }, (_, i) => `item ${i}`) }));
    await until('all three', () => (counts['slow failed'] ?? 0) > 0 && (counts['none failed'] ?? 0) > 0 && counts['true delivered'] === 1);
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    await delivery.close();
    expect(said.find((line) => line.includes('slow'))).toContain('it took more than 0.5 s');
    expect(said.find((line) => line.includes('none'))).toContain('it could not be started (ENOENT)');
    await until('what it started to be gone', () => !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '));
  });
});

describe('a JSONL file', () => {
  test('gets a line each, behind one that was cut off; where it cannot be written it is tried again', async () => {
    const folder = newFolder();
    const file = join(folder, 'later', 'alerts.jsonl');
    const { raise, run, counts, said } = desk();
    const delivery = run([jsonl('jsonl', file)]);
    raise(first);
    await until('a failure', () => (counts['jsonl failed'] ?? 0) > 0);
    mkdirSync(join(folder, 'later'));
    writeFileSync(file, '{"kind":"nov');
    await until('it', () => counts['jsonl delivered'] === 1);
    raise(second);
    await until('the other', () => counts['jsonl delivered'] === 2);
    await delivery.close();
    expect(readFileSync(file, 'utf8')).toBe(`{"kind":"nov\n${alertJson(first)}\n${alertJson(second)}\n`);
    expect(said[0]).toContain('cannot be written (ENOENT)');
  });
});

describe('delivery', () => {
  test('passes over what is muted when it is raised, for good; what comes after the mute is delivered', async () => {
    const dir = newFolder();
    const { raise, run, counts } = desk(dir);
    const lines: string[] = [];
    let now = 1000;
    const delivery = run([log('log', (line) => lines.push(line))], () => now);
    mute(dir, { kind: null, stream: 'yard', cluster: null }, 2000, now);
    const elsewhere = someAlert({ seq: 7, streams: ['gate', 'yard'] });
    raise(first, elsewhere);
    await until('both', () => counts['log muted'] === 1 && counts['log delivered'] === 1);
    now = 2000;
    raise(second);
    await until('the last', () => counts['log delivered'] === 2);
    await delivery.close();
    expect(lines).toEqual([elsewhere, second].map((alert) => `alert ${alertJson(alert)}`));
    expect([...readStanding(dir, now).muted]).toEqual([first.id]);
  });

  test('a sink that is too far behind is not told of the oldest', async () => {
    const { raise, run, counts, said } = desk();
    const hook = await startHook(() => 500);
    const delivery = run([hookTo(hook.url)]);
    const many = Array.from({ length: MOST_BEHIND + 3 }, (_, i) => someAlert({ seq: i }));
    raise(...many);
    await until('a failure', () => (counts['ops failed'] ?? 0) > 0);
    await delivery.close();
    expect([counts['ops dropped'], idsOf(hook.received)[0]]).toEqual([3, many[3]?.id]);
    expect(said[0]).toBe('alerts to ops: it is more than 10000 behind; the 3 oldest are dropped');
  });

  test('what a power cut took back does not make a sink miss what comes in its place', async () => {
    const dir = newFolder();
    const lines: string[] = [];
    const before = desk(dir);
    const delivery = before.run([log('log', (line) => lines.push(line))]);
    before.raise(...alerts);
    await until('all', () => before.counts['log delivered'] === 5);
    await delivery.close();
    before.store.close();
    const { DatabaseSync } = await import('node:sqlite');
    const db = new DatabaseSync(join(dir, 'sluice.db'));
    db.exec('DELETE FROM alerts WHERE number > 3');
    db.close();
    const after = desk(dir);
    const again = after.run([log('log', (line) => lines.push(line))]);
    after.raise(first);
    await until('it', () => after.counts['log delivered'] === 1);
    await again.close();
    expect(lines.at(-1)).toBe(`alert ${alertJson(first)}`);
  });
});

describe('sluice run', { timeout: 120_000 }, () => {
  test('killed between the commit and the delivery, the next run delivers; acknowledged and muted while it runs', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'grows'));
    const hook = await startHook(() => 503);
    const port = Number(new URL(hook.url).port);
    const file = join(folder, 'cameras.yaml');
    const out = join(folder, 'out');
    writeFileSync(file, `name: yard\nsource: { cameras: [{ name: line, folder: grows, silent_after: 1s }] }\nout: out\nworkers: 1\nhttp: { port: 0 }\nalerts:\n  - webhook: { url: '${hook.url}', secret: { env: HOOK } }\n  - { name: keep, jsonl: alerts.jsonl }\n`);
    const killed = start(['run', file], { env: { HOOK: 's3cret' } });
    await until('the first request', () => hook.received.length > 0);
    const url = /health and metrics at (\S+)/.exec(killed.stderr())?.[1];
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/sluice_alert_deliveries_pending\{sink="webhook",pipeline="yard"\} 1\n/);
    expect(metrics).toMatch(/sluice_alert_deliveries_total\{sink="webhook",outcome="delivered",pipeline="yard"\} 0\n/);
    const [listed] = (await sluice('alerts', out, '--json')).stdout.trim().split('\n').map((line) => JSON.parse(line) as { id: string; kind: string });
    expect(listed?.kind).toBe('health.silent');
    expect(await sluice('alerts', 'ack', out, listed?.id ?? '', '--by', 'Ada')).toMatchObject({ code: 0 });
    expect(await sluice('alerts', 'mute', out, '--kind', 'novel', '--for', '2h')).toMatchObject({ code: 0 });
    expect((await sluice('alerts', out)).stdout).toMatch(/acknowledged \S+ by Ada\]\n$/);
    expect((await sluice('alerts', 'mutes', out)).stdout).toMatch(/^kind novel: muted until /);
    killed.signal('SIGKILL', 'group');
    await killed.ended;
    await hook.close();
    const back = await startHook(() => 200, port);
    const run = start(['run', file], { env: { HOOK: 's3cret' } });
    await until('the delivery', () => back.received.length > 0);
    run.signal('SIGTERM', 'alone');
    const { code, stderr } = await run.ended;
    expect([code, `${killed.stderr()}${stderr}`.includes('s3cret')]).toEqual([0, false]);
    expect(idsOf(back.received)).toEqual([listed?.id]);
    expect(back.received.every((each) => isSigned(each, Buffer.from('s3cret')))).toBe(true);
    const lines = readFileSync(join(folder, 'alerts.jsonl'), 'utf8').trim().split('\n');
    expect(new Set(lines.map((line) => (JSON.parse(line) as { id: string }).id))).toEqual(new Set([listed?.id]));
  });

  test('does not start where a secret is not there', async () => {
    const folder = newFolder();
    const file = join(folder, 'cameras.yaml');
    writeFileSync(file, `name: yard\nsource: { cameras: [{ name: line, folder: . }] }\nout: out\nworkers: 1\nhttp: { port: 0 }\nalerts: [{ webhook: { url: 'http://127.0.0.1:9/', secret: { env: SLUICE_TEST_NONE } } }]\n`);
    const { code, stderr } = await sluice('run', file);
    expect([code, stderr]).toEqual([78, expect.stringContaining('the variable SLUICE_TEST_NONE is not set')]);
  });
});
