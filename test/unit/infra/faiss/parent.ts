/**
 * Run as a process of its own: opens an index, says its pid and every signal, and does what the lines of stdin say: `search`, `kill` (the index process,
 * unnoticed until the next calls), `end`.
 */
import { createInterface } from 'node:readline';
import { openIndex } from '../../../../infra/faiss/index.ts';
import { SluiceError } from '../../../../schemas/errors.ts';
import { indexProcesses, isRunning } from './processes.ts';

const row = new Float32Array(4).fill(0.5);
const index = await openIndex(4);
await index.add(row);
const [pid = 0] = indexProcesses();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => say(signal));
say(pid);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'end') break;
  if (line === 'kill') kill();
  const calls = line === 'kill' ? [index.search(row, 1), index.add(row), index.reset(), index.add(row)] : [index.search(row, 1)];
  say((await Promise.all(calls.map(outcomeOf))).join());
}
await index.close();
process.stdin.destroy();

/** Blocks this thread until it is done, so that it hears of nothing meanwhile. */
function kill(): void {
  process.kill(pid, 'SIGKILL');
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let i = 0; i < 500 && isRunning(pid); i++) Atomics.wait(cell, 0, 0, 10);
}

function outcomeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'answered',
    (error: unknown) => (error instanceof SluiceError ? error.code : String(error)),
  );
}

function say(what: string | number): void {
  process.stdout.write(`${what}\n`);
}
