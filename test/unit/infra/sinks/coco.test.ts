import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coco } from '../../../../infra/sinks/coco.ts';
import type { Decision } from '../../../../schemas/decision.ts';
import { type Part, readerOf, storedReader, textOf } from './made.ts';

interface Coco {
  readonly [key: string]: unknown;
  readonly images: readonly { readonly id: number | string; readonly file_name: string }[];
  readonly annotations: readonly { readonly id: number | string; readonly image_id: number | string; readonly category_id: number | string; readonly bbox?: unknown }[];
  readonly categories: readonly { readonly id: number | string; readonly name: string }[];
}

const HEADER = { info: { year: 2017, note: 'mine' }, licenses: [{ id: 1, name: 'CC' }], type: 'instances', categories: [{ id: 18, name: 'dog', supercategory: 'animal' }, { id: 3, name: 'cat', extra: [1] }] };

function fromCoco(file: string, image: object, annotations: readonly object[]): Partial<Decision> {
  return { id: file, label: [], origin: JSON.stringify({ image: { file_name: file, ...image }, annotations }) };
}

function read(...parts: readonly Part[]): Coco {
  const { sluice_export: mark, ...found } = JSON.parse(textOf(coco, readerOf(...parts))) as Coco;
  expect(mark).toMatch(/^Written by sluice export --format coco/);
  // What must hold for any export: ids are unique, and all that is referred to is there.
  for (const list of [found.images, found.annotations, found.categories]) expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
  const [images, categories] = [new Set(found.images.map(({ id }) => id)), new Set(found.categories.map(({ id }) => id))];
  for (const annotation of found.annotations) expect([images.has(annotation.image_id), categories.has(annotation.category_id)]).toEqual([true, true]);
  return found;
}

test('what came from COCO goes back whole: ids, unknown fields, crowds, header', () => {
  const a = { id: 9, image_id: 7, category_id: 18, bbox: [1, 2, 3, 4], area: 12, segmentation: { counts: 'xyz', size: [4, 4] }, iscrowd: 1, attributes: { late: true } };
  const b = { id: 'text id', image_id: 7, category_id: 3, bbox: [0, 0, 1, 1], keypoints: [1, 2, 2] };
  const found = read({ source: 'coco:/a.json', header: HEADER, items: [fromCoco('x/1.jpg', { id: 7, width: 10, flickr_url: 'http://a' }, [a, b]), fromCoco('2.jpg', { id: 900100 }, [])] });
  const { categories, ...header } = HEADER;
  expect(found).toEqual({ ...header, images: [{ file_name: 'x/1.jpg', id: 7, width: 10, flickr_url: 'http://a' }, { file_name: '2.jpg', id: 900100 }], annotations: [a, b], categories });
});

test('numbers stay as they were spelled', () => {
  const origin = '{"image": {"id": 1, "file_name": "a", "k": 1e2}, "annotations": [{"id": 1, "image_id": 1, "category_id": 3, "bbox": [33.0, 1.50, 2, 12345678901234567890], "segmentation": [[0.10]]}]}';
  const text = textOf(coco, readerOf({ source: 'coco:/a.json', header: HEADER, items: [{ origin, label: [] }] }));
  expect(text).toContain('{"id": 1, "file_name": "a", "k": 1e2}');
  expect(text).toContain('"bbox": [33.0, 1.50, 2, 12345678901234567890], "segmentation": [[0.10]]}');
});

test('the header stays as it was spelled, in whatever depth', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const header = `{"info": {"version": 1.0, "x": ${deep}}, "extra":${deep},"categories": [ {"id": 18, "name": "dog", "weight": 1.50, "x": ${deep}}, {"id":3,"name":"cat"} ], "info": {"version": 2.0, "x": ${deep}}}`;
  const other = `{"licenses": [{"name": "no id", "x": ${deep}}, {"id": 1, "y": 1.0}], "categories": [{"id": 18, "name": "bird", "size": 2.0, "x": ${deep}}]}`;
  const origin = (image: number, category: number): string => `{"image": {"id": ${image}, "x": ${deep}}, "annotations": [{"id": 1, "category_id": ${category}, "image_id": ${image}, "x": ${deep}}]}`;
  const text = textOf(coco, readerOf({ source: 'coco:/a', header, items: [{ label: [], origin: origin(1, 18) }] }, { source: 'coco:/b', header: other, items: [{ label: [], origin: origin(1, 18) }] }));
  const short = text.replaceAll(deep, '"deep"');
  expect(short.split('\n').slice(1)).toEqual([
    '"info": {"version": 2.0, "x": "deep"},',
    '"extra": "deep",',
    '"licenses": [{"name": "no id", "x": "deep"},{"id": 1, "y": 1.0}],',
    '"images": [',
    '{"id": 1, "x": "deep"},',
    '{"id":2,"x":"deep"}],',
    '"annotations": [',
    '{"id": 1, "category_id": 18, "image_id": 1, "x": "deep"},',
    '{"id":2,"image_id":2,"category_id":19,"x":"deep"}],',
    '"categories": [{"id": 18, "name": "dog", "weight": 1.50, "x": "deep"},{"id":3,"name":"cat"},{"id":19,"name":"bird","size":2.0,"x":"deep"}]}',
    '',
  ]);
});

test('an export of an export bears one mark', () => {
  const header = { sluice_export: 'Written by an earlier one', info: { year: 1 }, categories: [] };
  const text = textOf(coco, readerOf({ source: 'coco:/a', header, items: [] }));
  expect(text.split('sluice_export').length).toBe(2);
  expect(text.startsWith('{"sluice_export": "Written by sluice export --format coco')).toBe(true);
});

test('items of other sources get new ids above all that later items bring, and their labels become annotations', () => {
  const found = read(
    { items: [{ id: 'plain.jpg', label: 'dog' }, { id: 'boxed.jpg', label: [{ class: 'cat', bbox: [0.25, 0.5, 0.5, 0.25], relative: true }, { class: 'new', bbox: [1, 2, 3, 4] }] }, { id: 'bare.jpg' }] },
    { source: 'coco:/a.json', header: HEADER, items: [fromCoco('1.jpg', { id: 50 }, [{ id: 70, image_id: 50, category_id: 3 }])] },
  );
  expect(found.images).toEqual([
    { id: 51, file_name: 'plain.jpg', width: 640, height: 480 },
    { id: 52, file_name: 'boxed.jpg', width: 640, height: 480 },
    { id: 53, file_name: 'bare.jpg', width: 640, height: 480 },
    { id: 50, file_name: '1.jpg' },
  ]);
  expect(found.annotations).toEqual([
    { id: 71, image_id: 51, category_id: 18 },
    { id: 72, image_id: 52, category_id: 3, bbox: [160, 240, 320, 120], area: 38400, segmentation: [], iscrowd: 0 },
    { id: 73, image_id: 52, category_id: 19, bbox: [1, 2, 3, 4], area: 12, segmentation: [], iscrowd: 0 },
    { id: 70, image_id: 50, category_id: 3 },
  ]);
  expect(found.categories).toEqual([...HEADER.categories, { id: 19, name: 'new' }]);
});

test('two COCO sources that use the same ids for different things keep apart', () => {
  const other = { info: { year: 1 }, licenses: [{ id: 1, name: 'other' }, { id: 2, name: 'BY' }], categories: [{ id: 3, name: 'dog' }, { id: 18, name: 'bird', color: 'red' }, { id: 5, name: 'cow' }] };
  const annotations = (image: number) => [3, 18].map((category, i) => ({ id: i + 1, image_id: image, category_id: category, area: 1.5 }));
  const found = read({ source: 'coco:/a', header: HEADER, items: [fromCoco('a', { id: 1 }, annotations(1))] }, { source: 'coco:/b', header: other, items: [fromCoco('b', { id: 1, wide: true }, annotations(1))] });
  expect(found.images).toEqual([{ id: 1, file_name: 'a' }, { id: 2, file_name: 'b', wide: true }]);
  const names = new Map(found.categories.map(({ id, name }) => [id, name]));
  expect(found.annotations.map((a) => [a.id, a.image_id, names.get(a.category_id)])).toEqual([[1, 1, 'cat'], [2, 1, 'dog'], [3, 2, 'dog'], [4, 2, 'bird']]);
  expect(found.categories).toContainEqual({ id: 5, name: 'cow' });
  expect(found['licenses']).toEqual([{ id: 1, name: 'CC' }, { id: 2, name: 'BY' }]);
  expect(found['info']).toEqual(HEADER.info);
});

test('any mixture of sources gives one consistent file that holds every annotation', () => {
  const id = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constantFrom('1', 'a', 2 ** 53 - 1));
  const header = fc.uniqueArray(fc.record({ id, name: fc.constantFrom('a', 'b', 'c') }), { selector: (category) => category.id, minLength: 1, maxLength: 4 });
  const part = header.chain((categories) =>
    fc.record({
      categories: fc.constant(categories),
      items: fc.uniqueArray(fc.record({ id, annotations: fc.array(fc.record({ id, category: fc.constantFrom(...categories) }), { maxLength: 3 }) }), { selector: (image) => image.id, maxLength: 3 }),
      plain: fc.array(fc.constantFrom('a', 'b', 'z'), { maxLength: 2 }),
    }),
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
      let count = 0;
      const wanted: string[] = [];
      const found = read(
        ...parts.flatMap(({ categories, items, plain }, p) => [
          {
            source: `coco:/${p}`,
            header: { categories },
            items: items.map((image) => {
              const file = `${count++}`;
              for (const { category } of image.annotations) wanted.push(`${file} ${category.name}`);
              return fromCoco(file, { id: image.id }, image.annotations.map((a) => ({ id: a.id, image_id: image.id, category_id: a.category.id })));
            }),
          },
          {
            source: `csv:/${p}`,
            items: plain.map((label) => {
              const file = `${count++}`;
              wanted.push(`${file} ${label}`);
              return { id: file, label };
            }),
          },
        ]),
      );
      const files = new Map(found.images.map((image) => [image.id, image.file_name]));
      const names = new Map(found.categories.map((category) => [category.id, category.name]));
      expect(found.annotations.map((a) => `${files.get(a.image_id)} ${names.get(a.category_id)}`)).toEqual(wanted);
      expect([...files.values()]).toEqual(Array.from({ length: count }, (_, i) => `${i}`));
    }),
    { numRuns: 60 },
  );
});

test('through the real store an origin comes back to the letter', () => {
  const part: Part = { source: 'coco:/a.json', header: HEADER, items: [{ ...fromCoco('é\n1.jpg', { id: 7 }, []), origin: '{"image":{"id":7,"x":1.0},"annotations":[{"id":1,"image_id":7,"category_id":3,"note":"\\ud800"}]}' }, { id: 'plain', label: 'cat' }] };
  const text = textOf(coco, storedReader(part));
  expect(text).toBe(textOf(coco, readerOf(part)));
  expect(text).toContain('{"id":7,"x":1.0}');
  expect(text).toContain('"note":"\\ud800"');
});

test('an empty folder gives an empty COCO file', () => {
  expect(read({ items: [] })).toEqual({ images: [], annotations: [], categories: [] });
});
