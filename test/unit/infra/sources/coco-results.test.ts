import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSource } from '../../../../infra/sources/open.ts';
import type { OpenedSource } from '../../../../infra/sources/types.ts';
import { drain, faultOf, folder, sampleAt } from './fixtures.ts';

const SET = {
  images: [{ id: 1, file_name: 'a.jpg', width: 100, height: 80 }, { id: 'b', file_name: 'b.jpg' }, { id: 3, file_name: 'c.jpg' }],
  annotations: [{ id: 1, image_id: 1, category_id: 1, bbox: [1, 2, 30, 40] }],
  categories: [{ id: 1, name: 'cat' }, { id: 7, name: 'dog' }],
};

function open(results: unknown): Promise<OpenedSource> {
  const here = folder({ 'set.json': JSON.stringify(SET), 'a.jpg': '', 'b.jpg': '', 'c.jpg': '', 'results.json': typeof results === 'string' ? results : JSON.stringify(results) });
  return openSource(join(here, 'set.json'), { predictions: join(here, 'results.json') });
}

describe('predictions', () => {
  test('belong to the samples of their images, in the order of the file', async () => {
    const source = await open([
      { image_id: 'b', category_id: 7, bbox: [0, 0, 9, 9], score: 1 },
      { image_id: 1, category_id: 7, bbox: [1.5, 2, 3, 4], score: 0.25, segmentation: {} },
      { image_id: 1, category_id: 1, bbox: [5, 6, 7, 8], score: 0 },
    ]);
    const entries = await drain(source);
    expect(sampleAt(entries, 0)).toMatchObject({ label: [{ class: 'cat', bbox: [1, 2, 30, 40] }], predicted: [{ class: 'dog', bbox: [1.5, 2, 3, 4], score: 0.25 }, { class: 'cat', bbox: [5, 6, 7, 8], score: 0 }] });
    expect(sampleAt(entries, 1)).toMatchObject({ label: [], predicted: [{ class: 'dog', bbox: [0, 0, 9, 9], score: 1 }] });
    expect(sampleAt(entries, 2).predicted).toEqual([]);
    expect(entries.every((_, i) => sampleAt(entries, i).faults === undefined)).toBe(true);
    expect(source.faults).toEqual([]);
  });

  test('that are bad are left out one by one and told, and stop nothing', async () => {
    const good = { image_id: 1, category_id: 1, bbox: [5, 6, 7, 8], score: 0.5 };
    const source = await open([{ ...good, category_id: 9 }, { ...good, bbox: [1, 2, 3] }, { ...good, bbox: [200, 0, 5, 5] }, { ...good, score: 1.5 }, { ...good, score: undefined }, { ...good, image_id: 99 }, 7, good]);
    const [entry] = await drain(source);
    const sample = sampleAt(entry === undefined ? [] : [entry], 0);
    expect(sample.predicted).toEqual([{ class: 'cat', bbox: [5, 6, 7, 8], score: 0.5 }]);
    expect(sample.faults?.map(({ code, count, causes: [first] }) => [code, count, first])).toEqual([
      ['SLUICE_E_ANNOTATION_CATEGORY', 1, 'results.json, [0].category_id: there is no category 9.'],
      ['SLUICE_E_ANNOTATION_BOX', 1, expect.stringMatching(/^results\.json, \[1\]\.bbox: expected \[x, y, width, height\]/)],
      ['SLUICE_E_ANNOTATION_OUTSIDE', 1, expect.stringContaining('results.json, [2].bbox')],
      ['SLUICE_E_ANNOTATION_SCORE', 2, 'results.json, [3].score: expected a number from 0 to 1, found 1.5.'],
    ]);
    expect(source.faults).toEqual([{ code: 'SLUICE_E_ANNOTATION_IMAGE', count: 2, causes: ['results.json, [5].image_id: there is no image 99.', 'results.json, [6]: expected an object, found 7.'] }]);
  });

  test('of an image count up to a thousand', async () => {
    const [entry] = await drain(await open(Array.from({ length: 1200 }, () => SET.annotations.map((each) => ({ ...each, score: 0.5 }))).flat()));
    const sample = sampleAt(entry === undefined ? [] : [entry], 0);
    expect(sample.predicted?.length).toBe(1000);
    expect(sample.faults).toMatchObject([{ code: 'SLUICE_E_ANNOTATION_TOO_MANY', count: 200 }]);
  });

  test('in a file that is no list, no JSON or not there, or of a source that has no ids, start nothing', async () => {
    expect(await faultOf(open({ annotations: [] }))).toMatchObject({ code: 'SLUICE_E_SOURCE_SYNTAX', message: expect.stringContaining('results.json: expected a list of predictions') as string });
    expect(await faultOf(open('[{'))).toMatchObject({ code: 'SLUICE_E_SOURCE_SYNTAX' });
    const here = folder({ 'set.json': JSON.stringify(SET), 'a.jpg': '' });
    expect(await faultOf(openSource(join(here, 'set.json'), { predictions: join(here, 'none.json') }))).toMatchObject({ code: 'SLUICE_E_SOURCE_UNKNOWN' });
    expect(await faultOf(openSource(here, { predictions: join(here, 'set.json') }))).toMatchObject({ code: 'SLUICE_E_CONFIG_INVALID', message: expect.stringContaining('--predictions') as string });
  });
});
