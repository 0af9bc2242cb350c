import { existsSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isStale, STALE_MS, takeLock } from '../../../infra/setup/lock.mjs';

describe('isStale', () => {
  const here = { host: 'a', alive: (pid: number) => pid === 1 };
  it.each([
    ['1@a', 0, false],
    ['2@a', 0, true],
    ['2@b', 0, false], // another machine's process: only the age tells
    ['2@b', STALE_MS + 1, true],
    ['1@a', STALE_MS + 1, true],
  ])('%s after %i ms: %s', (holder, age, expected) => {
    expect(isStale(holder, age, here)).toBe(expected);
  });
});

describe('takeLock', () => {
  let folder = '';
  const path = () => join(folder, 'cache', 'lock');
  const gone = 2 ** 22 + 1; // above the largest process id of Linux
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('makes the second wait until the first is done', async () => {
    const order: string[] = [];
    const release = await takeLock(path(), () => order.push('not here'));
    const takeSecond = async () => {
      const giveUp = await takeLock(path(), (pid) => order.push(`waits for ${pid}`));
      order.push('second');
      giveUp();
    };
    const second = takeSecond();
    await new Promise((resolve) => setTimeout(resolve, 50));
    order.push('first');
    release();
    await second;
    expect(order).toEqual([`waits for ${process.pid}`, 'first', 'second']);
    expect(existsSync(path())).toBe(false);
  });

  it('takes over from a process that is gone', async () => {
    (await takeLock(path(), () => {}))();
    symlinkSync(`${gone}@${hostname()}`, path());
    const release = await takeLock(path(), () => expect.unreachable('a stale lock is not waited for'));
    expect(readlinkSync(path())).toBe(`${process.pid}@${hostname()}`);
    release();
  });

  it('does not give up a lock that is another’s by now', async () => {
    const release = await takeLock(path(), () => {});
    rmSync(path());
    symlinkSync(`${gone}@elsewhere`, path());
    release();
    expect(readlinkSync(path())).toBe(`${gone}@elsewhere`);
  });
});
