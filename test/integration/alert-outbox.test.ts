/** What a sink that is slow, quick or no file must not do to the alerts behind it and to the run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { jsonl, log } from '../../infra/alerts/lines.ts';
import { mute, readStanding, unmute } from '../../infra/alerts/standing.ts';
import type { Sink } from '../../infra/alerts/types.ts';
import { alertJson } from '../../schemas/records-alert.ts';
import { desk } from '../support/alert-desk.ts';
import { someAlert } from '../support/alerts.ts';
import { until } from '../support/cli.ts';
import { newFolder } from '../support/folders.ts';

const [first, second, third] = [someAlert({ seq: 0 }), someAlert({ seq: 1 }), someAlert({ seq: 2 })];
const NOVEL = { kind: 'novel', stream: null, cluster: null };

/** Takes nothing before it is told to. */
function held(): { readonly sink: Sink; readonly got: string[]; readonly release: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const got: string[] = [];
  return { got, release: resolve, sink: { name: 'held', deliver: ({ id }) => promise.then(() => void got.push(id)), close: () => {} } };
}

test('whether an alert is muted is settled when it is raised, though its sink is still at one before it', async () => {
  const dir = newFolder();
  const { raise, run, counts } = desk(dir);
  const { sink, got, release } = held();
  const delivery = run([sink], () => 1000);
  raise(first);
  raise(second);
  mute(dir, NOVEL, 2000, 1000);
  raise(third);
  unmute(dir, NOVEL, 1000);
  release();
  await until('all', () => counts['held delivered'] === 2 && counts['held muted'] === 1);
  await delivery.close();
  expect(got).toEqual([first.id, second.id]);
  expect([...readStanding(dir, 1000).muted]).toEqual([third.id]);
});

test('a sink that never waits does not hold up the run, however far it is behind', async () => {
  const { raise, run, counts } = desk();
  const delivery = run([log('log', () => {})]);
  raise(...Array.from({ length: 200 }, (_, seq) => someAlert({ seq })));
  await turn();
  await turn();
  expect(counts['log delivered'] ?? 0).toBeLessThan(10);
  await delivery.close();
  expect(counts['log delivered']).toBe(200);
});

test('a pipe in place of a file gets each line once, though it cannot be synced', async () => {
  const pipe = join(newFolder(), 'pipe');
  const reader = spawn('sh', ['-c', 'mkfifo "$0" && exec 3<>"$0" && echo ready && exec head -n 1 <&3', pipe], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void reader.kill());
  const ended = once(reader, 'close');
  let text = '';
  reader.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
  await until('the pipe', () => text === 'ready\n');
  const { raise, run, counts } = desk();
  const delivery = run([jsonl('pipe', pipe)]);
  raise(first);
  await until('it', () => counts['pipe delivered'] === 1);
  await ended;
  await delivery.close();
  expect(text).toBe(`ready\n${alertJson(first)}\n`);
  expect(counts['pipe failed']).toBeUndefined();
});
