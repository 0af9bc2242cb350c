/** Signals, a second process, and processes that are left alone. Where a test needs a moment, the run is stopped at a point of its work (SIGSTOP) and set going again. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import { contentsOf, type Running, signalAgain, sluice, start, stateOf, stopped, until } from '../support/cli.ts';
import { type Made, makePictures, newPlace } from '../support/folders.ts';

const COUNT = 60;
const BATCH = 10;

describe('a run that is disturbed', { timeout: 120_000 }, () => {
  let made: Made;
  let command: string[];
  let undisturbed: Record<string, unknown>;

  beforeAll(async () => {
    made = await makePictures(COUNT, { badEvery: 23 });
    command = ['curate', made.folder, '--no-report', '--json', '--batch', String(BATCH)];
    const out = newPlace();
    expect(await start([...command, '--out', out]).ended).toMatchObject({ code: 0, signal: null });
    undisturbed = contentsOf(out);
  }, 120_000);

  function settled(out: string): number {
    const reader = openReader(out);
    const { decided, dead } = reader.totals();
    reader.close();
    return decided + dead;
  }

  async function goesOn(out: string): Promise<void> {
    expect(await sluice(...command, '--out', out)).toMatchObject({ code: 0 });
    expect(contentsOf(out)).toEqual(undisturbed);
  }

  // As a terminal and a service manager send them: to all of its processes.
  test.for([
    { name: 'SIGINT', at: 'before BEGIN IMMEDIATE', nth: 3, least: 2 * BATCH },
    { name: 'SIGINT', at: 'embed', nth: 1, least: BATCH },
    { name: 'SIGTERM', at: 'index', nth: 1, least: BATCH },
    { name: 'SIGHUP', at: 'embed', nth: 1, least: BATCH },
  ] as const)('$name (at: $at) ends it after the batch under way, with 130, and it goes on later', async ({ name, at, nth, least }) => {
    const out = newPlace();
    const child = start([...command, '--out', out], { points: [{ at, nth, act: 'stop' }] });
    await stopped(child);
    child.signal(name, 'group');
    child.signal('SIGCONT', 'alone');
    const { code, signal, stdout, stderr } = await child.ended;
    expect({ code, signal, stdout }, stderr).toEqual({ code: 130, signal: null, stdout: '' });
    expect(stderr).toContain('stopping when what is under way is written');
    // And what else was under way by the time the signal was seen: one that is decided, and one that waits for its turn, where they were ready.
    const kept = settled(out);
    expect([least, least + BATCH, least + 2 * BATCH]).toContain(kept);
    expect(stderr).toContain(`sluice: stopped after ${kept} items; all of them are kept\n  Run the same command again: it goes on where it stopped. [SLUICE_E_INTERRUPTED]`);
    await goesOn(out);
  });

  test('twice: it ends at once, in the middle of a batch', async () => {
    const out = newPlace();
    const whole = ['curate', made.folder, '--no-report', '--batch', String(COUNT), '--out', out];
    const child = start(whole, { points: [{ at: 'embed', nth: 1, act: 'stop' }] });
    await stopped(child);
    child.signal('SIGINT', 'alone');
    child.signal('SIGCONT', 'alone');
    await signalAgain(child, 'SIGINT');
    const { code, signal, stderr } = await child.ended;
    // What a shell shows as 130.
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGINT' });
    expect(stderr).not.toContain('SLUICE_E_');
    expect(settled(out)).toBe(0);
    await goesOn(out);
  });

  test('twice within a moment is once: npm hands on what the terminal has sent to all', async () => {
    const out = newPlace();
    const child = start([...command, '--out', out], { points: [{ at: 'embed', nth: 1, act: 'stop' }] });
    await stopped(child);
    // Two of a kind would wait as one.
    child.signal('SIGTERM', 'group');
    child.signal('SIGHUP', 'alone');
    child.signal('SIGCONT', 'alone');
    expect(await child.ended).toMatchObject({ code: 130, signal: null });
    await goesOn(out);
  });

  test('a second process on its folder is refused, readers are not, and the first goes on unharmed', async () => {
    const out = newPlace();
    const child = start([...command, '--out', out], { points: [{ at: 'before COMMIT', nth: 3, act: 'stop' }] });
    await stopped(child);
    const [second, exported] = await Promise.all([sluice(...command, '--out', out), sluice('export', out, '--format', 'jsonl', '--verdict', 'all', '--to', '-')]);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toBe(`sluice: Another run is writing to ${out}.\n  Wait for it to end or stop it; a killed process leaves no lock. [SLUICE_E_BUSY]\n`);
    expect(exported).toMatchObject({ code: 0, stderr: `${BATCH} items written\n` });
    child.signal('SIGCONT', 'alone');
    expect(await child.ended).toMatchObject({ code: 0 });
    expect(contentsOf(out)).toEqual(undisturbed);
  });

  test.for(['index', 'spawned'])('killed alone (at: %s), it leaves no process behind, and the folder is free', async (at) => {
    const out = newPlace();
    const child = start([...command, '--out', out], { points: [{ at, nth: 1, act: 'stop' }] });
    await stopped(child);
    const helpers = childrenOf(child);
    expect(helpers.length).toBe(1);
    child.signal('SIGKILL', 'alone');
    expect(await child.ended).toMatchObject({ signal: 'SIGKILL' });
    const begun = performance.now();
    await until(`${helpers.join(', ')} were to end`, () => helpers.every((pid) => [null, 'Z'].includes(stateOf(pid))));
    expect(performance.now() - begun).toBeLessThan(10_000);
    await goesOn(out);
  });

  test('without its index process it ends with a clear error, and goes on later', async () => {
    const out = newPlace();
    const child = start([...command, '--out', out], { points: [{ at: 'before COMMIT', nth: 2, act: 'stop' }] });
    await stopped(child);
    for (const pid of childrenOf(child)) process.kill(pid, 'SIGKILL');
    child.signal('SIGCONT', 'alone');
    const { code, stderr } = await child.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^sluice: the index process (ended|cannot be reached) .*\n.*: it goes on where it stopped\. \[SLUICE_E_INDEX\]\n$/);
    await goesOn(out);
  });

  test.for(['removed', 'replaced'])('whose folder is %s ends at its next commit, and says so', async (how) => {
    const out = newPlace();
    const child = start([...command, '--out', out], { points: [{ at: 'index', nth: 2, act: 'stop' }] });
    await stopped(child);
    rmSync(out, { recursive: true });
    if (how === 'replaced') expect(await sluice(...command, '--out', out)).toMatchObject({ code: 0 });
    child.signal('SIGCONT', 'alone');
    const { code, stdout, stderr } = await child.ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`sluice: ${join(out, 'sluice.db')} was removed or replaced while the run was at work.`);
    if (how === 'replaced') expect(contentsOf(out)).toEqual(undisturbed);
  });

  test('a file that goes away between the list and the reading becomes a dead letter in its place', async () => {
    const out = newPlace();
    const { folder, names } = await makePictures(30);
    const child = start(['curate', folder, '--no-report', '--json', '--batch', '8', '--out', out], { points: [{ at: 'embed', nth: 1, act: 'stop' }] });
    await stopped(child);
    rmSync(join(folder, names[29] ?? ''));
    child.signal('SIGCONT', 'alone');
    expect(await child.ended).toMatchObject({ code: 0 });
    const reader = openReader(out);
    expect(reader.totals()).toMatchObject({ decided: 29, dead: 1 });
    expect([...reader.dead()]).toEqual([{ seq: 29, id: names[29], code: 'SLUICE_E_IMAGE_MISSING', cause: 'the file is not there' }]);
    reader.close();
  });
});

function childrenOf({ pid }: Running): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter((text) => text !== '').map(Number);
}
