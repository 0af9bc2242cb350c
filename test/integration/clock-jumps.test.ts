/** The clock of the machine is set while cameras run, and between two runs. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import type { StoredDecision } from '../../infra/store/types.ts';
import { type Running, sluice, start, until } from '../support/cli.ts';
import { newFolder } from '../support/folders.ts';
import { startMotionJpeg } from '../support/http-camera.ts';

const SHIFTED = new URL('../support/shifted-clock.ts', import.meta.url).href;
const HOUR = 3_600_000;

function decisionsIn(out: string): readonly StoredDecision[] {
  const reader = openReader(out);
  try {
    return [...reader.decisions()];
  } finally {
    reader.close();
  }
}

test('ids only rise and decisions go on, whether the clock is set ahead, back or far back, and in the next run', async () => {
  const { url } = await startMotionJpeg();
  const folder = newFolder();
  const [file, out, clock] = ['cameras.yaml', 'out', 'clock'].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(file, `name: yard\nsource: { cameras: [{ name: gate, url: '${url}', fps: 25 }] }\nout: out\nworkers: 1\nbudget: { share: 0.5 }\nhttp: { port: 0 }\n`);
  const set = (hours: number): void => {
    writeFileSync(`${clock}.new`, String(hours * HOUR));
    renameSync(`${clock}.new`, clock);
  };
  set(0);
  const running = (): Running => start(['run', file], { env: { NODE_OPTIONS: `--import=${SHIFTED}`, SLUICE_TEST_CLOCK: clock } });
  const more = async (count: number): Promise<void> => {
    const before = decisionsIn(out).length;
    await until(`${count} more`, () => decisionsIn(out).length >= before + count);
  };
  const first = running();
  await until('the first frames', () => first.stderr().includes('frames come'));
  await until('some decisions', () => decisionsIn(out).length >= 5);
  for (const hours of [2, 1, -3, 400]) {
    set(hours);
    await more(15);
  }
  first.signal('SIGTERM', 'alone');
  expect((await first.ended).code).toBe(0);
  const [{ time: ahead } = { time: null }] = decisionsIn(out).slice(-1);
  expect(ahead).toBeGreaterThan(Date.now() + 399 * HOUR);
  // Set back by an hour between the runs.
  set(399);
  const second = running();
  await until('the second run', () => second.stderr().includes('frames come'));
  await more(15);
  second.signal('SIGTERM', 'alone');
  expect((await second.ended).code).toBe(0);
  const decisions = decisionsIn(out);
  const times = decisions.map(({ time }) => time ?? NaN);
  expect(times.every((time, i) => i === 0 || time > (times[i - 1] ?? Infinity))).toBe(true);
  expect(decisions.map(({ id }) => id)).toEqual(times.map((time) => `gate/${new Date(time).toISOString()}`));
  expect((await sluice('dead', out, '--json')).stdout).toBe('');
}, 120_000);
