/** The index lives in a child process: nothing hangs when that dies, and nothing is left of it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openIndex } from '../../../../infra/faiss/index.ts';
import type { VectorIndex } from '../../../../operators/ports.ts';
import { SluiceError } from '../../../../schemas/errors.ts';
import { ended, indexProcesses, isRunning } from './processes.ts';

const row = new Float32Array(4).fill(0.5);

async function opened(): Promise<{ index: VectorIndex; pid: number }> {
  const before = indexProcesses();
  const index = await openIndex(4);
  onTestFinished(() => index.close());
  await index.add(row);
  const [pid] = indexProcesses().filter((child) => !before.includes(child));
  if (pid === undefined) throw new Error('no index process was found');
  return { index, pid };
}

function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'answered',
    (error: unknown) => (error instanceof SluiceError ? error.code : String(error)),
  );
}

test('killed amid calls: those, and all that follow, fail', async () => {
  const { index, pid } = await opened();
  // It answers none of them before it is gone.
  process.kill(pid, 'SIGSTOP');
  const pending = Array.from({ length: 5 }, (_, i) => codeOf(i % 2 === 0 ? index.search(row, 1) : index.add(new Float32Array(40_000))));
  process.kill(pid, 'SIGKILL');
  expect(await Promise.all(pending)).toEqual(pending.map(() => 'SLUICE_E_INDEX'));
  for (const call of [index.search(row, 1), index.add(row), index.reset()]) expect(await codeOf(call)).toBe('SLUICE_E_INDEX');
  await index.close();
  expect(indexProcesses()).not.toContain(pid);
});

test('closed amid calls: those, and all that follow, are interrupted, and no process is left', async () => {
  const { index, pid } = await opened();
  const pending = Array.from({ length: 5 }, () => codeOf(index.search(row, 1)));
  await index.close();
  expect(await Promise.all(pending)).toEqual(pending.map(() => 'SLUICE_E_INTERRUPTED'));
  expect(await codeOf(index.search(row, 1))).toBe('SLUICE_E_INTERRUPTED');
  expect(isRunning(pid)).toBe(false);
  await index.close();
});

test('closed after it was killed', async () => {
  const { index, pid } = await opened();
  process.kill(pid, 'SIGKILL');
  await index.close();
  expect(isRunning(pid)).toBe(false);
});

/** A process group of its own: a parent, and its index process. */
async function family(): Promise<{ parent: ChildProcess; pid: number; group: number; say: (line: string) => void; next: () => Promise<string>; exit: Promise<number | null> }> {
  const script = fileURLToPath(new URL('./parent.ts', import.meta.url));
  const parent = spawn(process.execPath, [script], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = new Promise<number | null>((resolve) => parent.once('exit', resolve));
  const lines = createInterface({ input: parent.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  const pid = Number(await next());
  const group = parent.pid;
  if (group === undefined) throw new Error('the parent was not started');
  onTestFinished(() => void (parent.exitCode ?? parent.signalCode ?? process.kill(-group, 'SIGKILL')));
  return { parent, pid, group, say: (line) => parent.stdin.write(`${line}\n`), next, exit };
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s to the whole group leaves the index to its parent', async (signal) => {
  const { pid, group, say, next, exit } = await family();
  process.kill(-group, signal);
  expect(await next()).toBe(signal);
  say('search');
  expect(await next()).toBe('answered');
  say('end');
  expect(await exit).toBe(0);
  await ended(pid);
});

test('dead before its parent has heard of it: calls fail, and the parent lives on', async () => {
  const { say, next, exit } = await family();
  say('kill');
  expect(await next()).toBe('SLUICE_E_INDEX,SLUICE_E_INDEX,SLUICE_E_INDEX,SLUICE_E_INDEX');
  say('search');
  expect(await next()).toBe('SLUICE_E_INDEX');
  say('end');
  expect(await exit).toBe(0);
});

test('a parent that is killed takes its index with it', async () => {
  const { parent, pid, exit } = await family();
  expect(isRunning(pid)).toBe(true);
  parent.kill('SIGKILL');
  await exit;
  await ended(pid);
});
