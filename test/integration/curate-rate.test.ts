/** A budget per time on the embedded host, with the real parts. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import { curated } from '../support/cli.ts';
import { type Made, makePictures, newPlace, writeCsv } from '../support/folders.ts';

const COUNT = 90;
const RATE = { items: 12, seconds: 3600 };
const at = (i: number): string => new Date(Date.UTC(2026, 0, 1) + i * 60_000).toISOString();

describe('curate --budget 12/hour', { timeout: 120_000 }, () => {
  let made: Made;
  let csv: string;

  beforeAll(async () => {
    made = await makePictures(COUNT);
    csv = writeCsv([['path', 'time'], ...made.names.map((name, i) => [name, at(i)])], join(made.folder, 'list.csv'));
  }, 120_000);

  test('admits what the rate allows, and says what was left of it; stopped and resumed it decides the same', async () => {
    const [whole, out] = [newPlace(), newPlace()];
    const { admitted, decided, unspent } = await curated(csv, whole, { budget: RATE });
    expect(decided).toBe(COUNT);
    // One to begin with, then one in five minutes.
    expect(admitted).toBeLessThanOrEqual(1 + Math.floor((COUNT - 1) / 5));
    expect(admitted + unspent).toBe(1 + Math.floor((COUNT - 1) / 5));
    expect(admitted).toBeGreaterThanOrEqual(10);
    const half = writeCsv([['path', 'time'], ...made.names.slice(0, 40).map((name, i) => [name, at(i)])], join(made.folder, 'list.csv'));
    await curated(half, out, { budget: RATE });
    writeCsv([['path', 'time'], ...made.names.map((name, i) => [name, at(i)])], half);
    await curated(half, out, { budget: RATE });
    const verdicts = (dir: string): unknown[] => {
      const reader = openReader(dir);
      const found = [...reader.decisions()].map(({ id, verdict, reasons }) => [id, verdict, reasons]);
      reader.close();
      return found;
    };
    expect(verdicts(out)).toEqual(verdicts(whole));
  });

  test('without times it is refused before anything is made', async () => {
    const out = newPlace();
    const untimed = writeCsv([['path', 'time'], ...made.names.map((name) => [name, ''])], join(made.folder, 'untimed.csv'));
    for (const source of [made.folder, untimed]) {
      await expect(curated(source, out, { budget: RATE })).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_INVALID', exit: 78, message: expect.stringContaining('12/hour') as string });
    }
  });

  test('from a share to a rate and back: named as a change, then it goes on', async () => {
    const out = newPlace();
    await curated(csv, out, { budget: 0.25 });
    await expect(curated(csv, out, { budget: RATE })).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_CHANGED', message: expect.stringContaining('budget: 0.25 -> 12/hour') as string });
    const { admitted } = await curated(csv, out, { budget: RATE, change: true });
    expect((await curated(csv, out, { budget: 0.25, change: true })).admitted).toBe(admitted);
  });
});
