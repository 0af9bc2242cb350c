// One set-up at a time. The lock is a symbolic link whose target names its holder: made and filled in one step.
import { lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A set-up takes minutes; a lock as old as this is left over, whoever has its process id by now. */
export const STALE_MS = 30 * 60_000;

/** Is the lock left over? On another machine (a shared folder) only its age can tell. */
export function isStale(holder, ageMs, { host, alive }) {
  const [pid, where] = holder.split('@');
  return ageMs > STALE_MS || (where === host && !alive(Number(pid)));
}

/** Waits for the lock and takes it; the function that comes back gives it up. */
export async function takeLock(path, onWait) {
  mkdirSync(dirname(path), { recursive: true });
  const own = `${process.pid}@${hostname()}`;
  for (let said = false; ; ) {
    try {
      symlinkSync(own, path);
      return () => holderOf(path)?.holder === own && rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const found = holderOf(path);
    if (found === null) continue; // just given up
    if (isStale(found.holder, found.ageMs, { host: hostname(), alive: runs })) {
      moveAway(path, found.holder);
      continue;
    }
    if (!said) onWait(found.holder.split('@')[0]);
    said = true;
    await sleep(300);
  }
}

/** Of two that find the same stale lock, the slower one would take the lock that the faster one just made. */
function moveAway(path, stale) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    if (readlinkSync(aside) === stale) rmSync(aside);
    else renameSync(aside, path);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

function holderOf(path) {
  try {
    return { holder: readlinkSync(path), ageMs: Date.now() - lstatSync(path).mtimeMs };
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

function runs(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM'; // it runs, as another user
  }
}
