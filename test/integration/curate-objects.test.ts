/** Objects of COCO labels as crops, with the real parts: by the same model as pictures, the same for any batch, and at a cost that is told. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { SharpDecoder } from '../../infra/media/sharp-decoder.ts';
import { SharpThumbnails } from '../../infra/media/thumbnail.ts';
import { openEmbedder } from '../../infra/onnx/pool.ts';
import { openSource } from '../../infra/sources/open.ts';
import { isAlive, type Embedded } from '../../operators/items.ts';
import type { Entry } from '../../operators/ports.ts';
import { chooseObjects } from '../../operators/state/objects/choose.ts';
import { explainLines } from '../../pipelines/commands/explain.ts';
import { reading } from '../../pipelines/commands/read.ts';
import { prepareBatch } from '../../pipelines/prepare.ts';
import { OBJECTS as KINDS } from '../../operators/state/objects/objects.ts';
import type { Change } from '../../schemas/decision.ts';
import { curated, sluice } from '../support/cli.ts';
import { newFolder, newPlace } from '../support/folders.ts';
import { prng, scene, SCENE_KINDS } from '../support/images.ts';
import { tinyModel } from '../unit/infra/onnx/tiny-model.ts';

const COUNT = 20;
const [WIDTH, HEIGHT] = [320, 240];

/** Scenes with 0 to 9 boxes each, a crowd and a tiny one among them. */
async function makeCoco(): Promise<string> {
  const folder = newFolder();
  const random = prng(5);
  const numbers = Array.from({ length: COUNT }, (_, i) => i);
  for (const i of numbers) writeFileSync(join(folder, `${i}.jpg`), await scene(i, SCENE_KINDS[i % SCENE_KINDS.length] ?? 'dots', { width: WIDTH, height: HEIGHT }));
  const annotations = numbers.flatMap((i) =>
    Array.from({ length: i % 10 }, (_, j) => {
      const [width, height] = j === 3 ? [9, 9] : [30 + Math.floor(random() * 150), 30 + Math.floor(random() * 100)];
      return { id: 100 * i + j, image_id: i, category_id: j % 3, bbox: [random() * (WIDTH - width), random() * (HEIGHT - height), width, height], iscrowd: j === 5 ? 1 : 0 };
    }),
  );
  const file = join(folder, 'set.json');
  writeFileSync(file, JSON.stringify({ images: numbers.map((i) => ({ id: i, file_name: `${i}.jpg` })), annotations, categories: ['a', 'b', 'c'].map((name, id) => ({ id, name })) }));
  return file;
}

/** Boxes that are neither tiny nor crowds. */
const OBJECTS = Array.from({ length: COUNT }, (_, i) => (i % 10) - ((i % 10) > 3 ? 1 : 0) - ((i % 10) > 5 ? 1 : 0)).reduce((a, b) => a + b);

function withoutCrops(item: Embedded): Embedded {
  const plain: { -readonly [K in keyof Embedded]: Embedded[K] } = { ...item, objects: [] };
  delete plain.background;
  return plain;
}

/** Pictures with objects and a place that no box covers. */
const BACKGROUNDS = 18;

describe('objects', { timeout: 120_000 }, () => {
  let file: string;
  beforeAll(async () => {
    file = await makeCoco();
  });

  test('have the embedding that a picture of their region has, the same for batches of 1 and of 64', async () => {
    const source = await openSource(file);
    const entries: readonly Entry[] = await source.next(COUNT);
    await source.close();
    const embedder = await openEmbedder(2);
    try {
      const decoder = new SharpDecoder(embedder.size, 'squash');
      const parts = { decoder, thumbnails: new SharpThumbnails(embedder.size), embedder, workers: 2 };
      const numbered = entries.map((entry, seq) => ({ ...entry, seq }));
      const whole = (await prepareBatch({ ...parts, objects: 32 }, numbered)).filter(isAlive);
      const single: Embedded[] = [];
      for (const entry of numbered) single.push(...(await prepareBatch({ ...parts, objects: 32 }, [entry])).filter(isAlive));
      expect(whole).toEqual(single);
      expect(whole.reduce((sum, { objects }) => sum + objects.length, 0)).toBe(OBJECTS);
      const without = (await prepareBatch({ ...parts, objects: 0 }, numbered)).filter(isAlive);
      expect(without).toEqual(whole.map(withoutCrops));
      expect(whole.filter(({ background }) => background !== undefined).length).toBe(BACKGROUNDS);

      const item = whole[19];
      const label = Array.isArray(item?.sample.label) ? item.sample.label : [];
      const chosen = chooseObjects(label, WIDTH, HEIGHT, 32);
      expect(item?.objects.map(({ index }) => index)).toEqual([0, 1, 2, 4, 6, 7, 8]);
      for (const [i, { region }] of chosen.entries()) {
        const picture = await sharp(item?.sample.uri).extract({ ...region }).png().toBuffer();
        const call = embedder.begin();
        call.add((await decoder.decode({ bytes: picture })).pixels);
        expect(item?.objects[i]?.embedding).toEqual(await call.run());
      }
    } finally {
      await embedder.close();
    }
  });

  test('are counted as a cost, are off where labels are not shown, and the choice belongs to the folder', async () => {
    const out = newPlace();
    expect(await curated(file, out, { objects: 32, batch: 7 })).toMatchObject({ embedded: COUNT, objects: OBJECTS + BACKGROUNDS });
    await expect(curated(file, out, { objects: 0 })).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_CHANGED', message: expect.stringContaining('objects: 32 -> off') as string });
    expect(await curated(file, newPlace(), { objects: 2 })).toMatchObject({ embedded: COUNT, objects: 2 * 18 - 2 + BACKGROUNDS });
    for (const part of [{ objects: 0 }, { objects: 32, reveal: { when: 'never' } }, { objects: 32, reveal: { when: 'admitted', after: 3 } }] as const) expect(await curated(file, newPlace(), part)).toMatchObject({ embedded: COUNT, objects: 0 });
    // Who asks for them by hand is told that none will be looked at.
    const [asked, plain] = await Promise.all([['--objects', '4'], []].map((more) => sluice('curate', file, '--out', newPlace(), '--no-report', '--reveal', 'never', ...more)));
    expect(asked?.stderr).toContain('warning: --objects looks at boxes that come with their images, and with --reveal never');
    expect(plain?.stderr).not.toContain('--objects');
  });

  test('with predictions what they overlook and where they disagree is told, kept with the verdict, and explained', async () => {
    const results = join(newFolder(), 'results.json');
    const { annotations } = JSON.parse(readFileSync(file, 'utf8')) as { annotations: readonly { image_id: number; category_id: number; bbox: readonly number[]; iscrowd: number }[] };
    const fitting = annotations.filter(({ iscrowd }) => iscrowd === 0).map(({ image_id, category_id, bbox }) => ({ image_id, category_id, bbox, score: 0.99 }));
    // Of image 1 its one box is seen further to the right; image 0 has none.
    const moved = fitting.map((each) => (each.image_id === 1 ? { ...each, bbox: each.bbox.map((side, i) => (i === 0 ? side + 0.6 * (each.bbox[2] ?? 0) : side)) } : each));
    writeFileSync(results, JSON.stringify([...moved, { image_id: 0, category_id: 2, bbox: [20, 30, 80, 60], score: 0.98 }, { image_id: 0, category_id: 2, bbox: [20, 30, 80, 60] }]));
    const out = newPlace();
    expect(await curated(file, out, { objects: 32, predictions: results })).toMatchObject({ annotations: { bad: { SLUICE_E_ANNOTATION_SCORE: 1 } } });
    const [lines, others] = ['0.jpg', '1.jpg'].map((id) => reading(out, (reader) => explainLines(reader, id)).join('\n'));
    expect(lines).toMatch(/suspicion +1, for review/);
    expect(lines).toContain('no box for c at 20 30 80 60: seen by a detector, and without a box, suspicion 1');
    expect(others).toContain('elsewhere than a detector sees it');
    expect(reading(out, (reader) => [...reader.decisions()].flatMap(({ id, objects }) => objects.filter(({ faults }) => faults.includes('overlooked') || faults.includes('mislocated')).map(({ index }) => `${id} ${index}`)))).toEqual(expect.arrayContaining(['0.jpg null', '1.jpg 0']));
    await expect(curated(file, newPlace(), { objects: 0, predictions: results })).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_INVALID' });
  });

  test('with another model their crops are embedded again, and what they taught is what they would have taught from the beginning', async () => {
    const [out, fresh, tiny] = [newPlace(), newPlace(), join(newFolder(), 'tiny.onnx')];
    writeFileSync(tiny, tinyModel());
    await curated(file, out, { objects: 4 });
    await curated(file, fresh, { objects: 4, model: { file: tiny } });
    expect(await curated(file, out, { objects: 4, model: { file: tiny }, change: true })).toMatchObject({ decided: COUNT, embedded: 0 });
    const taught = (dir: string): readonly (readonly Change[])[] => reading(dir, (reader) => [...KINDS].map((kind) => reader.state(kind)));
    expect(taught(out)).toEqual(taught(fresh));
    expect(taught(out).flat().length).toBeGreaterThan(KINDS.size);
  });
});
