import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSource } from '../../../../infra/sources/open.ts';
import type { OpenedSource } from '../../../../infra/sources/types.ts';
import { drain, faultOf, folder, outline, put, sampleAt } from './fixtures.ts';

const IMAGES = { 'set/a.jpg': '', 'set/b.jpg': '', 'set/sub/c.jpg': '' };

async function open(labels: string | Buffer, files: Readonly<Record<string, string>> = IMAGES, source = 'set'): Promise<OpenedSource> {
  const here = folder({ ...files, 'labels.csv': labels });
  return openSource(join(here, source), { labels: join(here, 'labels.csv') });
}

async function refusal(labels: string | Buffer): Promise<string> {
  const error = await faultOf(open(labels));
  expect(error.code).toBe('SLUICE_E_SOURCE_SYNTAX');
  return error.message;
}

test('samples of a folder get the labels of their ids; the rest of the source stays what it was', async () => {
  const source = await open('\ufefflabel,note,path\r\ncat,x,a.jpg\r\n"a ""big"" dog",x,./sub//c.jpg\r\n');
  const entries = await drain(source);
  expect(entries.map((_, i) => sampleAt(entries, i).label)).toStrictEqual(['cat', null, 'a "big" dog']);
  expect(source.identity).toMatch(/^folder:.*\/set$/);
  expect(source).toMatchObject({ total: 3, fit: 'crop', header: null });
  expect(source.warnings()).toStrictEqual([]);
});

test('a label given here takes the place of the own one; an empty one says nothing', async () => {
  const source = await open('path,label\na.jpg,cat\nb.jpg,\n', { ...IMAGES, 'set/list.csv': 'path,label\na.jpg,old\nb.jpg,kept\nnone.jpg,x\n' }, 'set/list.csv');
  const entries = await drain(source);
  expect(outline(entries)).toStrictEqual(['a.jpg', 'b.jpg', 'none.jpg SLUICE_E_IMAGE_MISSING']);
  expect([0, 1].map((i) => sampleAt(entries, i).label)).toStrictEqual(['cat', 'kept']);
});

test('annotations that belong to no image are told all the same', async () => {
  const here = folder({ 'a.jpg': '', 'labels.csv': 'path,label\na.jpg,cat\n', 'set.json': JSON.stringify({ images: [{ id: 1, file_name: 'a.jpg' }], annotations: [{ image_id: 2 }], categories: [] }) });
  expect((await openSource(join(here, 'set.json'), { labels: join(here, 'labels.csv') })).faults).toMatchObject([{ code: 'SLUICE_E_ANNOTATION_IMAGE', count: 1 }]);
});

test('boxes are replaced as well, their origin is kept', async () => {
  const here = folder({ 'a.jpg': '', 'labels.csv': 'path,label\na.jpg,cat\n', 'set.json': JSON.stringify({ images: [{ id: 1, file_name: 'a.jpg' }], annotations: [], categories: [] }) });
  const entries = await drain(await openSource(join(here, 'set.json'), { labels: join(here, 'labels.csv') }));
  expect(sampleAt(entries, 0)).toMatchObject({ label: 'cat', origin: '{"image":{"id":1,"file_name":"a.jpg"},"annotations":[]}' });
});

test('labels for what the source does not have are counted once it has ended, the first five named', async () => {
  const rows = Array.from({ length: 7 }, (_, i) => `x${i}.jpg,cat`).join('\n');
  const source = await open(`path,label\n${rows}\na.jpg,cat\nempty.jpg,\n`);
  await source.next(1);
  expect(source.warnings()).toStrictEqual([]);
  await drain({ ...source, total: 2 });
  expect(source.warnings()).toStrictEqual(['7 labels in labels.csv name items that the source does not have: "x0.jpg", "x1.jpg", "x2.jpg", "x3.jpg", "x4.jpg" and 2 more.']);
});

test('an id that is a dead letter is one the source has', async () => {
  const here = folder({ 'list.csv': 'path\nnone.jpg\n', 'labels.csv': 'path,label\nnone.jpg,cat\n' });
  const source = await openSource(join(here, 'list.csv'), { labels: join(here, 'labels.csv') });
  await drain(source);
  expect(source.warnings()).toStrictEqual([]);
});

test('warnings of the source itself come first', async () => {
  const source = await open('path,label\nnone,cat\n', { ...IMAGES, 'set/notes.txt': '' });
  await drain(source);
  expect(source.warnings()).toStrictEqual(['1 file of plainly another kind (by extension) was passed over.', 'not one of the 1 label in labels.csv names an item of the source, so nothing was labelled; paths must equal the ids. The file has "none".']);
});

test('labels of another normal form are for another id', async () => {
  const source = await open('path,label\ne\u0301.jpg,cat\n', { 'set/\u00e9.jpg': '' });
  const entries = await drain(source);
  expect(sampleAt(entries, 0).label).toBeNull();
  expect(source.warnings()).toHaveLength(1);
});

describe('faults', () => {
  test('a path with two labels, by both lines; with the same twice it is none', async () => {
    expect(await refusal('path,label\na.jpg,cat\n\nb.jpg,x\n./a.jpg,dog\n')).toBe('labels.csv, line 5, column "label": "a.jpg" is "dog" here and "cat" in line 2.');
    expect(sampleAt(await drain(await open('path,label\na.jpg,cat\na.jpg,cat\na.jpg,\n')), 0).label).toBe('cat');
  });

  test('all of them at once', async () => {
    const message = await refusal('path,label\na.jpg,cat\na.jpg,dog\n,cat\nb.jpg\nb.jpg,cat,\n');
    expect(message.split('\n')).toStrictEqual([
      'labels.csv has 4 faults:',
      '  line 3, column "label": "a.jpg" is "dog" here and "cat" in line 2.',
      '  line 4, column "path": the path is empty.',
      '  line 5, column 2: the row has 1 fields, the header 2.',
      '  line 6, column 3: the row has 3 fields, the header 2.',
    ]);
  });

  test('of the header and of the quoting', async () => {
    expect(await refusal('')).toMatch(/the file is empty/);
    expect(await refusal('file,class\n')).toMatch(/2 faults:[^]*no column "path"[^]*no column "label"/);
    expect(await refusal('path,label\n"a,b\n')).toMatch(/line 2, column 1: the quote opened here/);
  });

  test('a file that is not there, or is none', async () => {
    const here = put(folder(), IMAGES);
    for (const labels of [join(here, 'none.csv'), here]) {
      const fault = await faultOf(openSource(join(here, 'set'), { labels }));
      expect(fault.code).toBe('SLUICE_E_CONFIG_INVALID');
      expect(fault.message).toMatch(/--labels/);
    }
  });
});
