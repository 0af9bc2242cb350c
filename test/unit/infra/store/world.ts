/** Folders, processes and users that tests of the store need. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { openReader } from '../../../../infra/store/reader.ts';
import { SluiceError } from '../../../../schemas/errors.ts';

/** Another process that works on `dir` as child.ts says; resolves with the first line it prints. */
export async function startChild(dir: string, task: 'hold' | 'write' | 'read'): Promise<{ readonly child: ChildProcess; readonly said: string }> {
  const child = spawn(process.execPath, ['--expose-gc', fileURLToPath(new URL('./child.ts', import.meta.url)), dir, task], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: line.toString().trim() };
}

/** Waits until the folder that another process writes holds a verdict. */
export async function untilDecided(dir: string): Promise<void> {
  for (;;) {
    const reader = openReader(dir);
    const { decided } = reader.totals();
    reader.close();
    if (decided > 0) return;
    await setTimeout(5);
  }
}

/** Ends the child as nothing can be caught; resolves when it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Runs `work` without the powers of root, who may write whatever the modes say. */
export function withoutRoot<T>(work: () => T): T {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65534);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}

/** A new folder that goes away with the test. */
export function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-store-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** The code of the error that `work` throws; what is no error of the catalogue is thrown on. */
export function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown.code;
    throw thrown;
  }
  return 'nothing was thrown';
}
