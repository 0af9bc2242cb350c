import { createHash } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSource } from '../../../../infra/sources/open.ts';
import { python } from '../../../support/python.ts';
import { drain, errorAt, faultsAt, folder, outline, sampleAt } from '../sources/fixtures.ts';
import { temporaryFolder } from '../store/world.ts';
import { cell } from './cell.ts';
import { exported, imported, made } from './world.ts';

const BOXES = [{ class: 'cat', bbox: [10, 20.5, 30, 40] }] as const;
type Members = Readonly<Record<string, string>>;

/** As Python's tarfile writes them, with long names by GNU's or by POSIX's rules. */
function tar(path: string, members: Members, form: 'GNU' | 'PAX' | 'USTAR' = 'GNU'): string {
  python(`
import sys, json, io, tarfile
with tarfile.open(sys.argv[1], 'w', format=tarfile.${form}_FORMAT) as t:
  for name, text in json.loads(sys.argv[2]):
    info = tarfile.TarInfo(name)
    if text is None: info.type = tarfile.DIRTYPE; t.addfile(info); continue
    data = text.encode('latin1'); info.size = len(data); t.addfile(info, io.BytesIO(data))
print('1')`, path, JSON.stringify(Object.entries(members)));
  return path;
}

const deep = `${'long/'.repeat(40)}e`;
const SHARD: Members = { './a.jpg': 'A', './a.cls': '7\n', 'b.x/b.png': 'B', 'b.x/b.json': '{"label":"cat","stream":"cam","time":"2026-01-31T12:00:00Z","more":1}', 'b.x/b.txt': 'a cat', 'c.JPEG': 'C', 'c.json': JSON.stringify({ label: BOXES }), [`${deep}.jpg`]: 'E' };

cell('webdataset', 'in classes', async () => {
  for (const form of ['GNU', 'PAX'] as const) {
    const here = temporaryFolder();
    const source = await openSource(tar(join(here, 'shard-0.tar'), SHARD, form));
    expect(source.identity).toBe(`webdataset:${here}/shard-0.tar`);
    const entries = await drain(source);
    expect(entries.map((entry, i) => [sampleAt(entries, i).id, sampleAt(entries, i).label, 'bytes' in entry ? Buffer.from(entry.bytes ?? '').toString() : null])).toEqual([
      ['shard-0/./a.jpg', '7', 'A'], ['shard-0/b.x/b.png', 'cat', 'B'], ['shard-0/c.JPEG', BOXES, 'C'], [`shard-0/${deep}.jpg`, null, 'E'],
    ]);
    expect(sampleAt(entries, 1)).toMatchObject({ stream: 'cam', time: Date.UTC(2026, 0, 31, 12) });
  }
});

cell('webdataset', 'in boxes', async () => {
  const here = temporaryFolder();
  tar(join(here, 'b.tar'), { 'x.jpg': 'X', 'x.json': JSON.stringify({ label: [...BOXES, { class: '', bbox: [0, 0, 1, 1] }] }) });
  tar(join(here, 'a.tar'), { 'x.jpg': 'X' });
  writeFileSync(join(here, 'README.md'), '');
  // A folder of shards, by their names; ids tell them apart.
  const entries = await drain(await openSource(here));
  expect(outline(entries)).toEqual(['a/x.jpg', 'b/x.jpg']);
  expect(sampleAt(entries, 1).label).toEqual(BOXES);
  expect(faultsAt(entries, 1)).toEqual(['SLUICE_E_ANNOTATION_CATEGORY: b.tar, "x", label[1].class: expected a text, found "".']);
});

cell('webdataset', 'out classes', async () => {
  const { to, warnings } = await exported('webdataset', [{ items: [...made('cat', null), { id: 'gone.jpg', uri: '/nowhere/gone.jpg' }] }]);
  const entries = await drain(await openSource(to));
  expect(entries.map((_, i) => [sampleAt(entries, i).id, sampleAt(entries, i).label])).toEqual([['shard-000000/000000000.jpg', 'cat'], ['shard-000000/000000001.jpg', null]]);
  expect(warnings).toEqual(['left out, since webdataset does not hold it: images that are not where they were, with what is said of them (1).']);
});

cell('webdataset', 'out boxes', async () => {
  const { to } = await exported('webdataset', [{ items: made(BOXES, []) }]);
  expect((await imported(to)).samples.map(({ label }) => label)).toEqual([BOXES, []]);
});

cell('webdataset', 'out images', async () => {
  const items = made(...Array.from({ length: 1002 }, () => 'cat'));
  const digest = (place: string): string => createHash('sha256').update(readFileSync(place)).digest('hex');
  const { to } = await exported('webdataset', [{ items }]);
  const entries = await drain(await openSource(to));
  expect(entries.map((entry) => ('bytes' in entry ? Buffer.from(entry.bytes ?? '').toString() : ''))).toEqual(items.map((_, i) => `image ${i}`));
  expect(outline(entries).slice(999, 1001)).toEqual(['shard-000000/000000999.jpg', 'shard-000001/000001000.jpg']);
  // The same export gives the same bytes, in place of the former one.
  const before = digest(join(to, 'shard-000001.tar'));
  await exported('webdataset', [{ items }], { to });
  expect(digest(join(to, 'shard-000001.tar'))).toBe(before);
  const split = await exported('webdataset', [{ items: items.slice(0, 10).map((item, i) => ({ ...item, cluster: i })) }], { split: 'train=0.5,val=0.5', to });
  expect(outline(await drain(await openSource(split.to))).map((id) => id.split('-')[0])).toEqual(expect.arrayContaining(['train', 'val']));
  // What somebody else has put there is not taken away.
  writeFileSync(join(to, 'mine.tar'), '');
  await expect(exported('webdataset', [{ items }], { to })).rejects.toThrow('mine.tar');
}, 120_000);

cell('webdataset', 'round trip', async () => {
  const here = temporaryFolder();
  tar(join(here, 'shard-000000.tar'), SHARD);
  const source = await openSource(here);
  const entries = await drain(source);
  // As a run keeps them: the bytes of what it admits are files.
  const place = temporaryFolder();
  const items = entries.map((entry, i) => {
    const sample = sampleAt(entries, i);
    const uri = join(place, `${i}${/\.\w+$/.exec(sample.id)?.[0]}`);
    writeFileSync(uri, 'bytes' in entry ? (entry.bytes ?? '') : '');
    return { ...sample, uri };
  });
  const { to, warnings } = await exported('webdataset', [{ source: source.identity, items }]);
  expect(warnings).toEqual([]);
  const list = 'import sys, json, tarfile; print(json.dumps([[m.name.lower(), t.extractfile(m).read().decode()] for t in [tarfile.open(sys.argv[1])] for m in t.getmembers()]))';
  expect(python(list, join(to, 'shard-000000.tar'))).toEqual(python(list, join(here, 'shard-000000.tar')));
});

cell('webdataset', 'other reader', async () => {
  const { to } = await exported('webdataset', [{ items: made('cat', BOXES) }]);
  // As webdataset's tariterators group members: by the name up to the first dot.
  const read = python(`
import sys, json, tarfile, re
samples = {}
for m in tarfile.open(sys.argv[1]):
  key, ext = re.match(r'^((?:.*/|)[^.]+)[.](.*)$', m.name).groups()
  samples.setdefault(key, {})[ext] = tarfile.open(sys.argv[1]).extractfile(m).read().decode()
print(json.dumps([[k, sorted(s), s['jpg'], s.get('cls'), json.loads(s['json'])['label']] for k, s in samples.items()]))`, join(to, 'shard-000000.tar'));
  expect(read).toEqual([['000000000', ['cls', 'jpg', 'json'], 'image 0', 'cat', 'cat'], ['000000001', ['jpg', 'json'], 'image 1', null, BOXES]]);
});

test('what is wrong with a sample costs nothing but itself, and what no sample can hold is told', async () => {
  const here = temporaryFolder();
  const source = await openSource(tar(join(here, 's.tar'), { 'a.cls': '1', 'b.jpg': 'B', 'b.json': '[', 'c.jpg': 'C', 'c.json': '{"label":{}}', '../../d.jpg': 'D', 'e.jpg': 'E', 'e.npy': '\u0093NUMPY', '.hidden': 'x', noext: 'x' }));
  const entries = await drain(source);
  expect(outline(entries)).toEqual(['s/a SLUICE_E_ROW_INVALID', 's/b.jpg SLUICE_E_ROW_INVALID', 's/c.jpg SLUICE_E_ROW_INVALID', 's/../../d.jpg', 's/e.jpg']);
  expect(errorAt(entries, 0).message).toBe('s.tar, "a": there is no image among cls.');
  expect((await exported('webdataset', [{ items: [{ ...sampleAt(entries, 4), uri: join(here, 's.tar') }] }])).warnings).toEqual(['left out, since webdataset does not hold it: members that are no texts (1).']);
  // Out, a name leads nowhere but into its shard.
  const { to } = await exported('coco', [{ items: [{ ...sampleAt(entries, 3), uri: join(here, 's.tar') }] }], { media: 'copy' });
  expect(readFileSync(join(to, 'images/item-0.tar')).length).toBeGreaterThan(0);
});

test('a damaged shard gives what comes before the damage, is one bad entry, and the next ones are read', async () => {
  const here = temporaryFolder();
  truncateSync(tar(join(here, 'a.tar'), { '1.jpg': 'x'.repeat(1000), '2.jpg': 'y'.repeat(5000) }), 3000);
  writeFileSync(join(here, 'b.tar'), 'no tar at all'.repeat(100));
  tar(join(here, 'c.tar'), { '3.jpg': 'z' });
  const entries = await drain(await openSource(here));
  expect(outline(entries)).toEqual(['a/1.jpg', 'a SLUICE_E_ARCHIVE_BROKEN', 'b SLUICE_E_ARCHIVE_BROKEN', 'c/3.jpg']);
  expect(errorAt(entries, 1).message).toContain('a.tar is damaged after "1"');
});

test('a folder with anything beside shards is no folder of shards', async () => {
  const here = folder({ 'a.jpg': '' });
  tar(join(here, 's.tar'), { 'x.jpg': 'X' });
  expect((await openSource(here)).identity).toBe(`folder:${here}`);
  expect((await openSource(here, { format: 'webdataset' })).identity).toBe(`webdataset:${here}`);
});
