import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openCoco } from '../../../../infra/sources/coco.ts';
import { openSource } from '../../../../infra/sources/open.ts';
import { drain, errorAt, faultOf, folder, outline, sampleAt } from './fixtures.ts';

const CATEGORIES = [{ id: 1, name: 'cat', supercategory: 'animal' }, { id: 7, name: 'dog' }];

function write(json: unknown, files: Readonly<Record<string, string>> = {}): string {
  return join(folder({ ...files, 'set.json': typeof json === 'string' ? json : JSON.stringify(json) }), 'set.json');
}

async function refusal(json: unknown): Promise<string> {
  const error = await faultOf(openSource(write(json)));
  expect(error.code).toBe('SLUICE_E_SOURCE_SYNTAX');
  return error.message;
}

describe('a good file', () => {
  const images = [{ id: 5, file_name: 'b.jpg', width: 4, custom: { deep: [1, null] } }, { id: 3, file_name: './sub//a.jpg' }, { id: 'x', file_name: 'c.jpg' }];
  const annotations = [
    { id: 11, image_id: 3, category_id: 7, bbox: [1, 2.5, 3, 4], area: 12, iscrowd: 0, segmentation: [[1, 2, 3]], attributes: { occluded: true } },
    { id: 12, image_id: 5, category_id: 1, bbox: [0, 0, 0, 0] },
    { id: 13, image_id: 3, category_id: 1, bbox: [-1.5, 2, 3, 4], iscrowd: 1, segmentation: { counts: 'abc', size: [1, 2] } },
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
    expect(source.warnings()).toStrictEqual([]);
  });

  test('a file without the key annotations has labels for nothing; one with an empty list has images of nothing', async () => {
    const one = [{ id: 1, file_name: 'a' }];
    expect(sampleAt(await drain(await openCoco(write({ images: one, categories: CATEGORIES }, { a: '' }))), 0).label).toBeNull();
    expect(sampleAt(await drain(await openCoco(write({ images: one, annotations: [] }, { a: '' }))), 0).label).toStrictEqual([]);
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
    expect(await refusal('{\n  "images": [\n    {"id": 1 "file_name": "a"}\n  ]\n}')).toBe('set.json, line 3, column 14: expected a comma or "}", found "\\"file_name\\": \\"a\\"}\\n  ".');
    expect(await refusal('{"images": [')).toBe('set.json, line 1, column 13: expected a value, found the end of the file.');
    expect(await refusal('')).toBe('set.json, line 1, column 1: expected a value, found the end of the file.');
    expect(await refusal('{"a":\r[\r\n1\r2]}')).toMatch(/line 4, column 1: expected a comma/);
    expect(await refusal('{"é😀": nul}')).toMatch(/line 1, column 8: expected a value, found "nul}"/);
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
    const box = { category_id: 1, bbox: [0, 0, 1, 1] };
    const json = {
      images: [{ id: 0, file_name: 'ok' }, { id: 1 }, 7, { file_name: 'noid' }, { id: 2 ** 53, file_name: 'big' }, { id: 5, file_name: '' }, { id: 6, file_name: 'cat' }, { id: 7, file_name: 'box' }, { id: 8, file_name: 'annid' }, { id: 9, file_name: '\ud800' }, { id: 10, file_name: 'nobox' }, { id: 11, file_name: 'side' }],
      annotations: [
        { image_id: 0, ...box }, { image_id: 6, ...box, category_id: 99 }, { image_id: 7, ...box, bbox: [0, 0, '1', 1] }, { image_id: 8, ...box, id: 1e300 }, { image_id: 10, category_id: 1 }, { image_id: 11, ...box, bbox: [0, 0, -1, 1] },
      ],
      categories: CATEGORIES,
    };
    const entries = await drain(await openCoco(write(json, { ok: '', noid: '', big: '', cat: '', box: '', annid: '', nobox: '', side: '' })));
    expect(outline(entries)).toStrictEqual([
      'ok',
      'set.json:images[1] SLUICE_E_ROW_INVALID',
      'set.json:images[2] SLUICE_E_ROW_INVALID',
      'noid SLUICE_E_ROW_INVALID',
      'big SLUICE_E_ROW_INVALID',
      'set.json:images[5] SLUICE_E_ROW_INVALID',
      'cat SLUICE_E_LABEL_INVALID',
      'box SLUICE_E_LABEL_INVALID',
      'annid SLUICE_E_LABEL_INVALID',
      '\ufffd SLUICE_E_ROW_INVALID',
      'nobox SLUICE_E_LABEL_INVALID',
      'side SLUICE_E_LABEL_INVALID',
    ]);
    expect(errorAt(entries, 1).message).toBe('set.json, images[1].file_name: expected a path, found nothing.');
    expect(errorAt(entries, 6).message).toBe('set.json, annotations[1].category_id: there is no category 99.');
    expect(errorAt(entries, 7).message).toBe('set.json, annotations[2].bbox: expected [x, y, width, height] in pixels, each at most 1000000000, found [0, 0, "1", 1].');
  });

  test('a number that overflows is no side of a box', async () => {
    const file = write('{"images":[{"id":1,"file_name":"a"}],"categories":[{"id":1,"name":"c"}],"annotations":[{"image_id":1,"category_id":1,"bbox":[0,0,1e999,1]}]}', { a: '' });
    const entries = await drain(await openCoco(file));
    expect(errorAt(entries, 0).message).toMatch(/found \[0, 0, Infinity, 1\]/);
  });

  test.each([['1e308'], ['-1e308'], ['1000000001'], ['-1000000001']])('a number beyond any image (%s) is no part of a box', async (number) => {
    for (const bbox of [`${number},0,1,1`, `0,${number},1,1`, `0,0,${number},1`, `0,0,1,${number}`]) {
      const image = (id: number): string => `{"id":${id},"file_name":"${id}"}`;
      const annotation = (id: number, box: string): string => `{"image_id":${id},"category_id":1,"bbox":[${box}]}`;
      const file = write(`{"images":[${image(1)},${image(2)}],"categories":[{"id":1,"name":"c"}],"annotations":[${annotation(1, bbox)},${annotation(2, '-1e9,1e9,1e9,1e9')}]}`, { 1: '', 2: '' });
      const entries = await drain(await openCoco(file));
      expect(outline(entries)).toStrictEqual(['1 SLUICE_E_LABEL_INVALID', '2']);
      expect(errorAt(entries, 0).message).toContain('set.json, annotations[0].bbox: expected [x, y, width, height] in pixels, each at most 1000000000, found [');
    }
  });

  test('an image is kept as it is spelled: numbers, order, depth', async () => {
    const image = `{"id":1, "file_name":"a","width":33.0,"big":12345678901234567890,"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    const annotation = '{"image_id":1,"id":7.0e0,"category_id":1,"bbox":[1.50,2,3.0,4]}';
    const file = write(`{"images":[${image}],"annotations":[${annotation}],"categories":[{"id":1,"name":"c"}]}`, { a: '' });
    const [entry] = await drain(await openCoco(file));
    expect(entry !== undefined && 'sample' in entry ? entry.sample.origin : null).toBe(`{"image":${image},"annotations":[${annotation}]}`);
  });

  test('annotations that belong to no image are told, not lost silently', async () => {
    const stray = (id: unknown): unknown => ({ image_id: id, category_id: 1, bbox: [0, 0, 1, 1] });
    const source = await openCoco(write({ images: [{ id: 1, file_name: 'a' }], annotations: [stray(1), stray('1'), stray(2), null, stray(undefined), stray(2), stray(2), stray(2)], categories: CATEGORIES }, { a: '' }));
    expect(source.warnings()).toStrictEqual(['7 annotations belong to no image of the file and are left out: "annotations[1]", "annotations[2]", "annotations[3]", "annotations[4]", "annotations[5]" and 2 more.']);
    expect(sampleAt(await drain(source), 0).label).toHaveLength(1);
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
