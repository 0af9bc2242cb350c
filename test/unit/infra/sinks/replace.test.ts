/** What an export may take the place of: nothing, an empty file, a former export of its format. Never what a run was made from. */
import { linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportTo } from '../../../../infra/sinks/export.ts';
import { temporaryFolder } from '../store/world.ts';
import { faultOf, outcome, storedReader, type Part } from './made.ts';

const FORMATS = ['jsonl', 'csv', 'coco'] as const;
/** Where a file format writes when it is sent to `to`. */
const placeOf = (format: string, to: string): string => (format === 'coco' ? join(to, 'annotations/instances.json') : to);

function put(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe.each(FORMATS)('%s', (format) => {
  const items = (id: string, count = 1): Part => ({ items: Array.from({ length: count }, (_, i) => ({ id: `${id}${i}`, label: [] })) });

  test('a former export and an empty file are replaced', async () => {
    const to = join(temporaryFolder(), 'to');
    const place = placeOf(format, to);
    expect(await outcome(storedReader(items('former', 3)), format, to)).toBe(3);
    expect(await outcome(storedReader(items('new')), format, to)).toBe(1);
    expect(readFileSync(place, 'utf8')).toContain('new0');
    expect(readFileSync(place, 'utf8')).not.toContain('former0');
    expect(await outcome(storedReader({ items: [] }), format, to)).toBe(0);
    expect(await outcome(storedReader(items('new')), format, to)).toBe(1);
    writeFileSync(place, '');
    expect(await outcome(storedReader(items('new')), format, to)).toBe(1);
  });

  test.each([
    ['a COCO JSON', '{"images": [], "annotations": [], "categories": []}'],
    ['a COCO JSON that speaks of sluice', '{"info": {"contributor": "sluice"}, "sluice_export": 1, "images": []}'],
    ['a manifest', 'path,label\na.jpg,cat\n'],
    ['half a header', 'id,uri,stream\n'],
    ['a line with some of the keys', '{"id":"a","uri":"b","verdict":"admit"}\n'],
    ['JSON', 'null\n'],
    ['an empty line', '\n'],
    ['a picture', '\xff\xd8\xff\xe0 not a text'],
    ['one long line', 'x'.repeat(3_000_000)],
  ])('what no export made stays: %s', async (_, text) => {
    const to = join(temporaryFolder(), 'to');
    const place = put(placeOf(format, to), text);
    const fault = await faultOf(storedReader(items('a')), format, to);
    expect(fault).toMatchObject({ code: 'SLUICE_E_USAGE', message: `${place} is there already and is no former ${format} export, so it is left as it is; name another place, or take it away first.` });
    expect(readFileSync(place, 'utf8') === text).toBe(true);
  });

  test('an export of another format stays', async () => {
    const dir = temporaryFolder();
    const reader = storedReader(items('a'));
    for (const other of FORMATS) {
      const made = join(dir, other);
      await outcome(reader, other, made);
      const to = join(dir, `${other} to ${format}`);
      const text = readFileSync(placeOf(other, made), 'utf8');
      put(placeOf(format, to), text);
      expect(await outcome(reader, format, to)).toBe(other === format ? 1 : 'SLUICE_E_USAGE');
      if (other !== format) expect(readFileSync(placeOf(format, to), 'utf8')).toBe(text);
    }
  });

  test('what the run was made from stays, even where it is a former export, by whatever path', async () => {
    const dir = temporaryFolder();
    const to = join(dir, 'to');
    const place = placeOf(format, to);
    await outcome(storedReader(items('a')), format, to);
    const text = readFileSync(place, 'utf8');
    const link = join(dir, 'link');
    symlinkSync(to, link);
    const sources: readonly Part[] = [{ ...items('b'), source: `coco:${place}` }, { ...items('b'), source: `csv:${place} root:/photos` }, { ...items('b'), labels: place }, { ...items('b'), labels: placeOf(format, link) }];
    for (const source of sources) {
      const reader = storedReader(source, { items: [], source: 'folder:/later' });
      for (const path of [to, link]) {
        expect(await faultOf(reader, format, path)).toMatchObject({ code: 'SLUICE_E_USAGE', message: `${placeOf(format, path)} is what this run was made from; name another place.` });
      }
      expect(readFileSync(place, 'utf8')).toBe(text);
    }
  });

  test('a place that is a folder, or lies below a file, is told as that', async () => {
    const dir = temporaryFolder();
    const reader = storedReader(items('a'));
    mkdirSync(placeOf(format, join(dir, 'to')), { recursive: true });
    expect(await faultOf(reader, format, join(dir, 'to'))).toMatchObject({ code: 'SLUICE_E_USAGE', message: `${placeOf(format, join(dir, 'to'))} is a folder; ${format} writes a file there.` });
    const file = put(join(dir, 'file'), 'mine');
    const below = placeOf(format, join(file, 'x'));
    expect(await faultOf(reader, format, join(file, 'x'))).toMatchObject({ code: 'SLUICE_E_NOT_WRITABLE', message: `Cannot write to ${below}: ${file} is a file, not a folder.` });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});

test('a picture of the run and the report beside it stay', async () => {
  const dir = temporaryFolder();
  const picture = put(join(dir, '1.jpg'), '\xff\xd8\xff');
  const reader = storedReader({ items: [{ uri: picture }] });
  const report = put(join(reader.dir, 'report.html'), '<!doctype html>');
  for (const to of [picture, report]) {
    const before = readFileSync(to);
    expect(await outcome(reader, 'jsonl', to)).toBe('SLUICE_E_USAGE');
    expect(readFileSync(to).equals(before)).toBe(true);
  }
});

test('a COCO export that another program wrote anew is that program\'s', async () => {
  const to = join(temporaryFolder(), 'to');
  const reader = storedReader({ items: [{ label: [] }] });
  await outcome(reader, 'coco', to);
  const place = placeOf('coco', to);
  const edited = JSON.stringify(JSON.parse(readFileSync(place, 'utf8')));
  writeFileSync(place, edited);
  expect(await outcome(reader, 'coco', to)).toBe('SLUICE_E_USAGE');
  expect(readFileSync(place, 'utf8')).toBe(edited);
});

test('a link to a file is judged by what it leads to', async () => {
  const dir = temporaryFolder();
  const own = put(join(dir, 'own.json'), '{"images": []}');
  mkdirSync(join(dir, 'to/annotations'), { recursive: true });
  symlinkSync(own, join(dir, 'to/annotations/instances.json'));
  expect(await outcome(storedReader({ items: [] }), 'coco', join(dir, 'to'))).toBe('SLUICE_E_USAGE');
  expect(readFileSync(own, 'utf8')).toBe('{"images": []}');
});

test('the run is safe under every name of its files', async () => {
  const reader = storedReader({ items: [{}] });
  const link = join(temporaryFolder(), 'link');
  symlinkSync(reader.dir, link);
  for (const name of ['sluice.db', 'sluice.db-wal', '.lock']) expect(await outcome(reader, 'jsonl', join(link, name))).toBe('SLUICE_E_USAGE');
});

test('coco to a file, yolo to a file or below one, are told as that', async () => {
  const dir = temporaryFolder();
  const reader = storedReader({ items: [{ label: [] }] });
  const file = put(join(dir, 'file'), 'mine');
  for (const format of ['coco', 'yolo']) {
    expect(await faultOf(reader, format, file)).toMatchObject({ code: 'SLUICE_E_USAGE', message: `${file} is a file; ${format} needs a folder.` });
  }
  expect(await faultOf(reader, 'yolo', join(file, 'x'))).toMatchObject({ code: 'SLUICE_E_NOT_WRITABLE', message: `Cannot write to ${file}/x: ${file} is a file, not a folder.` });
  put(join(dir, 'to/annotations'), 'mine');
  expect(await faultOf(reader, 'coco', join(dir, 'to'))).toMatchObject({ message: `Cannot write to ${dir}/to/annotations/instances.json: ${dir}/to/annotations is a file, not a folder.` });
});

describe('a YOLO folder', () => {
  test('that the run was made from, or that holds images or labels of it, stays whole', async () => {
    const dir = temporaryFolder();
    const to = join(dir, 'to');
    await outcome(storedReader({ items: [{ id: 'a.jpg', uri: put(join(dir, 'a.jpg'), 'a'), label: [] }] }), 'yolo', to);
    symlinkSync(to, join(dir, 'link'));
    const runs: readonly [part: Part, why: string][] = [
      [{ source: `yolo:${to}`, items: [{ label: [] }] }, 'is what this run was made from'],
      [{ source: `coco:/a.json root:${to}/images`, items: [{ label: [] }] }, `holds ${to}/images, which this run was made from`],
      [{ labels: join(dir, 'link/x.csv'), items: [{ label: [] }] }, `holds ${to}/x.csv, which this run was made from`],
      [{ source: `folder:${dir}`, items: [{ uri: '/elsewhere.jpg', label: [] }, { uri: join(to, 'images/a.jpg'), label: [], verdict: 'reject' }] }, `holds ${to}/images/a.jpg, an image of this run`],
      [{ source: `csv:${dir}/x.csv`, items: [{ uri: join(dir, 'link/images/a.jpg'), label: [] }] }, `holds ${to}/images/a.jpg, an image of this run`],
    ];
    for (const [part, why] of runs) {
      const reader = storedReader(part);
      await expect(exportTo(reader, { format: 'yolo', to, verdict: 'admit' }, () => {})).rejects.toThrow(`${to} ${why}; name another folder.`);
      expect(await outcome(reader, 'yolo', join(dir, 'link'))).toBe('SLUICE_E_USAGE');
      expect(readFileSync(join(to, 'images/a.jpg'), 'utf8')).toBe('a');
    }
  });

  test('that has come to hold the only copy of an image stays whole', async () => {
    const dir = temporaryFolder();
    const to = join(dir, 'to');
    const [a, b] = [put(join(dir, 'a'), 'a'), put(join(dir, 'b'), 'b')];
    linkSync(b, join(dir, 'b again'));
    const reader = storedReader({ items: [{ id: 'x/a.jpg', uri: a, label: [] }, { id: 'b.jpg', uri: b, label: [] }, { id: 'b2.jpg', uri: join(dir, 'b again'), label: [] }] });
    await outcome(reader, 'yolo', to);
    expect(await outcome(reader, 'yolo', to)).toBe(3);
    rmSync(b);
    expect(await outcome(reader, 'yolo', to)).toBe(3);
    symlinkSync(join(dir, 'b again'), b);
    rmSync(a);
    const message = `${to} holds images that are nowhere else any more: x/a.jpg; name another folder, or move them away first.`;
    expect(await faultOf(reader, 'yolo', to)).toMatchObject({ code: 'SLUICE_E_USAGE', message });
    expect(readFileSync(join(to, 'images/x/a.jpg'), 'utf8')).toBe('a');
  });
});
