/** A run on a disk that fills up or is read-only: a real one, a small tmpfs, which only root can mount. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { contentsOf, type Ended, jsonLines, sluice, start, stopped } from '../support/cli.ts';
import { type Made, makePictures, newPlace } from '../support/folders.ts';

const COUNT = 60;
const BATCH = 10;

describe.skipIf(process.getuid?.() !== 0)('a run on a disk of its own', { timeout: 120_000 }, () => {
  let made: Made;
  let command: string[];
  let undisturbed: Record<string, unknown>;

  beforeAll(async () => {
    made = await makePictures(COUNT, { badEvery: 23 });
    command = ['curate', made.folder, '--json', '--batch', String(BATCH)];
    const out = newPlace();
    expect(await sluice(...command, '--out', out)).toMatchObject({ code: 0 });
    undisturbed = contentsOf(out);
  }, 120_000);

  async function goesOn(out: string): Promise<void> {
    const { code, stdout, stderr } = await sluice(...command, '--out', out);
    expect(code, stderr).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([{ decided: COUNT - made.bad.length, dead: made.bad.length }]);
    expect(contentsOf(out)).toEqual(undisturbed);
    expect(existsSync(join(out, 'report.html'))).toBe(true);
  }

  function expectFull({ code, signal, stdout, stderr }: Ended): void {
    expect({ code, signal, stdout }, stderr).toEqual({ code: 1, signal: null, stdout: '' });
    expect(stderr).toMatch(/^sluice: No space is left for .*\n {2}Free space and run the same command again: it goes on where it stopped\. \[SLUICE_E_DISK_FULL\]\n$/m);
  }

  test.for([
    ['it opens the folder', 'before PRAGMA journal_mode = WAL', 1],
    ['it writes a batch', 'before COMMIT', 3],
    ['it ends', 'before PRAGMA busy_timeout', 1],
    ['it puts the report into its place', 'after PRAGMA busy_timeout', 1],
  ] as const)('full when %s: it says so, and the run goes on once there is space', async ([, at, nth]) => {
    const disk = mounted();
    const out = join(disk, 'out');
    const child = start([...command, '--out', out], { points: [{ at, nth, act: 'stop' }] });
    await stopped(child);
    fill(disk);
    child.signal('SIGCONT', 'alone');
    expectFull(await child.ended);
    expectFull(await sluice(...command, '--out', out));
    rmSync(join(disk, 'ballast'));
    await goesOn(out);
  });

  test('read-only: refused before any work, whether there is a run or not, and the run goes on once it may', async () => {
    const disk = mounted();
    const out = join(disk, 'out');
    const child = start([...command, '--out', out], { points: [{ at: 'after COMMIT', nth: 3, act: 'stop' }] });
    await stopped(child);
    child.signal('SIGKILL', 'group');
    await child.ended;
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    for (const dir of [out, join(disk, 'new')]) {
      const { code, stdout, stderr } = await sluice(...command, '--out', dir);
      expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(`sluice: Cannot write to ${dir}: `);
      expect(stderr).toContain('Check its permissions or give another --out. [SLUICE_E_NOT_WRITABLE]\n');
    }
    execFileSync('mount', ['-o', 'remount,rw', disk]);
    await goesOn(out);
  });
});

function mounted(): string {
  const dir = newPlace();
  mkdirSync(dir);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'sluice-test', dir]);
  onTestFinished(() => void execFileSync('umount', ['-l', dir]));
  return dir;
}

/** To the last byte. */
function fill(disk: string): void {
  const { bavail, bsize } = statfsSync(disk);
  try {
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize + bsize));
  } catch {
    // Full a little earlier than it said.
  }
}
