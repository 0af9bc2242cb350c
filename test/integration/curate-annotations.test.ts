/** Bad annotations through a whole run: each image is decided with its good boxes, each kind is counted under its code, and an export gives everything back. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportTo } from '../../infra/sinks/export.ts';
import { openReader } from '../../infra/store/reader.ts';
import { reading } from '../../pipelines/commands/read.ts';
import { summaryLines } from '../../pipelines/commands/summary.ts';
import { ERRORS } from '../../schemas/errors.ts';
import { contentsOf, curated, jsonLines, sluice } from '../support/cli.ts';
import { makePictures, newFolder, newPlace } from '../support/folders.ts';

const BOXES = 100_000;
const GOOD = { category_id: 7, bbox: [1, 2, 3, 4] };
/** By code, what makes an annotation a bad one of that kind. */
const KINDS: Readonly<Record<string, readonly unknown[]>> = {
  SLUICE_E_ANNOTATION_ID: [{ id: { no: 'id' } }],
  SLUICE_E_ANNOTATION_CATEGORY: [{ category_id: 99 }, { category_id: null }],
  SLUICE_E_ANNOTATION_BOX: [{ bbox: [0, 0, -1, 1] }, { bbox: [null, 0, 1, 1] }, { bbox: [0, 0, 1] }],
  SLUICE_E_ANNOTATION_OUTSIDE: [{ bbox: [128, 0, 5, 5] }],
  SLUICE_E_ANNOTATION_POLYGON: [{ segmentation: [[1, 2, 3, 4]] }],
  SLUICE_E_ANNOTATION_RLE: [{ segmentation: { size: [128, 128], counts: [1] } }, { segmentation: { size: [1, 2], counts: [2] } }],
};
const COUNTS = { ...Object.fromEntries(Object.entries(KINDS).map(([code, list]) => [code, list.length])), SLUICE_E_ANNOTATION_TOO_MANY: BOXES - 1000, SLUICE_E_ANNOTATION_IMAGE: 12 };

/** Ten images of 128 x 128 pixels: one for each kind, one of too many boxes, one of none, the others good. */
async function cocoWithFaults(): Promise<{ readonly file: string; readonly names: readonly string[]; readonly json: { images: object[]; annotations: object[]; categories: object[] } }> {
  const { folder, names } = await makePictures(10);
  const kinds = Object.values(KINDS);
  const annotations: object[] = kinds.flatMap((list, i) => [{ image_id: i, ...GOOD }, ...list.map((bad) => ({ image_id: i, ...GOOD, ...(bad as object) })), { image_id: i, ...GOOD, bbox: [-1, -1, 130, 130] }]);
  annotations.push(...Array.from({ length: BOXES }, () => ({ image_id: kinds.length, ...GOOD })));
  annotations.push({ image_id: 8, ...GOOD }, { image_id: 9, ...GOOD }, ...Array.from({ length: 12 }, () => ({ image_id: 'nobody', ...GOOD })));
  const json = { images: names.map((name, id) => ({ id, file_name: name, width: 128, height: 128 })), annotations, categories: [{ id: 7, name: 'dog' }] };
  const file = join(folder, '.set.json');
  writeFileSync(file, JSON.stringify(json));
  return { file, names, json };
}

async function exported(out: string, format: 'coco' | 'yolo'): Promise<string> {
  const to = join(newFolder(), format);
  const reader = openReader(out);
  await exportTo(reader, { format, to, verdict: 'all' }, () => {});
  reader.close();
  return to;
}

describe('a COCO file with bad annotations of every kind', { timeout: 120_000 }, () => {
  test('every image is decided, each fault is counted once, told by its place, and comes back from an export', async () => {
    const { file, names, json } = await cocoWithFaults();
    const out = newPlace();
    const annotations = { bad: COUNTS, images_without: 1 };
    expect(await curated(file, out)).toMatchObject({ decided: 10, dead: 0, annotations });
    const once = contentsOf(out);
    // Nothing is counted again by a run that goes on.
    expect(await curated(file, out)).toMatchObject({ decided: 10, embedded: 0, annotations });
    expect(contentsOf(out)['faults']).toEqual(once['faults']);
    const another = newPlace();
    await curated(file, another, { batch: 3 });
    expect(contentsOf(another)).toEqual(once);

    const reader = openReader(out);
    expect(names.map((name) => reader.decision(name)?.label?.length)).toEqual([2, 2, 2, 2, 2, 2, 1000, 0, 1, 1]);
    expect([...reader.dead()]).toEqual([]);
    reader.close();
    const lines = jsonLines((await sluice('faults', out, '--json')).stdout);
    expect(lines.map(({ seq, code, count }) => [seq, code, count])).toEqual([
      [null, 'SLUICE_E_ANNOTATION_IMAGE', 12],
      ...Object.entries(KINDS).map(([code, list], seq) => [seq, code, list.length]),
      [6, 'SLUICE_E_ANNOTATION_TOO_MANY', BOXES - 1000],
    ]);
    expect(lines[2]).toMatchObject({ id: names[1], causes: ['.set.json, annotations[4].category_id: there is no category 99.', '.set.json, annotations[5].category_id: there is no category null.'] });
    const summary = reading(out, (each) => summaryLines(each)).join('\n');
    for (const [code, count] of Object.entries(COUNTS)) expect(summary).toContain(`${String(count).padStart(6)}  ${code}: ${ERRORS[code as keyof typeof ERRORS].meaning}`);
    expect(summary).toContain('1 image has no annotations');

    const back = JSON.parse(readFileSync(join(await exported(out, 'coco'), 'annotations/instances.json'), 'utf8')) as typeof json;
    expect(back.images).toEqual(json.images);
    const plain = (annotation: object): unknown => ({ ...annotation, id: undefined });
    // Annotations without an id get one; those of no image are in no image's share.
    expect(back.annotations.map(plain)).toEqual(json.annotations.slice(0, -12).map(plain));
  });

  test('malformed structure is no fault of one annotation: nothing starts', async () => {
    const { file, json } = await cocoWithFaults();
    writeFileSync(file, JSON.stringify({ ...json, annotations: {} }));
    await expect(curated(file, newPlace())).rejects.toMatchObject({ code: 'SLUICE_E_SOURCE_SYNTAX' });
  });
});

test('a YOLO folder with bad lines: the same, and its label files come back', { timeout: 120_000 }, async () => {
  const folder = newFolder();
  const good = '0 0.5 0.5 0.25 0.5\n';
  const texts = [good, `${good}9 0.5 0.5 1 1\n0 0.5 x 1 1\n`, `0 0.1 0.1 0.2 0.2 0.3 0.3 0.4\n${good}0 7 7 1 1\n`, '0 0.5 0.5 -1 1\n', ''];
  for (const kind of ['images', 'labels']) mkdirSync(join(folder, kind));
  const { names } = await makePictures(texts.length, { folder: join(folder, 'images') });
  for (const [i, text] of texts.entries()) writeFileSync(join(folder, `labels/${String(i).padStart(4, '0')}.txt`), text);
  writeFileSync(join(folder, 'data.yaml'), 'names: [cat]\n');
  const out = newPlace();
  const bad = { SLUICE_E_ANNOTATION_BOX: 2, SLUICE_E_ANNOTATION_CATEGORY: 1, SLUICE_E_ANNOTATION_OUTSIDE: 1, SLUICE_E_ANNOTATION_POLYGON: 1 };
  expect(await curated(folder, out)).toMatchObject({ decided: 5, dead: 0, annotations: { bad, images_without: 1 } });
  const reader = openReader(out);
  expect(names.map((name) => reader.decision(`images/${name}`)?.label?.length)).toEqual([1, 1, 1, undefined, 0]);
  reader.close();
  const to = await exported(out, 'yolo');
  for (const [i, text] of texts.entries()) expect(readFileSync(join(to, `labels/${String(i).padStart(4, '0')}.txt`), 'utf8')).toBe(text);
  expect(await curated(to, newPlace())).toMatchObject({ decided: 5, dead: 0, annotations: { bad, images_without: 1 } });
});
