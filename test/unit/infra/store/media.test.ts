import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { MediaFolder } from '../../../../infra/store/media.ts';
import { newFolder } from '../../../support/folders.ts';

function pictureOf(text: string): { readonly bytes: Uint8Array; readonly digest: string } {
  const bytes = Buffer.from(text);
  return { bytes, digest: createHash('sha256').update(bytes).digest('hex') };
}

test('a picture lies under its content, once, and is not written again', async () => {
  const dir = newFolder();
  const media = new MediaFolder(dir);
  const pictures = ['a', 'b', 'a'].map(pictureOf);
  const [a = '', b = '', again] = await media.keep(pictures);
  expect(again).toBe(a);
  expect(a).toBe(join(dir, 'media', pictures[0]?.digest.slice(0, 2) ?? '', `${pictures[0]?.digest}.jpg`));
  expect([a, b].map((path) => readFileSync(path, 'utf8'))).toEqual(['a', 'b']);
  const { ino } = statSync(a);
  // What a process that was killed has left behind is no picture, and in nobody's way.
  writeFileSync(`${b.slice(0, -4)}.other.jpg.tmp`, 'half');
  const c = pictureOf('c');
  const place = join(dir, 'media', c.digest.slice(0, 2), `${c.digest}.jpg`);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(`${place}.tmp`, 'half a pict');
  expect(await new MediaFolder(dir).keep([pictureOf('a'), c])).toEqual([a, place]);
  expect([statSync(a).ino, readFileSync(place, 'utf8'), readdirSync(dirname(place)).filter((name) => name === `${c.digest}.jpg.tmp`)]).toEqual([ino, 'c', []]);
  expect(await media.keep([])).toEqual([]);
});

test('where there is no folder to be had, all are refused and none is half there', async () => {
  const dir = newFolder();
  writeFileSync(join(dir, 'media'), 'a file');
  await expect(new MediaFolder(dir).keep([pictureOf('a')])).rejects.toMatchObject({ code: 'SLUICE_E_NOT_WRITABLE' });
});
