/** The whole pipeline with its real parts (sharp, ONNX, FAISS, SQLite): decisions do not depend on how the work is cut up. */
import { beforeAll, describe, expect, test } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import type { CurateSettings } from '../../pipelines/embedded.ts';
import { contentsOf, curated } from '../support/cli.ts';
import { type Made, makePictures, newPlace, writeLabels } from '../support/folders.ts';

const COUNT = 160;

describe('curate over a folder with bad files and labels', { timeout: 120_000 }, () => {
  let made: Made;
  let common: Partial<CurateSettings>;
  const whole = newPlace();

  beforeAll(async () => {
    made = await makePictures(COUNT, { badEvery: 13 });
    common = { labels: writeLabels(made.names), reveal: { when: 'admitted', after: 7 } };
    await curated(made.folder, whole, { ...common, batch: 64 });
  }, 120_000);

  test('each input has one verdict or one dead letter, numbered in order without a gap', () => {
    const reader = openReader(whole);
    const [decisions, dead] = [[...reader.decisions()], [...reader.dead()]];
    reader.close();
    const entries = [...decisions, ...dead].sort((a, b) => a.seq - b.seq);
    expect(entries.map(({ seq, id }) => [seq, id])).toEqual(made.names.map((name, i) => [i, name]));
    expect(dead.map(({ id }) => id)).toEqual(made.bad);
    expect(new Set(dead.map(({ code }) => code))).toEqual(new Set(['SLUICE_E_IMAGE_EMPTY', 'SLUICE_E_IMAGE_CORRUPT', 'SLUICE_E_IMAGE_FORMAT']));
    // Otherwise what follows would compare little.
    const codes = new Set(decisions.map(({ reasons }) => reasons[0]?.code));
    expect([...codes]).toEqual(expect.arrayContaining(['above_cut', 'below_cut', 'exact_duplicate', 'near_duplicate']));
    expect(decisions.some(({ suspicion }) => suspicion !== null)).toBe(true);
  });

  test.for([
    { batch: 1, workers: 1 },
    { batch: 7, workers: 4 },
    { batch: 64, workers: 2 },
    { batch: 4096, workers: 1 },
  ])('the same for --batch $batch and --workers $workers, in another number of transactions', async ({ batch, workers }) => {
    const out = newPlace();
    const summary = await curated(made.folder, out, { ...common, batch, workers });
    expect(summary).toMatchObject({ decided: COUNT - made.bad.length, dead: made.bad.length, embedded: COUNT - made.bad.length, resumed_from: 0 });
    expect(contentsOf(out)).toEqual(contentsOf(whole));
    const reader = openReader(out);
    expect(reader.totals().transactions).toBe(Math.ceil(COUNT / batch));
    reader.close();
  });

  test('again: it decides nothing, embeds nothing and changes nothing', async () => {
    const before = contentsOf(whole);
    expect(await curated(made.folder, whole, { ...common, batch: 5 })).toMatchObject({ embedded: 0, resumed_from: COUNT, said: '' });
    expect(contentsOf(whole)).toEqual(before);
  });

  test('another budget decides otherwise: the comparison above can fail', async () => {
    const out = newPlace();
    await curated(made.folder, out, { ...common, budget: 0.4 });
    const verdicts = (dir: string): unknown => (contentsOf(dir)['decisions'] as { verdict: string }[]).map(({ verdict }) => verdict);
    expect(verdicts(out)).not.toEqual(verdicts(whole));
  });
});
