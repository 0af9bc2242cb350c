/** The processes of index children, from /proc. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Index processes whose parent is this one. */
export function indexProcesses(parent = process.pid): readonly number[] {
  return list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent && commandOf(pid).includes('/faiss/child'));
}

/** Whether there is such a process; one that has ended, with all its threads, but was not yet waited for is none. */
export function isRunning(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat !== '' && (!stat.slice(stat.lastIndexOf(')')).startsWith(') Z') || list(`/proc/${pid}/task`).length > 1);
}

/** Waits until the process has ended; fails where it does not. */
export async function ended(pid: number): Promise<void> {
  for (let waited = 0; isRunning(pid); waited += 20) {
    if (waited > 10_000) throw new Error(`process ${pid} is still running`);
    await pause(20);
  }
}

function parentOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]);
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
