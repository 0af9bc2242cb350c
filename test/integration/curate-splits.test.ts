/** Sets that must not share pictures: --validation-share within a run, --guard between runs, with the real parts. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import type { StoredDecision } from '../../infra/store/types.ts';
import { DEFAULT_POLICY } from '../../pipelines/config/policy.ts';
import { contentsOf, curated } from '../support/cli.ts';
import { type Made, makePictures, newFolder, newPlace, writeCsv } from '../support/folders.ts';

const COUNT = 40;
/** Many clusters, so that there are some for each side. */
const FINE = { ...DEFAULT_POLICY, clusters: { ...DEFAULT_POLICY.clusters, spread: 0 } };

function decisions(out: string): readonly StoredDecision[] {
  const reader = openReader(out);
  const found = [...reader.decisions()];
  reader.close();
  return found;
}
const admitted = (out: string): readonly StoredDecision[] => decisions(out).filter(({ verdict }) => verdict === 'admit');

describe('sets that are kept apart', { timeout: 120_000 }, () => {
  let made: Made;

  beforeAll(async () => {
    made = await makePictures(COUNT);
  }, 120_000);

  test('--validation-share: admitted items are on one side, rejected on none; stopped and resumed the sides are the same', async () => {
    const [whole, out] = [newPlace(), newPlace()];
    await curated(made.folder, whole, { budget: 0.8, policy: FINE, validationShare: 0.4 });
    expect(new Set(admitted(whole).map(({ split }) => split))).toEqual(new Set(['train', 'validation']));
    expect(decisions(whole).filter(({ verdict }) => verdict === 'reject').every(({ split }) => split === null)).toBe(true);
    const list = join(made.folder, 'list.csv');
    for (const count of [17, COUNT]) await curated(writeCsv([['path'], ...made.names.slice(0, count).map((name) => [name])], list), out, { budget: 0.8, policy: FINE, validationShare: 0.4 });
    expect(decisions(out).map(({ id, verdict, split }) => [id, verdict, split])).toEqual(decisions(whole).map(({ id, verdict, split }) => [id, verdict, split]));
    await expect(curated(list, out, { budget: 0.8, policy: FINE, validationShare: 0.5 })).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_CHANGED', message: expect.stringContaining('validation-share: 0.4 -> 0.5') as string });
  });

  test('--guard: no picture admitted there is admitted here, nor a copy of it; others are', async () => {
    const [guarded, out] = [newPlace(), newPlace()];
    const half = writeCsv([['path'], ...made.names.slice(0, COUNT / 2).map((name) => [name])], join(made.folder, 'half.csv'));
    await curated(half, guarded, { budget: 1, purpose: 'validation' });
    const before = contentsOf(guarded);
    expect(admitted(guarded).every(({ split }) => split === 'validation')).toBe(true);
    const copies = join(newFolder(), 'copies');
    mkdirSync(copies);
    made.names.forEach((name, i) => copyFileSync(join(made.folder, name), join(copies, `copy-${String(i).padStart(3, '0')}.jpg`)));
    await curated(copies, out, { budget: 1, guard: guarded, batch: 7 });
    const kept = new Set(admitted(guarded).map(({ digest }) => digest));
    const here = decisions(out);
    expect(kept.size).toBeGreaterThan(10);
    for (const { digest, verdict, reasons } of here.filter((item) => kept.has(item.digest))) expect([digest, verdict, reasons[0]?.code]).toEqual([digest, 'reject', 'guarded']);
    expect(here.filter(({ verdict }) => verdict === 'admit').length).toBeGreaterThan(5);
    expect(contentsOf(guarded)).toEqual(before);
    await expect(curated(copies, out, { budget: 1 })).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_CHANGED', message: expect.stringContaining(`guard: ${guarded} -> none`) as string });
  });

  test('--guard with no run in it, or the folder of the run itself, is refused before anything is made', async () => {
    const out = newPlace();
    for (const guard of [newFolder(), '/nowhere']) {
      await expect(curated(made.folder, out, { guard })).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_INVALID', exit: 78, message: expect.stringContaining('holds no run') as string });
    }
    const list = writeCsv([['path'], [made.names[0] ?? '']], join(made.folder, 'one.csv'));
    await curated(list, out);
    await expect(curated(list, out, { guard: out })).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_INVALID', message: expect.stringContaining('is the folder of --out') as string });
  });
});
