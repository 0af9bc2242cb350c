/** What the README's Kafka section has one type in, typed in as it stands, but for the broker, which is that of the test, and free ports. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBroker, type Broker } from '../support/broker.ts';
import { jsonLines, type Ended } from '../support/cli.ts';
import { newFolder } from '../support/folders.ts';
import { readAll } from '../support/kafka-reader.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Messages that the bundled stream makes; four of its rows are bad. */
const MESSAGES = 1914;

let broker: Broker;
beforeAll(async () => {
  broker = await startBroker();
}, 120_000);
let child: ChildProcess | undefined;
afterAll(async () => {
  child?.kill();
  await broker.stop();
});

/** The shell blocks of the section, in order. */
function blocks(): readonly string[] {
  const [, section = ''] = /\n## Over Kafka\n(.*?)\n## /s.exec(readFileSync(`${ROOT}/README.md`, 'utf8')) ?? [];
  return [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block);
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

/** As in a terminal: with jobs, and with a home folder in which nothing is. */
async function typed(lines: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  const shell = spawn('bash', ['-c', `set -m\n${lines}`], { cwd: ROOT, env: { ...process.env, HOME: newFolder(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  child = shell;
  let [stdout, stderr] = ['', ''];
  shell.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  shell.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code, signal] = (await once(shell, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout, stderr };
}

test('the steps of the README work as they stand', { timeout: 180_000 }, async () => {
  const [before = '', steps = ''] = blocks();
  expect(before).toMatch(/^npm run setup\nnpm run broker .*\n$/);
  const [first, second] = [await freePort(), await freePort()];
  const lines = steps.replaceAll('4195', first).replaceAll('4196', second);
  // Should it take too long, nothing that it started stays; a second signal before they have drained would end them at once.
  const { code, stdout, stderr } = await typed(`trap 'kill %1 %2 2>/dev/null' EXIT\n${lines}\nwait`, { KAFKA_BROKER: broker.brokers[0] ?? '', PORT: first });
  expect(code, stderr).toBe(0);
  expect(stderr.match(/^cameras: stopped; all that was taken is written$/gm)?.length, stderr).toBe(2);
  const amiss = stderr.split('\n').filter((line) => /SLUICE_E_|command not found|npm error/.test(line));
  expect(amiss).toEqual(Array.from({ length: 4 }, () => expect.stringMatching(/^not sent: /) as string));
  const decisions = jsonLines(stdout);
  expect(decisions.length).toBeLessThanOrEqual(3);
  for (const decision of decisions) expect(decision).toMatchObject({ id: expect.any(String) as string, partition: expect.any(Number) as number });
  expect((await readAll(broker, 'samples')).length).toBe(MESSAGES);
  expect((await readAll(broker, 'decisions')).length).toBeGreaterThan(0);
});
