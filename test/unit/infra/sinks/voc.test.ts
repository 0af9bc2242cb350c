import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportTo, type ExportOptions } from '../../../../infra/sinks/export.ts';
import { openSource } from '../../../../infra/sources/open.ts';
import { drain, outline, sampleAt } from '../sources/fixtures.ts';
import { temporaryFolder } from '../store/world.ts';
import { type Part, readerOf } from './made.ts';

async function exported(parts: readonly Part[], options: Partial<ExportOptions> = {}) {
  const to = options.to ?? join(temporaryFolder(), 'voc');
  const warnings: string[] = [];
  await exportTo(readerOf(...parts), { format: 'voc', to, verdict: 'all', ...options }, (text) => void warnings.push(text));
  return { to, warnings, file: (name: string): string => readFileSync(join(to, name), 'utf8') };
}

function photo(name: string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, name);
  return path;
}

const boxes = [{ class: 'a & "b" <c>', bbox: [10.1, 5.2, 20.2, 20] as const }, { class: 'crowd', bbox: [0.25, 0.5, 0.5, 0.5] as const, relative: true as const, crowd: true as const }];

test('what is exported comes back as it was, and another reader of XML reads the same', async () => {
  const uri = photo('1.jpg');
  const { to, file } = await exported([{ items: [{ id: 'x/1.jpg', uri, label: boxes }, { id: '2.jpg', uri: photo('2.jpg'), label: [] }, { id: '3.jpg', uri: photo('3.jpg'), label: null }] }]);
  const entries = await drain(await openSource(to));
  expect(outline(entries)).toEqual(['JPEGImages/2.jpg', 'JPEGImages/3.jpg', 'JPEGImages/x/1.jpg']);
  expect([0, 1, 2].map((i) => sampleAt(entries, i).label)).toEqual([[], null, [{ class: 'a & "b" <c>', bbox: [10.1, 5.2, expect.closeTo(20.2, 9), 20] }, { class: 'crowd', bbox: [160, 240, 320, 240] }]]);
  expect(existsSync(join(to, 'Annotations/3.xml'))).toBe(false);
  // As trainers read it.
  const script = `
import sys, json, xml.etree.ElementTree as E
r = E.parse(sys.argv[1]).getroot()
print(json.dumps([r.findtext('filename'), r.findtext('size/width')] + [[o.findtext('name'), o.findtext('difficult')] + [float(o.findtext('bndbox/' + k)) for k in ('xmin', 'ymin', 'xmax', 'ymax')] for o in r.iter('object')]))`;
  const read: unknown = JSON.parse(execFileSync('python3', ['-c', script, join(to, 'Annotations/x/1.xml')], { encoding: 'utf8' }));
  expect(read).toEqual(['1.jpg', '640', ['a & "b" <c>', '0', 10.1, 5.2, 30.3, 25.2], ['crowd', '1', 160, 240, 480, 480]]);
  // Exported again from there it is the same text.
  const again = await exported([{ source: `voc:${to}`, items: entries.map((_, i) => sampleAt(entries, i)) }]);
  expect(again.file('Annotations/x/1.xml')).toBe(file('Annotations/x/1.xml'));
  expect(again.warnings).toEqual([]);
});

test('what VOC does not hold is told', async () => {
  const annotation = { id: 1, bbox: [1, 1, 2, 2], segmentation: [[1, 1, 2, 1, 2, 2], [3, 3, 4, 3, 4, 4]], iscrowd: 0, keypoints: [1, 1, 2], colour: 'red' };
  const crowd = { id: 2, bbox: [1, 1, 2, 2], segmentation: { size: [1, 1], counts: [1] }, iscrowd: 1 };
  const { warnings, file } = await exported([{
    items: [
      { label: [{ class: 'a', bbox: [1, 1, 2, 2] }], uri: photo('a.jpg'), origin: JSON.stringify({ image: { id: 1 }, annotations: [annotation, crowd] }) },
      { label: 'whole', uri: photo('b.jpg') },
      { label: [], uri: photo('c.jpg'), origin: JSON.stringify({ names: { 0: 'a' }, text: '0 0.5 0.5 1 1\n0 0.1 0.1 0.2 0.1 0.2 0.2\n' }) },
    ],
  }]);
  const told = 'left out, since voc does not hold it: polygons (2), keypoints (1), attributes (1), masks (1), crowd flags (1), classes of whole images (1), polygons or keypoints (1).';
  expect(warnings).toEqual([told]);
  expect(file('README.md')).toContain(`## Not in it\n\n${told}`);
});

describe('images', () => {
  const items = (uri: string): Part => ({ items: [{ id: 'a.jpg', uri, label: [] }] });

  test('are hard links, copies, symbolic links or left where they are', async () => {
    const uri = photo('a.jpg');
    const kinds = await Promise.all((['hardlink', 'copy', 'symlink', 'none'] as const).map(async (media) => {
      const { to, warnings } = await exported([items(uri)], { media });
      const path = join(to, 'JPEGImages/a.jpg');
      expect(warnings).toEqual([]);
      if (!existsSync(path)) return 'none';
      if (lstatSync(path).isSymbolicLink()) return 'symlink';
      return statSync(path).ino === statSync(uri).ino ? 'hardlink' : 'copy';
    }));
    expect(kinds).toEqual(['hardlink', 'copy', 'symlink', 'none']);
  });

  test('copies are replaced as long as they are copies', async () => {
    const uri = photo('a.jpg');
    const { to } = await exported([items(uri)], { media: 'copy' });
    await exported([items(uri)], { media: 'copy', to });
    rmSync(uri);
    await expect(exported([items(uri)], { media: 'copy', to })).rejects.toThrow('nowhere else');
  });

  test('a foreign folder is left as it is', async () => {
    const to = temporaryFolder();
    mkdirSync(join(to, 'Annotations'));
    await expect(exported([items(photo('a.jpg'))], { to })).rejects.toMatchObject({ code: 'SLUICE_E_USAGE' });
  });
});

describe('splits', () => {
  const items = (n: number, split: 'validation' | null = null): Part => ({ items: Array.from({ length: n }, (_, i) => ({ id: `${i}.jpg`, uri: '/none', label: [], cluster: i % 50, split })) });
  const listed = (file: (name: string) => string, set: string): string[] => file(`ImageSets/Main/${set}.txt`).split('\n').slice(0, -1);

  test('the split of the run is listed', async () => {
    const { file, to } = await exported([items(2, 'validation')], { media: 'none' });
    expect(listed(file, 'val')).toEqual(['0', '1']);
    expect(existsSync(join(to, 'ImageSets/Main/train.txt'))).toBe(false);
  });

  test('shares go by whole clusters, and stay when the data set grows', async () => {
    const [small, large] = await Promise.all([100, 200].map((n) => exported([items(n)], { media: 'none', split: 'train=0.6,val=.2,test=0.2' })));
    if (small === undefined || large === undefined) throw new Error('nothing exported');
    const sets = (['train', 'val', 'test'] as const).map((set) => listed(small.file, set));
    expect(sets.flat()).toHaveLength(100);
    expect(sets.map((set) => new Set(set.map((name) => Number(name) % 50)).size * 2)).toEqual(sets.map((set) => set.length));
    expect(sets[0]?.length).toBeGreaterThan(40);
    for (const [i, set] of (['train', 'val', 'test'] as const).entries()) expect(listed(large.file, set)).toEqual(expect.arrayContaining(sets[i] ?? []));
  });

  test.each(['train=0.8', 'train=0.8,val=0.3', 'train=0.5,train=0.5', 'dev=1', 'train=1,val=0', ''])('%j is refused', async (split) => {
    await expect(exported([items(1)], { split })).rejects.toMatchObject({ code: 'SLUICE_E_USAGE' });
  });

  test('a split that the run made does not change, and a text has none', async () => {
    await expect(exported([items(1, 'validation')], { split: 'train=0.5,val=0.5' })).rejects.toThrow('--validation-share');
    await expect(exported([items(1)], { format: 'jsonl', split: 'train=1' })).rejects.toMatchObject({ code: 'SLUICE_E_USAGE' });
  });
});

test('the card counts what is in the folder, says how it was chosen, and not where the source lay', async () => {
  const { file } = await exported([{ source: 'folder:/home/jane/photos', items: [{ label: [{ class: 'a|b', bbox: [0, 0, 1, 1] }, { class: 'a|b', bbox: [0, 0, 1, 1] }], uri: '/none' }, { label: null, uri: '/none', split: 'train' }] }], { media: 'none' });
  const card = file('README.md');
  expect(card).toContain('2 images (every verdict) of 2 that were decided');
  for (const line of ['| a\\|b | 1 | 2 |', '| none | 1 |', '| train | 1 |', '| source | folder: photos |']) expect(card).toContain(`${line}\n`);
  expect(card).not.toContain('jane');
});
