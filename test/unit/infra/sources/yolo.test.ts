import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSource } from '../../../../infra/sources/open.ts';
import { openRoot } from '../../../../infra/sources/inside.ts';
import { labelPath, openYolo } from '../../../../infra/sources/yolo.ts';
import { NO_CONFIG } from '../../../../infra/sources/yolo-config.ts';
import { narrow } from '../../../../infra/sources/yolo-items.ts';
import { drain, errorAt, faultOf, faultsAt, folder, idsOf, outline, sampleAt } from './fixtures.ts';

const NAMES = 'names: [cat, dog]\n';

describe('a folder in the usual layout', () => {
  test('boxes relative to the image, background without a file, raw text kept', async () => {
    const here = folder({
      'data.yaml': `path: ../datasets/pets\ntrain: images/train\nval: images/val\nnames:\n  0: cat\n  1: dog\n`,
      'images/train/b.jpg': '', 'images/train/a.png': '', 'images/val/c.jpg': '', 'images/val/d.jpg': '', 'images/other/x.jpg': '', 'readme.jpg': '',
      'labels/train/a.txt': '1 0.5 0.5 0.25 0.5\r\n\r\n0 0.25 0.75 0.5 0.5\n', 'labels/train/b.txt': '0 0 0 1 0 1 0.5 0 0.5\n', 'labels/val/c.txt': '',
    });
    const source = await openSource(here);
    expect(source).toMatchObject({ identity: `yolo:${here}`, total: 4, fit: 'crop', header: '{"names":{"0":"cat","1":"dog"}}' });
    const entries = await drain(source);
    expect(outline(entries)).toStrictEqual(['images/train/a.png', 'images/train/b.jpg', 'images/val/c.jpg', 'images/val/d.jpg']);
    expect(sampleAt(entries, 0)).toStrictEqual({
      id: 'images/train/a.png', uri: join(here, 'images/train/a.png'), stream: 'default', time: null,
      label: [{ class: 'dog', bbox: [0.375, 0.25, 0.25, 0.5], relative: true }, { class: 'cat', bbox: [0, 0.5, 0.5, 0.5], relative: true }],
      origin: JSON.stringify({ text: '1 0.5 0.5 0.25 0.5\r\n\r\n0 0.25 0.75 0.5 0.5\n', names: { 0: 'cat', 1: 'dog' } }),
    });
    expect(sampleAt(entries, 1).label).toStrictEqual([{ class: 'cat', bbox: [0, 0, 1, 0.5], relative: true }]);
    expect(sampleAt(entries, 2)).toMatchObject({ label: [], origin: '{"text":"","names":{}}' });
    expect(sampleAt(entries, 3)).toMatchObject({ label: [], origin: '{"text":null,"names":{}}' });
    expect(source.warnings()).toStrictEqual([]);
  });

  test('images and labels side by side are enough; classes are then called by their numbers', async () => {
    const here = folder({ 'images/a.jpg': '', 'labels/a.txt': '17 0.5 0.5 1 1\n', 'labels/classes.txt': 'cat', 'other/x.jpg': '' });
    const source = await openSource(here);
    expect(source.header).toBe('{"names":{}}');
    const entries = await drain(source);
    expect(idsOf(entries)).toStrictEqual(['images/a.jpg']);
    expect(sampleAt(entries, 0)).toMatchObject({ label: [{ class: '17', bbox: [0, 0, 1, 1] }], origin: '{"text":"17 0.5 0.5 1 1\\n","names":{}}' });
  });

  test("Roboflow's layout, with its ../ that means beside", async () => {
    const here = folder({
      'data.yaml': `train: ../train/images\nval: ../valid/images\ntest: ../test/images\nnc: 2\n${NAMES}`,
      'train/images/a.jpg': '', 'train/labels/a.txt': '0 0.5 0.5 1 1', 'valid/images/b.jpg': '', 'valid/labels/b.txt': '1 0.5 0.5 1 1',
    });
    const source = await openSource(here);
    const entries = await drain(source);
    expect(entries.map((_, i) => sampleAt(entries, i).label)).toMatchObject([[{ class: 'cat' }], [{ class: 'dog' }]]);
    expect(source.warnings()).toStrictEqual(['data.yaml names "../test/images", which is not there or lies outside the folder; it is left out.']);
  });

  test('no set that can be found: all below folders named images, and a word about it', async () => {
    const away = folder({ 'images/secret.jpg': '' });
    const here = folder({ 'data.yaml': `path: ${away}\ntrain: images\nval: ${away}/images\n${NAMES}`, 'a/images/x.jpg': '', 'imagesque/y.jpg': '', 'myimages/z.jpg': '', 'z.jpg': '' });
    symlinkSync(join(away, 'images'), join(here, 'images'));
    const source = await openSource(here);
    expect(idsOf(await drain(source))).toStrictEqual(['a/images/x.jpg']);
    expect(source.warnings()).toStrictEqual([
      'None of the sets that data.yaml names was found: all files below folders named images are taken.',
      '1 linked folder was not followed: "images".',
    ]);
  });

  test('a set without a folder images has its labels beside the images', async () => {
    const here = folder({ 'data.yaml': `train: [one, two]\n${NAMES}`, 'one/a.jpg': '', 'one/a.txt': '0 .5 .5 1 1', 'two/b.jpg': '', 'three/c.jpg': '' });
    const entries = await drain(await openSource(here));
    expect(idsOf(entries)).toStrictEqual(['one/a.jpg', 'two/b.jpg']);
    expect(sampleAt(entries, 0).label).toMatchObject([{ class: 'cat' }]);
  });

  test('lists of images in .txt files; what they name outside is refused, what is not there is told', async () => {
    const away = folder({ 'secret.jpg': '' });
    const here = folder({ 'lists/near.jpg': '', 'images/a.jpg': '', 'images/b.jpg': '', 'images/not-listed.jpg': '', 'images/.hidden.jpg': '', 'data.yaml': `train: lists/train.txt\n${NAMES}` });
    writeFileSync(join(here, 'lists/train.txt'), ['images/b.jpg', './near.jpg', `${here}/images/a.jpg`, 'images/none.jpg', '../../x.jpg', `${away}/secret.jpg`, 'images/.hidden.jpg', '', 'images/b.jpg'].join('\r\n'));
    expect(outline(await drain(await openSource(here)))).toStrictEqual([
      '../../x.jpg SLUICE_E_PATH_OUTSIDE_ROOT',
      `${away}/secret.jpg SLUICE_E_PATH_OUTSIDE_ROOT`,
      'images/.hidden.jpg',
      'images/a.jpg',
      'images/b.jpg',
      'images/none.jpg SLUICE_E_IMAGE_MISSING',
      'lists/near.jpg',
    ]);
  });
});

describe('a set that data.yaml calls unlabelled, as an export of Sluice does', () => {
  test('is handed out with no label, not as background; a label file counts all the same', async () => {
    const here = folder({
      'data.yaml': `train: train.txt\nunlabelled: unlabelled.txt\n${NAMES}`, 'train.txt': './images/a.jpg\n./images/b.jpg\n', 'unlabelled.txt': './images/b.jpg\n./images/c.jpg\n./images/d.jpg\n',
      'images/a.jpg': '', 'images/b.jpg': '', 'images/c.jpg': '', 'images/d.jpg': '', 'labels/c.txt': '0 0.5 0.5 1 1\n',
    });
    const entries = await drain(await openSource(here));
    expect(entries.map((_, i) => sampleAt(entries, i).label)).toMatchObject([[], [], [{ class: 'cat' }], null]);
  });

  test('may be all there is, or a folder; what names no set is passed over', async () => {
    const files = { 'train.txt': '', 'unlabelled.txt': './images/a.jpg\n', 'images/a.jpg': '', 'bare/images/x.jpg': '' };
    const labels = async (yaml: string): Promise<unknown[]> => {
      const entries = await drain(await openSource(folder({ ...files, 'data.yaml': yaml })));
      return entries.map((_, i) => [sampleAt(entries, i).id, sampleAt(entries, i).label]);
    };
    expect(await labels('train: train.txt\nunlabelled: unlabelled.txt\n')).toStrictEqual([['images/a.jpg', null]]);
    expect(await labels('train: train.txt\nunlabelled: bare/images\n')).toStrictEqual([['bare/images/x.jpg', null]]);
    expect(await labels('train: images\nunlabelled: 120\n')).toStrictEqual([['images/a.jpg', []]]);
  });
});

describe('folders that could not be listed', () => {
  // The walk gives them with a slash at the end.
  const walked = { paths: ['images/', 'images/train/', 'labels/', 'other/', 'x/labels/y/'], links: new Set<string>(), linkedFolders: [], otherKinds: 0, others: [] };

  test('stay dead letters where they may have held images', async () => {
    const root = await openRoot(folder({ 'images/train/a/b.jpg': '' }));
    expect((await narrow(root, walked, { ...NO_CONFIG, sets: ['images/train'] })).walked.paths).toStrictEqual(['images/', 'images/train/']);
    expect((await narrow(root, walked, NO_CONFIG)).walked.paths).toStrictEqual(['images/', 'images/train/', 'other/']);
  });
});

describe('labelPath', () => {
  test.each([
    ['images/a.jpg', 'labels/a.txt'],
    ['train/images/x/a.b.jpg', 'train/labels/x/a.b.txt'],
    ['images/images/a.jpg', 'images/labels/a.txt'],
    ['images/x/images.jpg', 'labels/x/images.txt'],
    ['images/x/images/y/images/a.jpg', 'images/x/images/y/labels/a.txt'],
    ['myimages/a.jpg', 'myimages/a.txt'],
    ['images/a', 'labels/a.txt'],
    ['images/x.y/a', 'labels/x.y/a.txt'],
    ['a\nb/images/c.jpg', 'a\nb/labels/c.txt'],
  ])('of %j is %j', (image, label) => expect(labelPath(image)).toBe(label));
});

describe('label lines that are broken', () => {
  test.each([
    ['x 0.5 0.5 1 1', 'CATEGORY', '"x" is no class number.'],
    ['-1 0.5 0.5 1 1', 'CATEGORY', '"-1" is no class number.'],
    ['0.5 0.5 0.5 1 1', 'CATEGORY', '"0.5" is no class number.'],
    ['2 0.5 0.5 1 1', 'CATEGORY', 'there is no class 2 in data.yaml.'],
    ['0 0.5 0.5 1', 'BOX', '3 numbers after the class; expected 4 (a box), or pairs of at least three points.'],
    ['0 0.5 0.5 1 1 0.9', 'BOX', '5 numbers after the class; expected 4 (a box), or pairs of at least three points.'],
    ['0 0 0 1 0 1 1 1', 'POLYGON', '7 numbers after the class; expected 4 (a box), or pairs of at least three points.'],
    ['0', 'BOX', '0 numbers after the class; expected 4 (a box), or pairs of at least three points.'],
    ['0 0.5 0.5 nan 1', 'BOX', '"nan" is no number.'],
    ['0 0.5 0.5 0x1 1', 'BOX', '"0x1" is no number.'],
    ['0 0.5 0.5 1e999 1', 'OUTSIDE', 'Infinity lies outside the image; coordinates are relative, 0 to 1.'],
    ['0 320 240 100 100', 'OUTSIDE', '320 lies outside the image; coordinates are relative, 0 to 1.'],
    ['0 0.5 0.5 -0.005 1', 'BOX', 'the box has a negative side.'],
    ['0,0.5,0.5,1,1', 'CATEGORY', '"0,0.5,0.5,1,1" is no class number.'],
  ])('are left out and told by their place, the image stays: %j', async (line, code, what) => {
    const text = `0 0.5 0.5 1 1\n\n${line}\n1 0.5 0.5 1 1\n`;
    const here = folder({ 'data.yaml': NAMES, 'images/a.jpg': '', 'images/b.jpg': '', 'labels/a.txt': text });
    const entries = await drain(await openSource(here));
    expect(outline(entries)).toStrictEqual(['images/a.jpg', 'images/b.jpg']);
    const whole = (name: string): unknown => ({ class: name, bbox: [0, 0, 1, 1], relative: true });
    expect(sampleAt(entries, 0).label).toStrictEqual([whole('cat'), whole('dog')]);
    expect(faultsAt(entries, 0)).toStrictEqual([`SLUICE_E_ANNOTATION_${code}: labels/a.txt, line 3: ${what}`]);
    expect(JSON.parse(sampleAt(entries, 0).origin ?? '')).toStrictEqual({ text, names: { 0: 'cat', 1: 'dog' } });
    expect(sampleAt(entries, 1)).not.toHaveProperty('faults');
  });

  test('and no good one: nobody knows what the image shows', async () => {
    const here = folder({ 'data.yaml': NAMES, 'images/a.jpg': '', 'labels/a.txt': '1 9 9 1 1\n' });
    const sample = sampleAt(await drain(await openSource(here)), 0);
    expect(sample.label).toBeNull();
    // The class of a bad line is known all the same: an export may give it another number.
    expect(JSON.parse(sample.origin ?? '')).toStrictEqual({ text: '1 9 9 1 1\n', names: { 1: 'dog' } });
  });

  test('more of them than are looked at', async () => {
    const here = folder({ 'data.yaml': NAMES, 'images/a.jpg': '', 'labels/a.txt': '0 0.5 0.5 1 1\n'.repeat(100_000) });
    const { label, faults = [] } = sampleAt(await drain(await openSource(here)), 0);
    expect(label).toHaveLength(1000);
    expect(faults).toMatchObject([{ code: 'SLUICE_E_ANNOTATION_TOO_MANY', count: 99_000, causes: { 0: 'labels/a.txt, line 1001: 1000 boxes of the image came before it.' } }]);
  });

  test('tabs, spaces, fractions as class, exponents and a little over the edge are taken', async () => {
    const here = folder({ 'data.yaml': NAMES, 'images/a.jpg': '', 'labels/a.txt': '\ufeff  1.000\t5e-1  +.5 1.00 1.005 ' });
    const entries = await drain(await openSource(here));
    expect(sampleAt(entries, 0).label).toStrictEqual([{ class: 'dog', bbox: [0, 0.5 - 1.005 / 2, 1, 1.005], relative: true }]);
  });

  test('keypoints after a box are read over where data.yaml speaks of them', async () => {
    const files = { 'images/a.jpg': '', 'labels/a.txt': '0 0.5 0.5 1 1 0.1 0.1 2 0.2 0.2 0\n' };
    const pose = await drain(await openSource(folder({ ...files, 'data.yaml': `kpt_shape: [2, 3]\n${NAMES}` })));
    expect(sampleAt(pose, 0).label).toStrictEqual([{ class: 'cat', bbox: [0, 0, 1, 1], relative: true }]);
    expect((await openYolo(folder({ ...files, 'data.yaml': `kpt_shape: [2, 3]\n${NAMES}` }))).header).toBe('{"names":{"0":"cat","1":"dog"},"kpt_shape":[2,3]}');
    expect(faultsAt(await drain(await openSource(folder({ ...files, 'data.yaml': NAMES }))), 0)).toStrictEqual([expect.stringMatching(/10 numbers|lies outside/)]);
  });

  test('a polygon of more points than a call takes arguments', async () => {
    const here = folder({ 'data.yaml': NAMES, 'images/a.jpg': '', 'labels/a.txt': `0 ${'0.25 0.5 '.repeat(150_000)}0.75 1` });
    expect(sampleAt(await drain(await openSource(here)), 0).label).toMatchObject([{ bbox: [0.25, 0.5, 0.5, 0.5] }]);
  });
});

describe('label files that are no files', () => {
  test('outside, a folder, not UTF-8, far too large', async () => {
    const away = folder({ 'secret.txt': '0 0.5 0.5 1 1' });
    const here = folder({ 'data.yaml': NAMES, ...Object.fromEntries(['bytes', 'circle', 'dir', 'large', 'link', 'out/x'].map((name) => [`images/${name}.jpg`, ''])), 'labels/bytes.txt': Buffer.from([0xff]), 'labels/large.txt': '' });
    symlinkSync(join(away, 'secret.txt'), join(here, 'labels/link.txt'));
    symlinkSync('circle.txt', join(here, 'labels/circle.txt'));
    symlinkSync(away, join(here, 'labels/out'));
    mkdirSync(join(here, 'labels/dir.txt'));
    truncateSync(join(here, 'labels/large.txt'), 17 * 2 ** 20);
    const entries = await drain(await openSource(here));
    expect(errorAt(entries, 0).message).toBe('labels/bytes.txt is not UTF-8.');
    expect(errorAt(entries, 2).message).toMatch(/^The label file: "labels\/dir.txt" is a folder/);
    expect(errorAt(entries, 3).message).toMatch(/^labels\/large.txt has 17825792 bytes/);
    expect(errorAt(entries, 4).message).toMatch(/^The label file: .* leads out of the root/);
    expect(outline(entries)).toStrictEqual([
      'images/bytes.jpg SLUICE_E_LABEL_INVALID',
      'images/circle.jpg',
      'images/dir.jpg SLUICE_E_LABEL_INVALID',
      'images/large.jpg SLUICE_E_LABEL_INVALID',
      'images/link.jpg SLUICE_E_PATH_OUTSIDE_ROOT',
      'images/out/x.jpg SLUICE_E_PATH_OUTSIDE_ROOT',
    ]);
  });
});

describe('data.yaml', () => {
  async function refusal(yaml: string | Buffer): Promise<string> {
    const error = await faultOf(openSource(folder({ 'data.yaml': yaml, 'images/a.jpg': '' })));
    expect(error.code).toBe('SLUICE_E_SOURCE_SYNTAX');
    return error.message;
  }

  test('that does not parse, by line and column', async () => {
    expect(await refusal('names: [cat\ntrain: x\n')).toMatch(/^data\.yaml, line 2, column 1: /);
    expect(await refusal('names: [a]\nnames: [b]\n')).toMatch(/^data\.yaml, line 2, column 1: .*unique/);
    expect(await refusal(Buffer.from('names: [\xe9]', 'latin1'))).toMatch(/line 1, column 9: the file is not UTF-8/);
  });

  test('all that is odd in it at once', async () => {
    const message = await refusal('names:\n  0: cat\n  x: dog\n  2:\ntrain: 7\nkpt_shape: 17\n');
    expect(message.split('\n')).toStrictEqual([
      'data.yaml has 4 faults:',
      '  line 4, column 5: names: the name of class 2 is null.',
      '  line 3, column 6: names: "x" is no class number.',
      '  line 6, column 12: kpt_shape: expected [keypoints, 2 or 3], found 17.',
      '  line 5, column 8: train: expected a folder or a list of folders, found 7.',
    ]);
    expect(await refusal('names: [cat, ""]')).toMatch(/the name of class 1 is ""/);
    expect(await refusal('names: cat')).toMatch(/line 1, column 8: names: expected a list or a map/);
    expect(await refusal('- a\n- b')).toMatch(/expected keys such as names/);
  });

  test('aliases that multiply are refused', async () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]', ...[...'bcdefghi'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(', ')}]`), 'names: *i'].join('\n');
    expect(await refusal(bomb)).toMatch(/alias/i);
  });

  test('empty, or with names as numbers', async () => {
    expect((await openYolo(folder({ 'data.yaml': '', 'images/a.jpg': '' }))).header).toBe('{"names":{}}');
    expect((await openYolo(folder({ 'data.yaml': 'names: [0, yes, null_]', 'images/a.jpg': '' }))).header).toBe('{"names":{"0":"0","1":"yes","2":"null_"}}');
  });
});
