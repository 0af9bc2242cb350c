/** A data set that grows week after week, by the command line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../infra/store/sqlite.ts';
import { curated, jsonLines, sluice } from '../support/cli.ts';
import { makePictures, newFolder, newPlace, writeLabels } from '../support/folders.ts';

test('a labelling project is topped up: versions, what is new since one, and what two differ in', { timeout: 240_000 }, async () => {
  const out = newPlace();
  const to = join(newFolder(), 'week');
  const week = async (count: number): Promise<void> => {
    const made = await makePictures(count);
    await curated(made.folder, out, { labels: writeLabels(made.names), budget: 0.5 });
  };
  expect(await sluice('version', out, 'one')).toMatchObject({ code: 1, stdout: '' });
  await week(40);
  // Also while a run holds the folder.
  const running = openStore(out);
  const one = await sluice('version', out, 'one', '--json');
  running.close();
  expect(jsonLines(one.stdout)).toMatchObject([{ name: 'one', number: 1, after: 39, decided: 40 }]);
  expect(await sluice('export', out, '--format', 'coco', '--to', to, '--since', 'one')).toMatchObject({ code: 0, stderr: '0 items written\n' });
  await week(90);
  const diff = await sluice('diff', out, 'one', '--json');
  const { added, removed, coverage } = JSON.parse(diff.stdout) as { added: string[]; removed: string[]; coverage: { aOfB: { share: number } } };
  expect(added.length).toBeGreaterThan(3);
  expect(removed).toEqual([]);
  expect(coverage.aOfB.share).toBeGreaterThan(0);
  expect(await sluice('export', out, '--format', 'coco', '--to', to, '--since', 'one')).toMatchObject({ code: 0, stderr: `${added.length} items written\n` });
  const { images } = JSON.parse(readFileSync(join(to, 'annotations/instances.json'), 'utf8')) as { images: { file_name: string }[] };
  expect(images.map((image) => image.file_name)).toEqual(added);
  const then = await sluice('export', out, '--format', 'jsonl', '--to', '-', '--version', 'one');
  expect(jsonLines(then.stdout)).toHaveLength(Number(jsonLines(one.stdout)[0]?.['admitted']));
  expect((await sluice('version', out)).stdout).toMatch(/^one {2}20\d\d-.*Z {2}\d+ admitted, \d+ with labels, up to item 39, [0-9a-f]{12}\n$/);
  expect((await sluice('diff', out, 'one')).stdout).toContain(`\n+ ${added[0]}\n`);
  expect(await sluice('diff', out)).toMatchObject({ code: 2 });
  expect(await sluice('diff', out, 'one', '--near', 'x')).toMatchObject({ code: 2 });
});
