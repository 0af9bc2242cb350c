import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WatchedFolder } from '../../../../../infra/sources/cameras/watched-folder.ts';
import { until } from '../../../../support/cli.ts';
import { newFolder } from '../../../../support/folders.ts';

/** The ids it hands out, until as many are there. */
async function taken(feed: WatchedFolder, count: number, meanwhile = (): void => {}): Promise<string[]> {
  const ids: string[] = [];
  await until(`${count} files`, () => {
    meanwhile();
    for (let entry = feed.take(); entry !== null; entry = feed.take()) if ('sample' in entry) ids.push(entry.sample.id);
    return ids.length >= count;
  });
  return ids;
}

test('a file is handed out when it is complete, each once, also below the folder; hidden, empty, settled and other ones are not', async () => {
  const folder = newFolder();
  mkdirSync(join(folder, 'day'));
  for (const name of ['a.jpg', '.b.jpg', 'c.txt', 'day/d.jpg', 'old.jpg']) writeFileSync(join(folder, name), 'bytes');
  writeFileSync(join(folder, 'empty.jpg'), '');
  const feed = new WatchedFolder('line', folder, (id) => id === 'line/old.jpg');
  feed.start(() => {});
  try {
    const grow = (): void => appendFileSync(join(folder, 'grows.jpg'), 'more');
    expect((await taken(feed, 2, grow)).sort()).toEqual(['line/a.jpg', 'line/day/d.jpg']);
    // Nobody writes to it any more.
    expect(await taken(feed, 1)).toEqual(['line/grows.jpg']);
  } finally {
    await feed.close();
  }
});

test('a folder that is not there yet is waited for', async () => {
  const folder = join(newFolder(), 'later');
  const feed = new WatchedFolder('line', folder, () => false);
  feed.start(() => {});
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.jpg'), 'bytes');
    expect(await taken(feed, 1)).toEqual(['line/a.jpg']);
  } finally {
    await feed.close();
  }
});
