/** `sluice forget` over real output folders, with the real command line: the raw files of the folder tell nothing of what went. */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test, beforeAll } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import { openStore } from '../../infra/store/sqlite.ts';
import type { StoredDecision } from '../../infra/store/types.ts';
import { externalOf } from '../../operators/state/external.ts';
import { unpackForgotten } from '../../operators/state/forget.ts';
import { reading } from '../../pipelines/commands/read.ts';
import { correctLabels } from '../../pipelines/correct.ts';
import { forget } from '../../pipelines/forget.ts';
import { contentsOf, curated, jsonLines, sluice } from '../support/cli.ts';
import { type Made, makePictures, newFolder, newPlace, writeCsv, writeLabels } from '../support/folders.ts';
import { filesOf, filesWith } from '../support/traces.ts';
import { makeClip } from '../support/video.ts';

const COUNT = 48;
const name = (i: number): string => `${String(i).padStart(4, '0')}.jpg`;
/** One that was corrected and is others' nearest, its near-duplicate, and a bad file. */
const [CORRECTED, OTHER, BAD] = [6, 7, 11];
const GOING = [CORRECTED, OTHER, BAD].map(name);

const decisionsOf = (dir: string): readonly StoredDecision[] => reading(dir, (reader) => [...reader.decisions()]);
const embeddingOf = (dir: string, id: string): Float32Array => reading(dir, (reader) => reader.embedding(reader.decision(id)?.seq ?? -1));
function copied(dir: string): string {
  const copy = newFolder();
  for (const file of filesOf(dir)) {
    const to = join(copy, relative(dir, file));
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(file, to);
  }
  return copy;
}

describe('of a folder of pictures', { timeout: 240_000 }, () => {
  let made: Made;
  let whole: string;
  const settings = { reveal: { when: 'all' }, budget: 0.6 } as const;

  beforeAll(async () => {
    made = await makePictures(COUNT, { badEvery: 12 });
    whole = newPlace();
    await curated(made.folder, whole, { ...settings, labels: writeLabels(made.names) });
    expect((await sluice('version', whole, 'first')).code).toBe(0);
    await correctLabels({ dir: whole, labels: writeCsv([['path', 'label'], [name(CORRECTED), 'corrected']]) });
    expect((await sluice('report', whole)).code).toBe(0);
  });

  test('nothing that names or shows them is left in any file, and every other item is as it was', async () => {
    const out = copied(whole);
    const [before, vectors] = [decisionsOf(out), GOING.slice(0, 2).map((id) => embeddingOf(out, id))];
    expect(before.some(({ nearest }) => nearest?.id === name(CORRECTED))).toBe(true);
    expect(filesWith(out, name(CORRECTED), vectors[0] as Float32Array).length).toBe(2);
    const dry = jsonLines((await sluice('forget', out, ...GOING, '--dry-run', '--json')).stdout);
    expect([dry[0]?.['forgotten'], decisionsOf(out)]).toEqual([2, before]);
    const { code, stdout, stderr } = await sluice('forget', out, ...GOING, 'nowhere.jpg', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(jsonLines(stdout)).toEqual([{ forgotten: 2, dead: 1, already: 0, unknown: 1, media: 0, elsewhere: 2 }]);
    for (const [i, id] of GOING.entries()) expect(filesWith(out, id, vectors[i] ?? new Float32Array()), id).toEqual([]);
    expect(existsSync(join(out, 'report.html'))).toBe(true);

    const expected = before.filter(({ id }) => !GOING.includes(id)).map((each) => (GOING.includes(each.nearest?.id ?? '') ? { ...each, nearest: null } : each));
    expect(decisionsOf(out)).toEqual(expected);
    // The thumbnails that shared a strip with theirs show the same pictures.
    const shown = async (dir: string): Promise<readonly number[]> => {
      const reader = openReader(dir);
      const seqs: number[] = [];
      for await (const { seq } of reader.thumbnails(before.map((each) => each.seq))) seqs.push(seq);
      reader.close();
      return seqs.sort((a, b) => a - b);
    };
    expect(await shown(out)).toEqual(expected.map(({ seq }) => seq));

    const again = jsonLines((await sluice('forget', out, ...GOING, '--json')).stdout);
    expect(again).toEqual([{ forgotten: 0, dead: 0, already: 3, unknown: 0, media: 0, elsewhere: 0 }]);
  });

  test('it is an event with its place in the sequence and no id; explain, export and replay know of it', async () => {
    const out = copied(whole);
    await forget(out, { ids: GOING }, false);
    const store = openStore(out);
    const events = [...store.state('external')].flatMap((change) => externalOf(change) ?? []);
    store.close();
    expect(events.map(({ kind, after }) => [kind, after])).toEqual([['forget', COUNT - 1]]);
    expect(events.map(({ payload }) => unpackForgotten(payload))).toEqual([[CORRECTED, OTHER]]);
    const explained = (await sluice('explain', out, name(CORRECTED))).stdout;
    expect(explained).toBe(`${name(CORRECTED)} was item ${CORRECTED} (admitted); it was forgotten after item ${COUNT - 1}\n`);
    expect((await sluice('explain', out, name(BAD))).stdout).toContain('(a bad file)');
    const exported = await sluice('export', out, '--format', 'jsonl', '--verdict', 'all', '--to', '-');
    expect(jsonLines(exported.stdout).length).toBe(decisionsOf(out).length);
    const replayed = await sluice('replay', out);
    expect(replayed.code).toBe(0);
    expect(replayed.stdout + replayed.stderr).toContain('2 items that are gone (forgotten or pruned) stay out of both');
  });

  test('the same source decides none of them anew; the run goes on the same for any batch', async () => {
    const out = copied(whole);
    await forget(out, { ids: GOING }, false);
    const labels = writeLabels(made.names);
    expect(await curated(made.folder, out, { ...settings, labels })).toMatchObject({ embedded: 0, decided: COUNT - made.bad.length });
    const more = await makePictures(COUNT, { first: COUNT });
    const moreLabels = writeLabels(more.names);
    const runs = await Promise.all([7, 64].map(async (batch) => {
      const copy = copied(out);
      await curated(more.folder, copy, { ...settings, labels: moreLabels, batch });
      return contentsOf(copy);
    }));
    expect(runs[1]).toEqual(runs[0]);
    expect((runs[0]?.['decisions'] as readonly StoredDecision[] | undefined)?.every(({ nearest }) => !GOING.includes(nearest?.id ?? ''))).toBe(true);
  });

  test('is refused while another process has the folder, and says so where one goes on reading', async () => {
    const out = copied(whole);
    const store = openStore(out);
    const busy = await sluice('forget', out, name(0));
    store.close();
    expect([busy.code, busy.stderr.includes('SLUICE_E_BUSY')]).toEqual([1, true]);
    const reader = openReader(out);
    const id = name(CORRECTED);
    const x = reader.embedding(CORRECTED);
    const held = await sluice('forget', out, id);
    expect([held.code, held.stderr.includes('run the same command again')]).toEqual([1, true]);
    reader.close();
    expect((await sluice('forget', out, id)).code).toBe(0);
    expect(filesWith(out, id, x)).toEqual([]);
    const nowhere = newPlace();
    const missing = await sluice('forget', nowhere, id);
    expect([missing.code, missing.stderr.includes('SLUICE_E_NOT_FOUND'), existsSync(nowhere)]).toEqual([1, true, false]);
    for (const words of [[], [id, '--stream', 's'], ['--stream', 's'], ['--stream', 's', '--before', 'soon']]) expect((await sluice('forget', out, ...words)).code, words.join(' ')).toBe(2);
  });

  test('all of a folder may go', async () => {
    const out = copied(whole);
    expect(await forget(out, { ids: made.names }, false)).toMatchObject({ forgotten: COUNT - made.bad.length, dead: made.bad.length });
    expect(decisionsOf(out)).toEqual([]);
    expect((await sluice('report', out)).code).toBe(0);
    expect(await curated(made.folder, out, { ...settings, labels: writeLabels(made.names) })).toMatchObject({ embedded: 0 });
  });
});

test('of cameras: the pictures of a stream before a time go, those that others show stay', { timeout: 240_000 }, async () => {
  const [clip, out] = [await makeClip(20, { args: ['-metadata', 'creation_time=2026-01-31T12:00:00Z'] }), newPlace()];
  await curated(clip, out, { budget: 1 });
  const decisions = decisionsOf(out);
  const admitted = decisions.filter(({ verdict }) => verdict === 'admit');
  expect(admitted.length).toBeGreaterThan(3);
  expect(admitted.every(({ uri }) => existsSync(uri))).toBe(true);
  const { time, stream } = admitted[2] as StoredDecision;
  const { stdout } = await sluice('forget', out, '--stream', stream, '--before', new Date(time ?? NaN).toISOString(), '--json');
  expect(jsonLines(stdout)[0]).toMatchObject({ forgotten: decisions.filter((each) => (each.time ?? 0) < (time ?? 0)).length, media: 2, elsewhere: 0 });
  expect(admitted.map(({ uri }) => existsSync(uri))).toEqual(admitted.map((_, i) => i >= 2));
  const [going] = admitted.slice(3);
  const id = going?.id ?? '';
  const x = embeddingOf(out, id);
  expect(await forget(out, { ids: [id] }, false)).toMatchObject({ forgotten: 1, media: 1 });
  expect([existsSync(going?.uri ?? ''), filesWith(out, id, x)]).toEqual([false, []]);
  expect(readFileSync(admitted.at(-1)?.uri ?? '').length).toBeGreaterThan(0);
});

test('a picture that two items show goes with the last of them', { timeout: 120_000 }, async () => {
  // Two streams of one clip under other names: the same frames, hence the same digests.
  const [clip, out] = [await makeClip(6), newPlace()];
  const other = join(newFolder(), 'other.mp4');
  copyFileSync(clip, other);
  await curated(clip, out, { budget: 1 });
  const [first] = decisionsOf(out).filter(({ verdict }) => verdict === 'admit');
  await curated(other, out, { budget: 1 });
  const twin = decisionsOf(out).find(({ digest, seq }) => digest === first?.digest && seq !== first?.seq);
  expect([first === undefined, twin === undefined, twin?.verdict]).toEqual([false, false, 'reject']);
  await forget(out, { ids: [first?.id ?? ''] }, false);
  expect(existsSync(first?.uri ?? '')).toBe(false);
});
