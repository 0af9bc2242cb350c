/** A YOLO folder that Sluice wrote is a source as good as the one it came from, wherever it is moved. */
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { exportTo } from '../../infra/sinks/export.ts';
import { openReader } from '../../infra/store/reader.ts';
import { curated } from '../support/cli.ts';
import { makePictures, newFolder, newPlace, picture } from '../support/folders.ts';

async function exported(run: string): Promise<{ readonly to: string; readonly warnings: readonly string[] }> {
  const to = join(newFolder(), 'yolo');
  const reader = openReader(run);
  const warnings: string[] = [];
  await exportTo(reader, { format: 'yolo', to, verdict: 'all' }, (text) => void warnings.push(text));
  reader.close();
  return { to, warnings };
}

/** Labels by the content of the image. */
function labelsOf(run: string): ReadonlyMap<string, unknown> {
  const reader = openReader(run);
  const labels = new Map([...reader.decisions()].map(({ digest, label }) => [digest, label] as const));
  expect([...reader.dead()]).toEqual([]);
  reader.close();
  return labels;
}

async function poseFolder(): Promise<string> {
  const folder = newFolder();
  const lines = ['0 0.5 0.5 0.25 0.5 0.5 0.5 2 0.25 0.25 0\n', '1 0.5 0.5 0.5 0.5 0.5 0.5 2 0.5 0.5 1\n0 0.5 0.5 0.5 0.5 0.1 0.1 2 0.1 0.1 1\n', '', null];
  for (const [i, text] of lines.entries()) {
    for (const kind of ['images', 'labels']) mkdirSync(join(folder, kind, 'deep.er'), { recursive: true });
    writeFileSync(join(folder, `images/deep.er/${i}.jpg`), await picture(i));
    if (text !== null) writeFileSync(join(folder, `labels/deep.er/${i}.txt`), text);
  }
  writeFileSync(join(folder, 'data.yaml'), 'train: images\nkpt_shape: [2, 3]\nnames: [a, b]\n');
  return folder;
}

test.each([
  ['boxes with keypoints, and background', poseFolder],
  ['nothing known of any image', async () => (await makePictures(5)).folder],
])('an export can be curated, moved, copied and exported again: %s', { timeout: 120_000 }, async (_, make) => {
  const first = newPlace();
  await curated(await make(), first);
  const { to, warnings } = await exported(first);
  expect(warnings).toEqual([]);
  const [moved, copied] = [newPlace(), newPlace()];
  cpSync(to, copied, { recursive: true });
  for (const folder of [to, copied]) {
    const again = newPlace();
    await curated(folder, again);
    expect(labelsOf(again)).toEqual(labelsOf(first));
  }
  renameSync(to, moved);
  const again = newPlace();
  await curated(moved, again);
  expect(labelsOf(again)).toEqual(labelsOf(first));
  const second = await exported(again);
  for (const name of ['data.yaml', 'train.txt']) expect(readFileSync(join(second.to, name), 'utf8')).toBe(readFileSync(join(moved, name), 'utf8'));
});

test('a copy of an export without its originals is refused where it would be written over', { timeout: 120_000 }, async () => {
  const { folder } = await makePictures(3);
  const run = newPlace();
  await curated(folder, run);
  const { to } = await exported(run);
  rmSync(folder, { recursive: true });
  const reader = openReader(run);
  await expect(exportTo(reader, { format: 'yolo', to, verdict: 'all' }, () => {})).rejects.toThrow('nowhere else');
  const elsewhere: string[] = [];
  await exportTo(reader, { format: 'yolo', to: join(dirname(to), 'new'), verdict: 'all' }, (text) => void elsewhere.push(text));
  expect(elsewhere).toEqual([expect.stringMatching(/^3 of 3 images are not where they were/)]);
  reader.close();
});
