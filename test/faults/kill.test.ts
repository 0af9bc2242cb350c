/**
 * `kill -9` of the whole process group at seeded random points of a run, again and again, each time followed by the same command.
 * Another seed each time; SLUICE_FAULT_SEED=n repeats one.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { contentsOf, jsonLines, start, until } from '../support/cli.ts';
import { type Made, makePictures, newFolder, newPlace, writeLabels } from '../support/folders.ts';
import { prng } from '../support/images.ts';
import type { Point } from './points.ts';

const SEED = Number(process.env['SLUICE_FAULT_SEED'] ?? Date.now() % 2 ** 31);
const RUNS = 5;
const COUNT = 120;
const BATCH = 8;

/** The first transaction of a process opens the folder; each further one is a batch. */
const START_UP: readonly [at: string, nth: readonly [number, number]][] = [
  ['after PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE', [1, 1]],
  ['before PRAGMA page_size', [1, 1]],
  ['before PRAGMA journal_mode = WAL', [1, 1]],
  ['after BEGIN IMMEDIATE', [1, 1]],
  ['before COMMIT', [1, 1]],
  ['after COMMIT', [1, 1]],
  ['write', [1, 1]],
  ['spawned', [1, 1]],
  ['embed', [1, 2]],
];
const RUNNING: typeof START_UP = [
  ['embed', [2, 5]],
  ['index', [1, 4]],
  ['before BEGIN IMMEDIATE', [2, 4]],
  ['after BEGIN IMMEDIATE', [2, 4]],
  ['write', [2, 250]],
  ['before COMMIT', [2, 4]],
  ['after COMMIT', [2, 4]],
];
const CLOSING: typeof START_UP = [
  ['before COMMIT', [5, 5]],
  ['before PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint', [1, 1]],
  ['after PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint', [1, 1]],
  ['report.html', [1, 1]],
];

interface Kill {
  readonly point: Point | null;
  /** Without a point: milliseconds after this many pictures have gone to the model, by somebody else. */
  readonly pictures: number;
  readonly wait: number;
}

/** Four kills of one run: while it starts, while it works (at a point, then at any moment), and while it works or ends. */
function kills(draw: () => number): readonly Kill[] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)] as T;
  const at = ([name, [least, most]]: (typeof START_UP)[number]): Kill => {
    const point: Point = { at: name, nth: least + Math.floor(draw() * (most - least + 1)), act: 'kill' };
    return { point, pictures: 0, wait: 0 };
  };
  const moment: Kill = { point: null, pictures: 1 + Math.floor(draw() * 4 * BATCH), wait: Math.floor(draw() * 200) };
  return [at(pick(START_UP)), at(pick(RUNNING)), moment, at(pick(draw() < 0.5 ? RUNNING : CLOSING))];
}

describe(`killed at random points (SLUICE_FAULT_SEED=${SEED})`, () => {
  let made: Made;
  let command: string[];
  let undisturbed: Record<string, unknown>;

  beforeAll(async () => {
    made = await makePictures(COUNT, { badEvery: 17 });
    command = ['curate', made.folder, '--labels', writeLabels(made.names), '--reveal', 'admitted:10', '--batch', String(BATCH), '--json'];
    const out = newPlace();
    const { code, stderr } = await start([...command, '--out', out]).ended;
    expect(stderr).toContain('report: ');
    expect(code).toBe(0);
    undisturbed = contentsOf(out);
  }, 120_000);

  test.for(Array.from({ length: RUNS }, (_, run) => run))('run %i: four kills, then the decisions of an undisturbed run', { timeout: 240_000 }, async (run) => {
    const out = newPlace();
    const log = join(newFolder(), 'embedded');
    const planned = kills(prng(SEED + run));
    for (const kill of planned) {
      const child = start([...command, '--out', out], { embedded: log, points: kill.point === null ? [] : [kill.point] });
      const before = kill.point === null ? sum(log) : 0;
      if (kill.point === null) {
        await until('pictures were to be embedded', () => sum(log) >= before + kill.pictures);
        await setTimeout(kill.wait);
        child.signal('SIGKILL', 'group');
      }
      const { code, signal, stderr } = await child.ended;
      expect({ code, signal }, `seed ${SEED}, ${JSON.stringify(kill)} was to be reached: ${stderr}`).toEqual({ code: null, signal: 'SIGKILL' });
    }
    const { code, stdout, stderr } = await start([...command, '--out', out], { embedded: log }).ended;
    expect(code, `seed ${SEED}, ${JSON.stringify(planned)}: ${stderr}`).toBe(0);
    expect(contentsOf(out), `seed ${SEED}, ${JSON.stringify(planned)}`).toEqual(undisturbed);
    const good = COUNT - made.bad.length;
    expect(jsonLines(stdout)).toMatchObject([{ decided: good, dead: made.bad.length }]);
    expect(sum(log)).toBeGreaterThanOrEqual(good);
    expect(sum(log), `seed ${SEED}: embedded again`).toBeLessThanOrEqual(good + planned.length * 2 * BATCH);
  });
});

/** Of the numbers in a file, one on each line; 0 where there is none yet. */
function sum(log: string): number {
  try {
    return readFileSync(log, 'utf8').split('\n').reduce((total, line) => total + Number(line), 0);
  } catch {
    return 0;
  }
}
