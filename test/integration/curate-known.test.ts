/** --known: only what a data set lacks is admitted, with the real parts. */
import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import { openStore } from '../../infra/store/sqlite.ts';
import { openKnown } from '../../infra/store/known.ts';
import type { StoredDecision } from '../../infra/store/types.ts';
import { replay } from '../../pipelines/redecide/replay.ts';
import { makeClip } from '../support/video.ts';
import { contentsOf, curated, sluice } from '../support/cli.ts';
import { CONFIG, plainBatch } from '../unit/infra/store/decisions.ts';
import { kindOf, type Made, makePictures, newFolder, newPlace, picture, writeCsv } from '../support/folders.ts';

const COUNT = 60;
const HALF = 30;
const signal = new AbortController().signal;

function decisions(out: string): readonly StoredDecision[] {
  const reader = openReader(out);
  const found = [...reader.decisions()];
  reader.close();
  return found;
}
const admitted = (out: string): readonly StoredDecision[] => decisions(out).filter(({ verdict }) => verdict === 'admit');

describe('a known data set', { timeout: 240_000 }, () => {
  let made: Made;
  /** The first half of the stream, under other names. */
  let held: string;
  let labels: string;

  beforeAll(async () => {
    made = await makePictures(COUNT, { badEvery: 29 });
    labels = writeCsv([['path', 'label'], ...made.names.map((name, i) => [name, kindOf(i)])]);
    held = join(newFolder(), 'held.csv');
    writeCsv([['path', 'label'], ...made.names.slice(0, HALF).map((name, i) => [`old-${name}`, kindOf(i)])], held);
    for (const name of made.names.slice(0, HALF)) copyFileSync(join(made.folder, name), join(held, '..', `old-${name}`));
  }, 120_000);

  test('keeps its pictures and what is nearly the same out, is embedded once, and once more where it changed', async () => {
    const [out, plain] = [newPlace(), newPlace()];
    const settings = { labels, budget: 1 } as const;
    const first = await curated(made.folder, out, { ...settings, known: held, batch: 7 });
    expect(first.said).toContain(`known: ${HALF - 1} items of ${held}, ${HALF - 1} of them embedded now; 1 could not be read and are not known`);
    for (const { seq, verdict, reasons, nearest } of decisions(out).filter((item) => item.seq < HALF)) {
      expect([seq, verdict, nearest?.id.startsWith('known:old-')]).toEqual([seq, 'reject', true]);
      expect(['exact_duplicate', 'near_duplicate']).toContain(reasons[0]?.code);
    }
    expect(admitted(out).length).toBeGreaterThan(5);
    await curated(made.folder, plain, settings);
    expect(admitted(plain).length).toBeGreaterThan(admitted(out).length);
    // Whatever the batches, and from an output folder as from its pictures.
    const [other, run] = [newPlace(), newPlace()];
    await curated(made.folder, other, { ...settings, known: held });
    expect(contentsOf(other)).toEqual(contentsOf(out));
    expect(await replay(out, {}, signal)).toMatchObject({ gained: 0, lost: 0 });

    const changed = join(held, '..', `old-${made.names[3]}`);
    copyFileSync(join(made.folder, made.names[40] ?? ''), changed);
    rmSync(join(held, '..', `old-${made.names[4]}`));
    const again = await curated(made.folder, out, { ...settings, known: held });
    expect(again).toMatchObject({ embedded: 0 });
    expect(again.said).toContain(`known: ${HALF - 2} items of ${held}, 1 of them embedded now; 2 could not be read`);
    const store = openKnown(out);
    expect([...store.items()].map(({ id }) => id)).not.toContain(`old-${made.names[4]}`);
    store.close();
    await expect(curated(made.folder, out, settings)).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_CHANGED', message: expect.stringContaining(`known: ${held} -> none`) as string });

    // The pictures of another run count where it has admitted them.
    await curated(made.folder, run, { ...settings, known: plain });
    const had = new Set(admitted(plain).map(({ digest }) => digest));
    expect(admitted(run).filter(({ digest }) => had.has(digest))).toEqual([]);
    expect(existsSync(join(run, 'known.db'))).toBe(false);
    expect(await replay(run, {}, signal)).toMatchObject({ gained: 0, lost: 0 });
  });

  test('of COCO has a root of its own, and its labels count: what it is short of comes first', async () => {
    const images = newFolder();
    writeFileSync(join(images, 'far.jpg'), await picture(200));
    const json = join(newFolder(), 'coco.json');
    const categories = [...new Set(made.names.map((_, i) => kindOf(i)))].map((name, id) => ({ id, name }));
    const annotations = Array.from({ length: 40 }, (_, id) => ({ id, image_id: 1, category_id: 0, bbox: [0, 0, 10, 10] }));
    writeFileSync(json, JSON.stringify({ images: [{ id: 1, file_name: 'far.jpg', width: 320, height: 240 }], annotations, categories }));
    const out = newPlace();
    const { code, stderr } = await sluice('curate', made.folder, '--out', out, '--labels', labels, '--known', json, '--known-root', images, '--no-report', '--workers', '1');
    expect([code, stderr]).toEqual([0, expect.stringContaining(`known: 1 items of ${json}, 1 of them embedded now\n`)]);
    // The class that the known set shows is no new one.
    const covered = decisions(out).filter(({ reasons }) => reasons[0]?.code === 'class_cover').map(({ label }) => label);
    expect(covered.length).toBeGreaterThan(0);
    expect(covered).not.toContain(categories[0]?.name);
  });

  test('may be a video, whose frames are known by their bytes and embedded once', async () => {
    const clip = await makeClip(6);
    const out = newPlace();
    expect(await curated(clip, out, { known: clip, budget: 1 })).toMatchObject({ decided: 6, admitted: 0 });
    const said = await sluice('curate', clip, '--out', out, '--known', clip, '--budget', '1', '--objects', 'off');
    expect(said.stderr).toMatch(/known: 6 items of .*clip\.mp4, 0 of them embedded now/);
  });

  test('that cannot be used is refused before anything is decided', async () => {
    const out = newPlace();
    await curated(made.folder, out, { budget: 0.1 });
    const fresh = newPlace();
    const refused = (part: Parameters<typeof curated>[2], code: string, message: string): Promise<void> => expect(curated(made.folder, fresh, part)).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
    await refused({ known: '/nowhere' }, 'SLUICE_E_SOURCE_UNKNOWN', 'There is nothing at');
    await expect(curated(made.folder, out, { known: out, change: true })).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_INVALID', message: expect.stringContaining('is the folder of --out') as string });
    const other = openStore(newPlace());
    other.recordRun(0, { ...CONFIG, model: 'another' });
    other.commit(plainBatch(0, 1));
    other.close();
    await refused({ known: other.dir }, 'SLUICE_E_CONFIG_INVALID', 'their embeddings cannot be compared');
    const stopped = new AbortController();
    stopped.abort();
    await refused({ known: held, signal: stopped.signal }, 'SLUICE_E_INTERRUPTED', 'what was embedded is kept');
    expect(contentsOf(fresh)).toMatchObject({ decisions: [], totals: { decided: 0, dead: 0 } });
  });
});
