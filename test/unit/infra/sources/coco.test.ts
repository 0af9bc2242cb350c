import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openCoco } from '../../../../infra/sources/coco.ts';
import { openSource } from '../../../../infra/sources/open.ts';
import type { Sample } from '../../../../schemas/sample.ts';
import { drain, errorAt, faultLines, faultOf, faultsAt, folder, outline, sampleAt } from './fixtures.ts';

const CATEGORIES = [{ id: 1, name: 'cat', supercategory: 'animal' }, { id: 7, name: 'dog' }];

function write(json: unknown, files: Readonly<Record<string, string>> = {}): string {
  return join(folder({ ...files, 'set.json': typeof json === 'string' ? json : JSON.stringify(json) }), 'set.json');
}

async function refusal(json: unknown): Promise<string> {
  const error = await faultOf(openSource(write(json), { format: 'coco' }));
  expect(error.code).toBe('SLUICE_E_SOURCE_SYNTAX');
  return error.message;
}

describe('a good file', () => {
  const images = [{ id: 5, file_name: 'b.jpg', width: 4, custom: { deep: [1, null] } }, { id: 3, file_name: './sub//a.jpg' }, { id: 'x', file_name: 'c.jpg' }];
  const annotations = [
    { id: 11, image_id: 3, category_id: 7, bbox: [1, 2.5, 3, 4], area: 12, iscrowd: 0, segmentation: [[1, 2, 3, 4, 5, 6]], attributes: { occluded: true } },
    { id: 12, image_id: 5, category_id: 1, bbox: [0, 0, 0, 0] },
    { id: 13, image_id: 3, category_id: 1, bbox: [-1.5, 2, 3, 4], iscrowd: 1, segmentation: { counts: [1, 1], size: [1, 2] } },
  ];
  const json = { info: { year: 2026 }, images, licenses: [], annotations, categories: CATEGORIES, extra: 'kept', ['__proto__x']: 1 };

  test('images in the order of the file, boxes in the order of the annotations, the rest kept whole', async () => {
    const file = write(json, { 'b.jpg': '', 'sub/a.jpg': '', 'c.jpg': '' });
    const source = await openSource(file);
    expect(source).toMatchObject({ identity: `coco:${file}`, total: 3, fit: 'crop' });
    expect(JSON.parse(source.header ?? '')).toStrictEqual({ info: { year: 2026 }, licenses: [], categories: CATEGORIES, extra: 'kept', ['__proto__x']: 1 });
    const entries = await drain(source);
    expect(outline(entries)).toStrictEqual(['b.jpg', 'sub/a.jpg', 'c.jpg']);
    const [b, a, c] = [0, 1, 2].map((i) => sampleAt(entries, i));
    expect(b).toMatchObject({ stream: 'default', time: null, label: [{ class: 'cat', bbox: [0, 0, 0, 0] }] });
    expect(a?.label).toStrictEqual([{ class: 'dog', bbox: [1, 2.5, 3, 4] }, { class: 'cat', bbox: [-1.5, 2, 3, 4], crowd: true }]);
    expect(c?.label).toStrictEqual([]);
    expect(JSON.parse(a?.origin ?? '')).toStrictEqual({ image: images[1], annotations: [annotations[0], annotations[2]] });
    expect(JSON.parse(c?.origin ?? '')).toStrictEqual({ image: images[2], annotations: [] });
    expect([source.warnings(), source.faults]).toStrictEqual([[], []]);
    for (const sample of [a, b, c]) expect(sample).not.toHaveProperty('faults');
  });

  test('a file without the key annotations has labels for nothing; one with an empty list has images of nothing', async () => {
    const one = [{ id: 1, file_name: 'a' }];
    expect(sampleAt(await drain(await openCoco(write({ images: one, categories: CATEGORIES }, { a: '' }))), 0).label).toBeNull();
    expect(sampleAt(await drain(await openCoco(write({ images: one, annotations: [] }, { a: '' }))), 0).label).toStrictEqual([]);
  });

  test.for(['images', 'val2017', 'images/val2017', '.', 'annotations'])('laid out as COCO is, with its images in %s, it is found by its folder or its file', async (place) => {
    const at = place === '.' ? 'sub/a.jpg' : `${place}/sub/a.jpg`;
    const here = folder({ 'annotations/instances_val2017.json': JSON.stringify({ images: [{ id: 1, file_name: 'sub/a.jpg' }], annotations: [], categories: [] }), 'annotations/captions_val2017.json': '{}', [at]: '' });
    for (const location of [here, join(here, 'annotations/instances_val2017.json')]) {
      const source = await openSource(location);
      expect(source.identity.startsWith('coco:')).toBe(true);
      expect(sampleAt(await drain(source), 0)).toMatchObject({ id: 'sub/a.jpg', uri: join(here, at), label: [] });
    }
  });

  test('a folder with several annotation files does not say which is meant; without any it is no such folder', async () => {
    const here = folder({ 'annotations/instances_val2017.json': '{}', 'annotations/instances_train2017.json': '{}' });
    expect(await faultOf(openSource(here))).toMatchObject({ code: 'SLUICE_E_SOURCE_UNKNOWN', message: expect.stringContaining('give the one that is meant: "annotations/instances_train2017.json", "annotations/instances_val2017.json"') as string });
    expect(await faultOf(openSource(folder({ 'annotations/a.json': '{}' }), { format: 'coco' }))).toMatchObject({ code: 'SLUICE_E_SOURCE_UNKNOWN' });
    expect((await openSource(folder({ 'annotations/a.json': '{}' }))).identity).toMatch(/^folder:/);
  });

  test('where its images are nowhere, file names stay relative to its own folder', async () => {
    const here = folder({ 'annotations/instances.json': JSON.stringify({ images: [{ id: 1, file_name: 'a.jpg' }] }) });
    expect(outline(await drain(await openSource(here)))).toStrictEqual(['a.jpg SLUICE_E_IMAGE_MISSING']);
    expect(outline(await drain(await openSource(join(folder({ 'annotations/instances.json': JSON.stringify({ images: [] }) }), 'annotations/instances.json'))))).toStrictEqual([]);
  });

  test('file names are relative to --root, and stay in it', async () => {
    const root = folder({ 'train/a.jpg': '' });
    const file = write({ images: ['train/a.jpg', '../x', '/etc/passwd', 'none.jpg', 'a\0'].map((name, i) => ({ id: i, file_name: name })) });
    const source = await openSource(file, { root });
    expect(source.identity).toBe(`coco:${file} root:${root}`);
    expect(outline(await drain(source))).toStrictEqual(['train/a.jpg', '../x SLUICE_E_PATH_OUTSIDE_ROOT', '/etc/passwd SLUICE_E_PATH_OUTSIDE_ROOT', 'none.jpg SLUICE_E_IMAGE_MISSING', 'a␀ SLUICE_E_PATH_OUTSIDE_ROOT']);
  });

  test('a byte order mark is passed over', async () => {
    expect(await drain(await openCoco(write(`\ufeff${JSON.stringify({ images: [] })}`)))).toStrictEqual([]);
  });
});

describe('faults of the file', () => {
  test('JSON that does not parse, by line and column', async () => {
    expect(await refusal('{\n  "images": [\n    {"id": 1 "file_name": "a"}\n  ]\n}')).toBe('set.json, line 3, column 14: expected a comma or "}", found "\\"file_name\\": \\"a\\"}".');
    expect(await refusal('{"images": [')).toBe('set.json, line 1, column 13: expected a value, found the end of the file.');
    expect(await refusal('')).toBe('set.json, line 1, column 1: expected a value, found the end of the file.');
    expect(await refusal('{"a":\r[\r\n1\r2]}')).toMatch(/line 4, column 1: expected a comma/);
    expect(await refusal('{"é😀": nul}')).toMatch(/line 1, column 8: expected a value, found "nul"/);
  });

  test('not UTF-8', async () => {
    const file = join(folder({ 'set.json': Buffer.from('{"images":\n["\xe9"]}', 'latin1') }), 'set.json');
    expect((await faultOf(openSource(file))).message).toBe('set.json, line 2, column 3: the file is not UTF-8. Save it as UTF-8.');
  });

  test.each([[[]], [null], [7], ['"text"']])('%j is no COCO file', async (json) => {
    expect(await refusal(json)).toMatch(/^set\.json, at the top: expected an object/);
  });

  test('all faults of structure at once, by their path', async () => {
    const message = await refusal({
      annotations: {},
      images: [{ id: 1, file_name: 'a' }, { id: 1, file_name: 'b' }],
      categories: [{ id: 1, name: 'a' }, { id: 1, name: 'b' }, { name: 'c' }, { id: 4 }, 'cat', { id: 2 ** 53, name: 'd' }, { id: 9, name: '' }],
    });
    expect(message.split('\n')).toStrictEqual([
      'set.json has 8 faults:',
      '  annotations: expected a list, found an object.',
      '  categories[1].id: 1 is the id of a category before it as well.',
      '  categories[2].id: expected a whole number or a text, found nothing.',
      '  categories[3].name: expected a text, found nothing.',
      '  categories[4]: expected an object, found "cat".',
      '  categories[5].id: expected a whole number or a text, found 9007199254740992.',
      '  categories[6].name: expected a text, found "".',
      '  images[1].id: 1 is the id of an image before it as well.',
    ]);
    expect(await refusal({ annotations: [] })).toBe('set.json, images: is missing.');
    expect(await refusal({ images: [], annotations: [{}] })).toBe('set.json, categories: is missing.');
  });

  test('at most twenty are listed, the rest counted', async () => {
    const message = await refusal({ images: [], categories: Array.from({ length: 30 }, () => ({})) });
    expect(message.split('\n')).toHaveLength(22);
    expect(message).toMatch(/has 60 faults:[^]*and 40 more$/);
  });

  test('a top level of any depth is kept as it is spelled', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const source = await openCoco(write(`{"images": [], "x": ${deep}}`));
    expect(source.header).toBe(`{"x":${deep}}`);
  });
});

describe('faults of one image', () => {
  test('make it a dead letter and leave the others alone', async () => {
    const json = {
      images: [{ id: 0, file_name: 'ok' }, { id: 1 }, 7, { file_name: 'noid' }, { id: 2 ** 53, file_name: 'big' }, { id: 5, file_name: '' }, { id: 9, file_name: '\ud800' }],
      annotations: [{ image_id: 0, category_id: 1, bbox: [0, 0, 1, 1] }],
      categories: CATEGORIES,
    };
    const entries = await drain(await openCoco(write(json, { ok: '', noid: '', big: '' })));
    expect(outline(entries)).toStrictEqual([
      'ok',
      'set.json:images[1] SLUICE_E_ROW_INVALID',
      'set.json:images[2] SLUICE_E_ROW_INVALID',
      'noid SLUICE_E_ROW_INVALID',
      'big SLUICE_E_ROW_INVALID',
      'set.json:images[5] SLUICE_E_ROW_INVALID',
      '\ufffd SLUICE_E_ROW_INVALID',
    ]);
    expect(errorAt(entries, 1).message).toBe('set.json, images[1].file_name: expected a path, found nothing.');
  });
});

/** An image of 40 x 30 pixels with a good annotation and this one behind it, as the source gives it. */
async function beside(annotation: unknown, image: unknown = { width: 40, height: 30 }): Promise<Sample> {
  const good = { image_id: 1, category_id: 7, bbox: [1, 2, 3, 4] };
  const json = { images: [{ id: 1, file_name: 'a', ...(image as object) }], annotations: [good, { image_id: 1, category_id: 1, bbox: [0, 0, 1, 1], ...(annotation as object) }], categories: CATEGORIES };
  return sampleAt(await drain(await openCoco(write(json, { a: '' }))), 0);
}

describe('a bad annotation', () => {
  const rle = (counts: unknown, size: unknown = [30, 40]): unknown => ({ segmentation: { size, counts } });
  test.each([
    ['an unknown category', { category_id: 99 }, 'CATEGORY: category_id: there is no category 99.'],
    ['a category by its name', { category_id: 'cat' }, 'CATEGORY: category_id: there is no category "cat".'],
    ['no category', { category_id: null }, 'CATEGORY: category_id: there is no category null.'],
    ['an id that no number holds exactly', { id: 1e300 }, 'ID: id: expected a whole number (up to 2^53 - 1) or a text, found 1e+300.'],
    ['a side that is a text', { bbox: [0, 0, '1', 1] }, 'BOX: bbox: expected [x, y, width, height] in pixels, each at most 1000000000, found [0, 0, "1", 1].'],
    ['a negative side', { bbox: [0, 0, -1, 1] }, 'BOX: bbox: expected [x, y, width, height] in pixels, each at most 1000000000, found [0, 0, -1, 1].'],
    ['three numbers', { bbox: [0, 0, 1] }, 'BOX: bbox: expected [x, y, width, height] in pixels, each at most 1000000000, found [0, 0, 1].'],
    ['no box', { bbox: undefined }, 'BOX: bbox: expected [x, y, width, height] in pixels, each at most 1000000000, found [0, 0, 1, 1].'],
    ['a box right of the image', { bbox: [40, 0, 5, 5] }, 'OUTSIDE: bbox: nothing of [40, 0, 5, 5] lies in the image of 40 x 30 pixels.'],
    ['a box left of it', { bbox: [-5, 0, 5, 5] }, 'OUTSIDE: bbox: nothing of [-5, 0, 5, 5] lies in the image of 40 x 30 pixels.'],
    ['a box above it', { bbox: [0, -6, 5, 5] }, 'OUTSIDE: bbox: nothing of [0, -6, 5, 5] lies in the image of 40 x 30 pixels.'],
    ['a box below it', { bbox: [0, 31, 0, 0] }, 'OUTSIDE: bbox: nothing of [0, 31, 0, 0] lies in the image of 40 x 30 pixels.'],
    ['a polygon of two points', { segmentation: [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4]] }, 'POLYGON: segmentation[1]: expected pairs of at least three points, found 4 numbers.'],
    ['a polygon with half a point', { segmentation: [[1, 2, 3, 4, 5, 6, 7]] }, 'POLYGON: segmentation[0]: expected pairs of at least three points, found 7 numbers.'],
    ['a polygon with a text', { segmentation: [[1, 2, 3, 4, 5, 'x']] }, 'POLYGON: segmentation[0][5]: expected a number, found "x".'],
    ['coordinates without a list of their own', { segmentation: [1, 2, 3, 4, 5, 6] }, 'POLYGON: segmentation[0]: expected a list of coordinates, found 1.'],
    ['a segmentation of another kind', { segmentation: 'x' }, 'POLYGON: segmentation: expected a list of polygons or a mask, found "x".'],
    ['a mask of another size', rle([1200], [40, 30]), 'RLE: segmentation.size: the mask is 30 x 40 pixels, the image 40 x 30.'],
    ['a mask of another height', rle([1160], [29, 40]), 'RLE: segmentation.size: the mask is 40 x 29 pixels, the image 40 x 30.'],
    ['a mask without a size', rle([1200], null), 'RLE: segmentation.size: expected [height, width], found null.'],
    ['runs that add up to less', rle([1000, 199]), 'RLE: segmentation.counts: the runs add up to 1199 pixels, not to 40 x 30.'],
    ['runs that add up to more', rle([1000, 201]), 'RLE: segmentation.counts: the runs add up to 1201 pixels, not to 40 x 30.'],
    ['a negative run', rle([1300, -100]), 'RLE: segmentation.counts: expected runs, none of them negative, as a list or packed into a text, found [1300, -100].'],
    ['packed runs that add up to less', rle('T3T3'), 'RLE: segmentation.counts: the runs add up to 200 pixels, not to 40 x 30.'],
    ['packed runs that are cut off', rle('T3T'), 'RLE: segmentation.counts: expected runs, none of them negative, as a list or packed into a text, found "T3T".'],
    ['a packed run without end', rle('oooooooooo'), 'RLE: segmentation.counts: expected runs, none of them negative, as a list or packed into a text, found "oooooooooo".'],
    ['packed runs of strange letters', rle('\u00e9'), 'RLE: segmentation.counts: expected runs, none of them negative, as a list or packed into a text, found "\u00e9".'],
  ])('is left out and told by its place, the image stays: %s', async (kind, annotation, told) => {
    const { label, faults = [], origin } = await beside(kind === 'no box' ? { bbox: 'gone' } : annotation);
    const expected = kind === 'no box' ? told.replace('[0, 0, 1, 1]', '"gone"') : told;
    expect(label).toStrictEqual([{ class: 'dog', bbox: [1, 2, 3, 4] }]);
    const [code = '', ...cause] = expected.split(': ');
    const [field = '', ...rest] = cause;
    expect(faultLines(faults)).toStrictEqual([`SLUICE_E_ANNOTATION_${code}: set.json, annotations[1].${[field, ...rest].join(': ')}`]);
    expect(JSON.parse(origin ?? '')).toMatchObject({ annotations: [{ category_id: 7 }, JSON.parse(JSON.stringify(annotation)) as object] });
  });

  test.each([
    ['a pixel over each edge', { bbox: [-1, -1, 42, 32] }],
    ['a corner inside', { bbox: [39, 29, 50, 50] }],
    ['an empty box on the edge', { bbox: [40, 30, 0, 0] }],
    ['no polygon', { segmentation: [] }],
    ['no segmentation', { segmentation: null }],
    ['runs that fit', rle([1000, 100, 0, 100])],
    ['packed runs that fit', rle('Xo0T300')],
    ['packed runs, some shorter than the one two before', rle('5:3be0o>')],
  ])('is none of these: %s', async (_, annotation) => {
    const { label, ...sample } = await beside(annotation);
    expect(label).toHaveLength(2);
    expect(sample).not.toHaveProperty('faults');
  });

  test('whose image has no size of its own in the file is taken where it lies', async () => {
    expect((await beside({ bbox: [900, 900, 5, 5] }, {})).label).toHaveLength(2);
    expect((await beside({ bbox: [900, 900, 5, 5] }, { width: 0, height: 'x' })).label).toHaveLength(2);
    expect((await beside({ segmentation: { size: [2, 3], counts: [6] } }, {})).label).toHaveLength(2);
    expect((await beside({ segmentation: { size: [2, 3], counts: [5] } }, {})).label).toHaveLength(1);
  });

  test('beside no good one: nobody knows what the image shows, which is not the same as nothing', async () => {
    const bad = { image_id: 1, category_id: 9, bbox: [0, 0, 1, 1] };
    const images = [{ id: 1, file_name: 'a' }, { id: 2, file_name: 'b' }];
    const entries = await drain(await openCoco(write({ images, annotations: [bad], categories: CATEGORIES }, { a: '', b: '' })));
    expect([0, 1].map((i) => sampleAt(entries, i).label)).toStrictEqual([null, []]);
  });

  test('numbers as Python writes them that JSON does not have', async () => {
    const annotations = ['[NaN, 1, 2, 3]', '[0, 0, Infinity, 1]', '[-Infinity, 0, 1, 1]', '[0, 0, 1, 1]'].map((bbox) => `{"image_id": 1, "category_id": 1, "bbox": ${bbox}}`);
    const source = await openCoco(write(`{"info": "NaN is \\"Infinity\\"", "images": [{"id": 1, "file_name": "a", "width": NaN}], "annotations": [${annotations.join(', ')}], "categories": [{"id": 1, "name": "cat"}]}`, { a: '' }));
    expect(source.header).toBe('{"info":"NaN is \\"Infinity\\"","categories":[{"id": 1, "name": "cat"}]}');
    const sample = sampleAt(await drain(source), 0);
    expect(sample).toMatchObject({ label: [{ class: 'cat', bbox: [0, 0, 1, 1] }], faults: [{ code: 'SLUICE_E_ANNOTATION_BOX', count: 3 }] });
    expect(JSON.parse(sample.origin ?? '')).toMatchObject({ annotations: [{ bbox: [null, 1, 2, 3] }, {}, {}, {}] });
    expect(await refusal('{"images": [NaN, }]}')).toBe('set.json, line 1, column 18: expected a value, found "}]}".');
  });

  test('a number that overflows is no side of a box', async () => {
    const file = write('{"images":[{"id":1,"file_name":"a"}],"categories":[{"id":1,"name":"c"}],"annotations":[{"image_id":1,"category_id":1,"bbox":[0,0,1e999,1]}]}', { a: '' });
    expect(faultsAt(await drain(await openCoco(file)), 0)).toStrictEqual([expect.stringMatching(/^SLUICE_E_ANNOTATION_BOX: .* found \[0, 0, Infinity, 1\]/)]);
  });

  test.each([['1e308'], ['-1e308'], ['1000000001'], ['-1000000001']])('a number beyond any image (%s) is no part of a box', async (number) => {
    for (const bbox of [`${number},0,1,1`, `0,${number},1,1`, `0,0,${number},1`, `0,0,1,${number}`]) {
      const image = (id: number): string => `{"id":${id},"file_name":"${id}"}`;
      const annotation = (id: number, box: string): string => `{"image_id":${id},"category_id":1,"bbox":[${box}]}`;
      const file = write(`{"images":[${image(1)},${image(2)}],"categories":[{"id":1,"name":"c"}],"annotations":[${annotation(1, bbox)},${annotation(2, '-1e9,1e9,1e9,1e9')}]}`, { 1: '', 2: '' });
      const entries = await drain(await openCoco(file));
      expect(faultsAt(entries, 0)).toStrictEqual([expect.stringContaining('SLUICE_E_ANNOTATION_BOX: set.json, annotations[0].bbox: expected [x, y, width, height] in pixels, each at most 1000000000, found [')]);
      expect(sampleAt(entries, 1).label).toHaveLength(1);
    }
  });

  test('of an image that the file does not have is told of the source', async () => {
    const stray = (id: unknown): unknown => ({ image_id: id, category_id: 1, bbox: [0, 0, 1, 1] });
    const source = await openCoco(write({ images: [{ id: 1, file_name: 'a' }], annotations: [stray(1), stray('1'), stray(2), null, stray(undefined), ...Array.from({ length: 20 }, () => stray(2))], categories: CATEGORIES }, { a: '' }));
    expect(source.faults).toMatchObject([{ code: 'SLUICE_E_ANNOTATION_IMAGE', count: 24 }]);
    expect(source.faults[0]?.causes).toHaveLength(10);
    expect(faultLines(source.faults).slice(0, 4)).toStrictEqual([
      'SLUICE_E_ANNOTATION_IMAGE: set.json, annotations[1].image_id: there is no image "1".',
      'SLUICE_E_ANNOTATION_IMAGE: set.json, annotations[2].image_id: there is no image 2.',
      'SLUICE_E_ANNOTATION_IMAGE: set.json, annotations[3]: expected an object, found null.',
      'SLUICE_E_ANNOTATION_IMAGE: set.json, annotations[4].image_id: there is no image nothing.',
    ]);
    expect(sampleAt(await drain(source), 0).label).toHaveLength(1);
  });

  test('a hundred thousand boxes in one image: the first thousand good ones count, each of the others once', async () => {
    const annotations = Array.from({ length: 100_000 }, (_, i) => ({ image_id: 1, category_id: i % 10 === 0 ? 9 : 1, bbox: [i % 7, 0, 1, 1] }));
    const { label, faults = [], origin } = sampleAt(await drain(await openCoco(write({ images: [{ id: 1, file_name: 'a' }], annotations, categories: CATEGORIES }, { a: '' }))), 0);
    expect(label).toHaveLength(1000);
    expect(faults.map(({ code, count, causes }) => [code, count, causes.length])).toStrictEqual([['SLUICE_E_ANNOTATION_CATEGORY', 10_000, 10], ['SLUICE_E_ANNOTATION_TOO_MANY', 89_000, 10]]);
    expect((JSON.parse(origin ?? '') as { annotations: unknown[] }).annotations).toHaveLength(100_000);
  });

  test('a class with an endless name: each box would carry it', async () => {
    const categories = [{ id: 1, name: '🦄'.repeat(500) }, { id: 2, name: 'n'.repeat(1001) }];
    const annotations = [{ image_id: 1, category_id: 1, bbox: [0, 0, 1, 1] }, { image_id: 1, category_id: 2, bbox: [0, 0, 1, 1] }];
    const { label, faults } = sampleAt(await drain(await openCoco(write({ images: [{ id: 1, file_name: 'a' }], annotations, categories }, { a: '' }))), 0);
    expect(label).toStrictEqual([{ class: '🦄'.repeat(500), bbox: [0, 0, 1, 1] }]);
    expect(faults).toStrictEqual([{ code: 'SLUICE_E_ANNOTATION_CATEGORY', count: 1, causes: ['set.json, annotations[1]: the name of its class has 1001 characters, 1000 are the most.'] }]);
  });
});

describe('what an image holds', () => {
  test('an image is kept as it is spelled: numbers, order, depth', async () => {
    const image = `{"id":1, "file_name":"a","width":33.0,"big":12345678901234567890,"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    const annotation = '{"image_id":1,"id":7.0e0,"category_id":1,"bbox":[1.50,2,3.0,4]}';
    const file = write(`{"images":[${image}],"annotations":[${annotation}],"categories":[{"id":1,"name":"c"}]}`, { a: '' });
    const [entry] = await drain(await openCoco(file));
    expect(entry !== undefined && 'sample' in entry ? entry.sample.origin : null).toBe(`{"image":${image},"annotations":[${annotation}]}`);
  });
});

test('whatever an image and its annotations hold comes back from origin and header', async () => {
  const extra = fc.dictionary(fc.string().filter((key) => !['id', 'file_name', 'image_id', 'category_id', 'bbox', 'images', 'annotations', 'categories'].includes(key)), fc.jsonValue(), { noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(extra, fc.array(extra, { maxLength: 3 })), { maxLength: 5 }), extra, fc.integer({ min: 1, max: 6 }), async (parts, others, limit) => {
      const images = parts.map(([image], i) => ({ ...image, id: i, file_name: 'a' }));
      const annotations = parts.flatMap(([, list], i) => list.map((more) => ({ ...more, image_id: i, category_id: 1, bbox: [0, 1, 2, 3] })));
      // Annotations in an order of their own, those of one image kept in theirs.
      const mixed = [...annotations.filter((_, i) => i % 2 === 1), ...annotations.filter((_, i) => i % 2 === 0)];
      const json = { ...others, images, annotations: mixed, categories: CATEGORIES };
      const given = JSON.parse(JSON.stringify(json)) as typeof json;
      const source = await openCoco(write(json, { a: '' }));
      const entries = await drain(source, limit);
      given.images.forEach((image, i) => expect(JSON.parse(sampleAt(entries, i).origin ?? '')).toStrictEqual({ image, annotations: given.annotations.filter((item) => item.image_id === i) }));
      const { images: _, annotations: __, ...top } = given;
      expect(JSON.parse(source.header ?? '')).toStrictEqual(top);
    }),
    { numRuns: 50 },
  );
});
