import { symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSource } from '../../../../infra/sources/open.ts';
import { drain, faultOf, folder } from './fixtures.ts';

async function kindOf(location: string): Promise<string> {
  return (await openSource(location)).identity.split(':')[0] ?? '';
}

describe('what a location is', () => {
  test('by looking', async () => {
    const here = folder({
      'list.CSV': 'path\n', 'set.json': '{"images":[]}', 'plain/a.jpg': '', 'x.csv/a.jpg': '', 'yaml/data.yaml': '', 'pair/images/a': '', 'pair/labels/a': '',
      'half/images/a.jpg': '', 'dir/data.yaml/a.jpg': '', 'files/images': '', 'files/labels': '',
    });
    const kinds = await Promise.all(['list.CSV', 'set.json', 'plain', 'x.csv', 'yaml', 'pair', 'half', 'dir', 'files'].map((name) => kindOf(join(here, name))));
    expect(kinds).toStrictEqual(['csv', 'coco', 'folder', 'folder', 'yolo', 'yolo', 'folder', 'folder', 'folder']);
  });

  test('links and relative paths are the real thing', async () => {
    const here = folder({ 'set/a.jpg': '' });
    symlinkSync('set', join(here, 'alias'));
    expect((await openSource(relative(process.cwd(), join(here, 'alias')) || '.')).identity).toBe(`folder:${here}/set`);
  });
});

describe('what is no source', () => {
  test.each(['', 'none', 'none.mp4', 'file.csv/x', 'a\0b', 'x'.repeat(5000), 'photo.jpg', 'list.tsv', 'loop'])('%j', async (name) => {
    const here = folder({ 'photo.jpg': '', 'list.tsv': '', 'file.csv': '' });
    symlinkSync('loop', join(here, 'loop'));
    const fault = await faultOf(openSource(name === '' ? '' : join(here, name)));
    expect(fault.code).toBe('SLUICE_E_SOURCE_UNKNOWN');
    expect(fault.message.length).toBeLessThan(400);
  });

  test('a device', async () => {
    expect((await faultOf(openSource('/dev/zero'))).code).toBe('SLUICE_E_SOURCE_UNKNOWN');
  });
});

test.each(['clip.mp4', 'clip.AVI', 'clip.mkv', 'clip.mov'])('%s is a video by its name; its bytes are looked at as it is read', async (name) => {
  const here = folder({ [name]: 'no video' });
  const source = await openSource(join(here, name), { fps: 0.5, root: '/none' });
  expect(source).toMatchObject({ identity: `video:${here}/${name} fps:0.5`, fit: 'squash', timed: false });
  expect(source.warnings()).toStrictEqual(['--root says nothing for a video: its ids begin with its own name.']);
  expect(await drain(source)).toMatchObject([{ id: name, error: { code: 'SLUICE_E_VIDEO_BROKEN' } }]);
});

test('--fps is for videos', async () => {
  const here = folder({ 'a.jpg': '', 'list.csv': 'path\n' });
  for (const name of ['.', 'list.csv']) expect(await faultOf(openSource(join(here, name), { fps: 1 }))).toMatchObject({ code: 'SLUICE_E_CONFIG_INVALID' });
});

test('--root for a folder says nothing, and that is told', async () => {
  const here = folder({ 'a.jpg': '' });
  const source = await openSource(here, { root: '/none', fit: 'squash' });
  expect(await drain(source)).toHaveLength(1);
  expect(source).toMatchObject({ fit: 'squash', identity: `folder:${here}` });
  expect(source.warnings()).toStrictEqual(['--root says nothing for a folder: ids are relative to the folder itself.']);
});
