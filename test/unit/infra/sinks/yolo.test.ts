import fc from 'fast-check';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { exportTo } from '../../../../infra/sinks/export.ts';
import type { Decision } from '../../../../schemas/decision.ts';
import type { Box } from '../../../../schemas/sample.ts';
import { temporaryFolder } from '../store/world.ts';
import { outcome, type Part, readerOf } from './made.ts';

const box = (name: string, ...bbox: [number, number, number, number]): Box => ({ class: name, bbox, relative: true });

/** Paths of all files and links below, relative. */
function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory()).map((entry) => relative(dir, join(entry.parentPath, entry.name))).sort();
}

async function exported(...parts: readonly Part[]) {
  const to = join(temporaryFolder(), 'yolo');
  const warnings: string[] = [];
  await exportTo(readerOf(...parts), { format: 'yolo', to, verdict: 'all' }, (text) => void warnings.push(text));
  const file = (name: string): string => readFileSync(join(to, name), 'utf8');
  // As trainers do it: what begins with ./ is relative to the list, wherever the folder lies by then.
  const list = (name: string): string[] => file(name).split('\n').slice(0, -1).map((path) => relative(to, path.replaceAll('./', `${to}/`)));
  return { to, files: filesIn(to), file, list, names: (parse(file('data.yaml')) as { names: Record<string, string> }).names, warnings };
}

test('boxes become lines, and lists tell the sets apart', async () => {
  const { files, file, list } = await exported({
    items: [
      { id: 'a/1.jpg', uri: '/photos/a/1.jpg', label: [box('dog', 0.25, 0.5, 0.5, 0.25), { class: 'cat', bbox: [64, 48, 64, 48] }] },
      { id: '2.png', label: [], split: 'train' },
      { id: '3.jpg', label: [box('cat', 0, 0, 1, 1)], split: 'validation' },
      { id: '4.jpg', label: null },
    ],
  });
  expect(files).toEqual(['README.md', 'data.yaml', 'images/2.png', 'images/3.jpg', 'images/4.jpg', 'images/a/1.jpg', 'labels/2.txt', 'labels/3.txt', 'labels/a/1.txt', 'train.txt', 'unlabelled.txt', 'val.txt']);
  expect(file('labels/a/1.txt')).toBe('1 0.5 0.625 0.5 0.25\n0 0.15 0.15 0.1 0.1\n');
  expect(file('labels/2.txt')).toBe('');
  expect([list('train.txt'), list('val.txt'), list('unlabelled.txt')]).toEqual([['images/a/1.jpg', 'images/2.png'], ['images/3.jpg'], ['images/4.jpg']]);
  expect(file('val.txt')).toBe('./images/3.jpg\n');
  expect(parse(file('data.yaml'))).toEqual({ train: 'train.txt', val: 'val.txt', unlabelled: 'unlabelled.txt', nc: 2, names: { 0: 'cat', 1: 'dog' } });
});

describe('images', () => {
  const folder = (at?: string): string => {
    if (at === undefined) return temporaryFolder();
    const dir = mkdtempSync(join(at, 'sluice-yolo-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    return dir;
  };
  const put = (dir: string, name: string): string => {
    writeFileSync(join(dir, name), name);
    return join(dir, name);
  };
  const items = (...uris: readonly string[]): Part => ({ items: uris.map((uri, i) => ({ id: `${i}.jpg`, uri, label: [] })) });

  test('are hard links to the files themselves, also where a link leads to them', async () => {
    const dir = folder();
    const a = put(dir, 'a');
    symlinkSync('a', join(dir, 'relative'));
    const { to, warnings } = await exported(items(a, join(dir, 'relative')));
    for (const name of ['0.jpg', '1.jpg']) {
      expect(lstatSync(join(to, 'images', name)).isFile()).toBe(true);
      expect(statSync(join(to, 'images', name)).ino).toBe(statSync(a).ino);
    }
    expect(warnings).toEqual([]);
  });

  test('that are no longer there are counted; their links come to life with them', async () => {
    const dir = folder();
    mkdirSync(join(dir, 'folder'));
    symlinkSync('circle', join(dir, 'circle'));
    const { to, list, warnings } = await exported(items(put(dir, 'a'), join(dir, 'late'), join(dir, 'folder'), join(dir, 'circle'), join(dir, 'a/below')));
    expect(warnings).toEqual([`4 of 5 images are not where they were; in ${to}/images they are links that lead to no file.`]);
    expect(list('train.txt')).toHaveLength(5);
    expect(readlinkSync(join(to, 'images/1.jpg'))).toBe(join(dir, 'late'));
    put(dir, 'late');
    expect(readFileSync(join(to, 'images/1.jpg'), 'utf8')).toBe('late');
    expect((await exported(items(join(dir, 'none')))).warnings).toEqual([expect.stringMatching(/^1 of 1 image is not where it was; /)]);
  });

  const shared = '/dev/shm';
  test.skipIf(!existsSync(shared) || statSync(shared).dev === statSync('/tmp').dev)('on another file system are symbolic links, and a word about it', async () => {
    const a = put(folder(shared), 'a');
    const { to, warnings } = await exported(items(a, put(folder(), 'b')));
    expect([readlinkSync(join(to, 'images/0.jpg')), lstatSync(join(to, 'images/1.jpg')).isFile()]).toEqual([a, true]);
    expect(warnings).toEqual([expect.stringMatching(/^1 of 2 images is a symbolic link, .*another file system.*curate/)]);
  });
});

test('the shape of keypoints is kept', async () => {
  const part = (shape: unknown, i: number): Part => ({ source: `yolo:/${i}`, header: { names: { 0: 'person' }, ...(shape === null ? {} : { kpt_shape: shape }) }, items: [{ label: [] }] });
  const shapeOf = async (...parts: readonly Part[]): Promise<unknown> => (parse((await exported(...parts)).file('data.yaml')) as { kpt_shape?: unknown }).kpt_shape;
  expect(await shapeOf(part(null, 0), part([17, 3], 1))).toEqual([17, 3]);
  expect(await shapeOf(part(null, 0))).toBeUndefined();
});

test('what a COCO file has under the names of YOLO keys, in whatever depth, is nothing of YOLO', async () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const header = `{"names": {"0": ${deep}}, "kpt_shape": ${deep}, "categories": [{"id": 1, "name": "cat", "x": ${deep}}]}`;
  const { names, file } = await exported({ source: 'coco:/c', header, items: [{ id: 'c.jpg', label: [box('cat', 0, 0, 1, 1)], origin: `{"image":{"id":1,"x":${deep}},"annotations":[{"id":1}]}` }] });
  expect([names, file('data.yaml').includes('kpt_shape')]).toEqual([{ 0: 'cat' }, false]);
});

test('what came from YOLO goes back as it was, numbers and points and all; no file stays no file', async () => {
  const names = { 0: 'person', 2: 'car: red\n"x"' };
  const text = '2 0.1 0.1 0.9 0.1 0.5 0.9\r\n\n 0 0.5 0.5 0.10 0.1 0.3 0.3 2';
  const { file, files, names: found } = await exported({
    source: 'yolo:/y',
    header: { names },
    items: [
      { id: 'images/train/1.jpg', label: [box('car: red\n"x"', 0.1, 0.1, 0.8, 0.8)], origin: JSON.stringify({ text, names }) },
      { id: 'images/train/2.jpg', label: [], origin: JSON.stringify({ text: null, names: {} }) },
    ],
  });
  expect(file('labels/train/1.txt')).toBe(text);
  expect(files).not.toContain('labels/train/2.txt');
  expect(found).toEqual({ 0: 'person', 1: '1', 2: 'car: red\n"x"' });
  expect(file('train.txt').split('\n').length).toBe(3);
});

test('a second source is renumbered to the classes of the first', async () => {
  const { file, names } = await exported(
    { source: 'yolo:/a', header: { names: { 0: 'cat', 1: 'dog' } }, items: [{ id: 'a.jpg', label: [box('dog', 0, 0, 1, 1)], origin: JSON.stringify({ text: '1 0.5 0.5 1 1\n', names: { 1: 'dog' } }) }] },
    { source: 'yolo:/b', header: { names: { 0: 'dog', 1: 'cow' } }, items: [{ id: 'b.jpg', label: [box('dog', 0, 0, 1, 1)], origin: JSON.stringify({ text: '0 0.5 0.5 1 1\n1 0.1 0.1 0.1 0.1 0 0', names: { 0: 'dog', 1: 'cow' } }) }] },
    { source: 'coco:/c', header: { categories: [{ id: 7, name: 'cat' }, { id: 9, name: 'bird' }] }, items: [{ id: 'c.jpg', label: [box('bird', 0, 0, 1, 1)] }] },
  );
  expect(names).toEqual({ 0: 'cat', 1: 'dog', 2: 'cow', 3: 'bird' });
  expect([file('labels/a.txt'), file('labels/b.txt'), file('labels/c.txt')]).toEqual(['1 0.5 0.5 1 1\n', '1 0.5 0.5 1 1\n2 0.1 0.1 0.1 0.1 0 0', '3 0.5 0.5 1 1\n']);
});

test('classes that a source only numbers keep their numbers', async () => {
  const { file, names } = await exported({ source: 'yolo:/y', header: { names: {} }, items: [{ id: 'a.jpg', label: [box('3', 0, 0, 1, 1), box('0', 0, 0, 1, 1)], origin: JSON.stringify({ text: '3 0.5 0.5 1 1\n0 0.5 0.5 1 1\n', names: {} }) }] });
  expect(names).toEqual({ 0: '0', 1: '1', 2: '2', 3: '3' });
  expect(file('labels/a.txt')).toBe('3 0.5 0.5 1 1\n0 0.5 0.5 1 1\n');
});

test('boxes are cut at the edges of the picture, what lies outside and crowds are left out', async () => {
  const boxes = [box('a', -0.1, 0.5, 0.3, 0.75), box('a', 1, 0, 0.2, 0.2), box('a', 0.5, 0.5, 0, 0.2), box('a', 0, 0, 1, 1)];
  const origin = JSON.stringify({ image: { id: 1 }, annotations: boxes.map(({ bbox }, i) => ({ bbox, iscrowd: i === 3 ? 1 : 0 })) });
  expect((await exported({ items: [{ id: 'a.jpg', label: boxes, origin }] })).file('labels/a.txt')).toBe('0 0.1 0.75 0.2 0.5\n');
});

test('of a COCO image with bad annotations the crowds are the same ones', async () => {
  const boxes = [box('a', 0, 0, 1, 1), box('a', 0, 0, 0.5, 0.5)];
  const annotations = [{ bbox: [0, 0, -1, 1], iscrowd: 1 }, { bbox: [0, 0, 1, 1], iscrowd: 0 }, { bbox: 'x' }, { bbox: [0, 0, 0.5, 0.5], iscrowd: 1 }];
  const origin = JSON.stringify({ image: { id: 1 }, annotations });
  expect((await exported({ items: [{ id: 'a.jpg', label: boxes, origin }] })).file('labels/a.txt')).toBe('0 0.5 0.5 1 1\n');
});

test('bad lines of a label file go back as they were, also where no line is good', async () => {
  const header = { names: { 0: 'cat', 1: 'dog' } };
  const [mixed, bad] = ['0 0.5 0.5 1 1\n7 0.5 0.5 1 1\nx\n', '1 9 9 1 1\n'];
  const items = [
    { id: 'a.jpg', label: [box('cat', 0, 0, 1, 1)], origin: JSON.stringify({ text: mixed, names: { 0: 'cat' } }) },
    { id: 'b.jpg', label: null, origin: JSON.stringify({ text: bad, names: { 1: 'dog' } }) },
    { id: 'c.jpg', label: null, origin: JSON.stringify({ text: null, names: {} }) },
  ];
  const { file, list } = await exported({ header, items });
  expect([file('labels/a.txt'), file('labels/b.txt')]).toEqual([mixed, bad]);
  expect([list('train.txt'), list('unlabelled.txt')]).toEqual([['images/a.jpg', 'images/b.jpg'], ['images/c.jpg']]);
  // Behind another source the classes have other numbers; what is no class has none.
  const moved = await exported({ source: 'yolo:/first', header: { names: { 0: 'dog' } }, items: [{ id: '0.jpg', label: [] }] }, { header, items });
  expect([moved.file('labels/a.txt'), moved.file('labels/b.txt')]).toEqual(['1 0.5 0.5 1 1\n7 0.5 0.5 1 1\nx\n', '0 9 9 1 1\n']);
});

test('a class for the whole image is not supported, and nothing is written', async () => {
  const to = join(temporaryFolder(), 'yolo');
  expect(await outcome(readerOf({ items: [{ label: [] }, { label: 'cat' }] }), 'yolo', to)).toBe('SLUICE_E_UNSUPPORTED');
  expect(existsSync(to)).toBe(false);
});

test('whatever the ids, every image has one link and a label of its own below the folder', async () => {
  const part = fc.constantFrom('a', 'b', '..', '.', '', 'images', 'a.txt', 'a.jpg', 'a.png', 'item-1.jpg', 'item-0', 'a.', 'x\ny', ' ', '\ud800', 'é', 'l'.repeat(201), '\0');
  const id = fc.oneof(fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')), fc.string({ unit: 'binary' }));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(id, { minLength: 1, maxLength: 6 }), async (ids) => {
      const items: Partial<Decision>[] = ids.map((name, i) => ({ id: name, uri: `/photos/${i}.jpg`, label: [box(`class ${i}`, 0, 0, 1, 1)] }));
      const { to, list, file, files, names } = await exported({ items });
      expect(readdirSync(dirname(to)).sort()).toEqual(['yolo']);
      const images = list('train.txt');
      expect(images.length).toBe(ids.length);
      images.forEach((image, i) => {
        expect(image.startsWith('images/')).toBe(true);
        expect(image.lastIndexOf('images/')).toBe(0);
        expect(readlinkSync(join(to, image))).toBe(`/photos/${i}.jpg`);
        // As trainers do it: the last /images/ becomes /labels/, the extension .txt.
        const label = image.replace('images/', 'labels/').replace(/\.[^./]+$/, '') + '.txt';
        expect(names[file(label).split(' ')[0] ?? '']).toBe(`class ${i}`);
      });
      expect(files.length).toBe(2 * ids.length + 3);
    }),
    { numRuns: 40 },
  );
});

test('two images that differ in their extension have a label file each', async () => {
  const { file, list } = await exported({ items: [{ id: 'a.jpg', uri: '/p/a.jpg', label: [box('x', 0, 0, 1, 1)] }, { id: 'a.png', uri: '/p/a.PNG', label: [] }, { id: 'images/a.jpg', uri: '/p/no-extension', label: [] }] });
  expect(list('train.txt')).toEqual(['images/a.jpg', 'images/item-1.PNG', 'images/item-2']);
  expect([file('labels/a.txt'), file('labels/item-1.txt'), file('labels/item-2.txt')]).toEqual(['0 0.5 0.5 1 1\n', '', '']);
});

test('a former export and an empty folder are replaced whole, anything else is left alone', async () => {
  const base = temporaryFolder();
  const to = join(base, 'to');
  mkdirSync(to);
  expect(await outcome(readerOf({ items: [{ id: 'old.jpg', label: [] }] }), 'yolo', to)).toBe(1);
  writeFileSync(join(to, 'labels.cache'), 'of a trainer');
  const next = readerOf({ items: [{ id: 'new.jpg', label: [] }] });
  expect(await outcome(next, 'yolo', to)).toBe(1);
  expect(filesIn(to)).toEqual(['README.md', 'data.yaml', 'images/new.jpg', 'labels/new.txt', 'train.txt']);
  rmSync(join(to, 'README.md'));
  expect(await outcome(next, 'yolo', to)).toBe(1);
  writeFileSync(join(to, 'README.md'), '# My own\n');
  expect(await outcome(next, 'yolo', to)).toBe('SLUICE_E_USAGE');
  rmSync(join(to, 'README.md'));

  writeFileSync(join(to, 'notes.md'), 'mine');
  const before = filesIn(to);
  expect(await outcome(next, 'yolo', to)).toBe('SLUICE_E_USAGE');
  const own = join(base, 'own');
  mkdirSync(join(own, 'labels'), { recursive: true });
  writeFileSync(join(own, 'labels', 'a.txt'), 'by hand');
  writeFileSync(join(own, 'data.yaml'), 'train: here\n');
  expect(await outcome(next, 'yolo', own)).toBe('SLUICE_E_USAGE');
  expect([filesIn(to), filesIn(own)]).toEqual([before, ['data.yaml', 'labels/a.txt']]);
  writeFileSync(join(base, 'file'), 'x');
  expect(await outcome(next, 'yolo', join(base, 'file'))).toBe('SLUICE_E_USAGE');
  expect(readdirSync(base).sort()).toEqual(['file', 'own', 'to']);
});

test('a link to a folder stays a link', async () => {
  const base = temporaryFolder();
  mkdirSync(join(base, 'real'));
  symlinkSync('real', join(base, 'link'));
  expect(await outcome(readerOf({ items: [{ label: [] }] }), 'yolo', join(base, 'link'))).toBe(1);
  expect(lstatSync(join(base, 'link')).isSymbolicLink()).toBe(true);
  expect(filesIn(join(base, 'real'))).toContain('data.yaml');
});
