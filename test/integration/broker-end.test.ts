/** A broker ends with the process that started it, also when nobody can say so any more. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { freePorts } from '../../infra/broker/ports.ts';

const BROKER = new URL('../support/broker.ts', import.meta.url).href;
const SCRIPT = `
import { startBroker } from ${JSON.stringify(BROKER)};
const { brokers, kind } = await startBroker();
console.log(JSON.stringify({ brokers, kind }));
setInterval(() => {}, 1000);`;

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Another process that has a broker. */
async function owner(env: Record<string, string>): Promise<{ child: ChildProcess; port: number; kind: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { brokers, kind } = JSON.parse(line.toString()) as { brokers: [string]; kind: string };
  return { child, port: Number(brokers[0].split(':')[1]), kind };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

test.each([
  { where: 'the broker chosen here', env: {} },
  { where: 'a process', env: { SLUICE_BROKER: 'process' } },
])('$where ends with its owner, killed', async ({ env }) => {
  const { child, port, kind } = await owner(env);
  expect(kind).toBe('SLUICE_BROKER' in env ? 'process' : (process.env['SLUICE_BROKER'] ?? kind));
  expect(await answers(port)).toBe(true);
  child.kill('SIGKILL');
  while (await answers(port)) await setTimeout(50); // the test's own limit ends this
});

test('the one of `npm run broker` has the port that is asked for, and ends when it is told to', async () => {
  const [port = 0] = await freePorts(1);
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../infra/broker/run.ts', import.meta.url)), '--port', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  const [line] = (await once(child.stderr, 'data')) as [Buffer];
  expect(line.toString()).toContain(`127.0.0.1:${port}`);
  expect(await answers(port)).toBe(true);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(await answers(port)).toBe(false);
});
