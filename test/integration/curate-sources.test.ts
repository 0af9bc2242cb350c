/** One output folder fed from several sources, or from one that changes: what was decided stays, what is new is decided once. */
import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import { deadLines, reading } from '../../pipelines/commands/read.ts';
import { summaryLines } from '../../pipelines/commands/summary.ts';
import { contentsOf, curated } from '../support/cli.ts';
import { makePictures, newFolder, newPlace, picture, writeCsv } from '../support/folders.ts';
import { someAlert } from '../support/alerts.ts';

interface Settled {
  readonly seq: number;
  readonly id: string;
  /** The verdict, or the code of a dead letter. */
  readonly as: string;
}

function settled(out: string): readonly Settled[] {
  const reader = openReader(out);
  const decisions = [...reader.decisions()].map(({ seq, id, verdict }) => ({ seq, id, as: verdict }));
  const dead = [...reader.dead()].map(({ seq, id, code }) => ({ seq, id, as: code }));
  reader.close();
  return [...decisions, ...dead].sort((a, b) => a.seq - b.seq);
}

const REPEATED = 'SLUICE_E_ID_REPEATED';
const ids = (entries: readonly Settled[]): readonly string[] => entries.map(({ id }) => id);

describe('bad files that were mended', { timeout: 120_000 }, () => {
  test('stay dead letters, until a retry gives them a new place; nothing else is decided again', async () => {
    const { folder, names } = await makePictures(6);
    const [missing = '', broken = '', hopeless = ''] = names;
    const whole = readFileSync(join(folder, broken));
    writeFileSync(join(folder, broken), '');
    writeFileSync(join(folder, hopeless), 'no image');
    const list = writeCsv([['path'], ...names.map((name) => [name])]);
    renameSync(join(folder, missing), join(folder, '.aside'));
    const out = newPlace();
    const again = (retry: boolean): ReturnType<typeof curated> => curated(list, out, { root: folder, retry });
    expect(await again(false)).toMatchObject({ decided: 3, dead: 3 });
    const before = settled(out);
    writeFileSync(join(folder, broken), whole);
    renameSync(join(folder, '.aside'), join(folder, missing));
    expect(await again(false)).toMatchObject({ embedded: 0, decided: 3, dead: 3 });
    expect(await again(true)).toMatchObject({ resumed_from: 6, embedded: 2, decided: 5, dead: 4 });
    expect(settled(out).slice(0, 6)).toEqual(before);
    expect(ids(settled(out).slice(6))).toEqual([missing, broken, hopeless]);
    expect(await again(false)).toMatchObject({ resumed_from: 9, embedded: 0 });
    const lines = reading(out, (reader) => deadLines(reader, false));
    expect(lines.map((line) => line.endsWith(', decided since'))).toEqual([true, true, false, false]);
    expect(reading(out, (reader) => summaryLines(reader)).filter((line) => line.includes(missing) || line.includes(broken))).toEqual([]);
  });
});

describe('another source', { timeout: 120_000 }, () => {
  test('the stream goes on; ids of the first source are dead letters; each source again (A, B, A, B) decides nothing', async () => {
    const a = await makePictures(12);
    const b = await makePictures(10, { first: 8 });
    const out = newPlace();
    await curated(a.folder, out);
    const ofA = settled(out);
    expect(await curated(b.folder, out)).toMatchObject({ resumed_from: 12, embedded: 6, decided: 18, dead: 4 });
    const both = settled(out);
    expect(both.slice(0, 12)).toEqual(ofA);
    expect(both.map(({ seq }) => seq)).toEqual(Array.from({ length: 22 }, (_, i) => i));
    expect(ids(both.slice(12))).toEqual(b.names);
    expect(both.filter(({ as }) => as === REPEATED).map(({ id }) => id)).toEqual(a.names.slice(8));
    const { runs: _, ...before } = contentsOf(out);
    for (const { folder } of [a, b, b, a, b]) {
      expect(await curated(folder, out)).toMatchObject({ resumed_from: 22, embedded: 0, decided: 18, dead: 4 });
      const { runs: __, ...now } = contentsOf(out);
      expect(now).toEqual(before);
    }
    // And both may grow: the record of a run does not hide what another one has settled.
    writeFileSync(join(a.folder, '0100.jpg'), await picture(100));
    writeFileSync(join(b.folder, '0100.jpg'), await picture(101));
    expect(await curated(a.folder, out)).toMatchObject({ resumed_from: 22, embedded: 1, dead: 4 });
    expect(await curated(b.folder, out)).toMatchObject({ resumed_from: 23, embedded: 0, dead: 5 });
    expect(settled(out).slice(22).map(({ id, as }) => [id, as === REPEATED])).toEqual([['0100.jpg', false], ['0100.jpg', true]]);
    for (const { folder } of [a, b]) expect(await curated(folder, out)).toMatchObject({ resumed_from: 24, embedded: 0 });
  });

  test('the same pictures at another place are told of, a few common ids are not', async () => {
    const a = await makePictures(6);
    const out = newPlace();
    await curated(a.folder, out);
    const elsewhere = newPlace();
    renameSync(a.folder, elsewhere);
    const moved = await curated(elsewhere, out);
    expect(moved).toMatchObject({ decided: 6, dead: 6 });
    expect(moved.said).toContain('warning: 6 of 6 items have ids that came before; a source that was moved counts as another one');
    expect((await curated(elsewhere, out)).said).not.toContain('came before');
    expect((await curated((await makePictures(3, { first: 5 })).folder, out)).said).not.toContain('came before');
  });

  test('a run of another source in the middle of the first: an id goes to whoever came first', async () => {
    const a = await makePictures(6);
    const b = await makePictures(3, { first: 4 });
    const out = newPlace();
    // The first source holds four of its files when it is first run.
    const [late1, late2] = [a.names[4] ?? '', a.names[5] ?? ''];
    const aside = newFolder();
    for (const name of [late1, late2]) {
      copyFileSync(join(a.folder, name), join(aside, name));
      rmSync(join(a.folder, name));
    }
    await curated(a.folder, out);
    await curated(b.folder, out);
    for (const name of [late1, late2]) copyFileSync(join(aside, name), join(a.folder, name));
    await curated(a.folder, out);
    const found = settled(out);
    expect(ids(found)).toEqual([...a.names.slice(0, 4), ...b.names, late1, late2]);
    expect(found.map(({ as }) => as === REPEATED)).toEqual([false, false, false, false, false, false, false, true, true]);
    for (const { folder } of [b, a]) expect(await curated(folder, out)).toMatchObject({ resumed_from: 9, embedded: 0 });
  });
});

describe('the same source', { timeout: 120_000 }, () => {
  test('with new files, also between old ones: only they are decided, after the others; what is gone stays on record', async () => {
    const { folder, names } = await makePictures(8, { first: 10, badEvery: 13 });
    const out = newPlace();
    await curated(folder, out);
    const before = settled(out);
    expect(before.map(({ as }) => as.startsWith('SLUICE_E_'))).toEqual(names.map((name) => name === '0012.jpg'));
    const added = ['0001.jpg', '0012b.jpg', '0099.jpg'];
    for (const [i, name] of added.entries()) writeFileSync(join(folder, name), await picture(50 + i));
    rmSync(join(folder, '0014.jpg'));
    expect(await curated(folder, out, { batch: 2 })).toMatchObject({ resumed_from: 8, embedded: 3, decided: 10, dead: 1 });
    const after = settled(out);
    expect(after.slice(0, 8)).toEqual(before);
    expect(ids(after.slice(8))).toEqual(added);
    expect(await curated(folder, out)).toMatchObject({ resumed_from: 11, embedded: 0 });
  });

  test('by another path to it is the same source', async () => {
    const { folder } = await makePictures(4);
    const out = newPlace();
    await curated(folder, out);
    expect(await curated(`${dirname(folder)}/../${basename(dirname(folder))}/${basename(folder)}/`, out)).toMatchObject({ resumed_from: 4, embedded: 0 });
  });
});

describe('a CSV manifest', { timeout: 120_000 }, () => {
  test('repeated ids are dead letters once, not again; a further repeat in an added row is one more', async () => {
    const { folder, names } = await makePictures(5);
    const [a = '', b = '', c = ''] = names;
    const rows = [['path'], [a], [b], [a], [c], [`./${a}`], [b]];
    const csv = writeCsv(rows, join(folder, 'list.csv'));
    const out = newPlace();
    expect(await curated(csv, out, { batch: 2 })).toMatchObject({ decided: 3, dead: 3 });
    const found = settled(out);
    expect(ids(found)).toEqual([a, b, a, c, a, b]);
    expect(found.map(({ as }) => as === REPEATED)).toEqual([false, false, true, false, true, true]);
    expect(await curated(csv, out, { batch: 1 })).toMatchObject({ resumed_from: 6, embedded: 0, decided: 3, dead: 3 });
    expect(settled(out)).toEqual(found);
    writeCsv([...rows, [a], [names[3] ?? '']], csv);
    expect(await curated(csv, out)).toMatchObject({ resumed_from: 6, embedded: 1, decided: 4, dead: 4 });
    expect(settled(out).slice(0, 6)).toEqual(found);
    expect(ids(settled(out).slice(6))).toEqual([a, names[3]]);
  });

  test('times far in the future, of one camera of two: one alert, in whatever batches', async () => {
    const { folder, names } = await makePictures(12);
    const isWrong = (i: number): boolean => i >= 6 && i % 2 === 0;
    const at = (i: number): string => new Date(Date.UTC(2026, 0, 1) + (isWrong(i) ? 1e12 : 0) + i * 1000).toISOString();
    const csv = writeCsv([['path', 'stream', 'time'], ...names.map((name, i) => [name, isWrong(i) ? 'south' : 'north', at(i)])], join(folder, 'list.csv'));
    const out = newPlace();
    await curated(csv, out, { batch: 3 });
    const reader = openReader(out);
    expect([...reader.alerts()]).toEqual([someAlert({ id: expect.stringMatching(/^[0-9a-f]{32}$/) as string, kind: 'health.clock', cluster: null, time: Date.parse(at(6)), seq: 6, support: 1, exemplars: [names[6] ?? ''], streams: ['south'], firstSeen: { seq: 6, time: Date.parse(at(6)) } })]);
    expect([...reader.decisions()].map(({ time }) => time)).toEqual(names.map((_, i) => Date.parse(at(i))));
    reader.close();
  });

  test('rows that cannot be understood and files that are not there are dead letters in their place', async () => {
    const { folder, names } = await makePictures(3);
    const time = '2026-01-01T00:00:00Z';
    const csv = writeCsv([['path', 'time'], [names[0] ?? '', time], ['nowhere.jpg', time], [names[1] ?? '', 'yesterday'], ['../outside.jpg', time], ['', time], [names[2] ?? '', '']], join(folder, 'list.csv'));
    const out = newPlace();
    await curated(csv, out);
    expect(settled(out).map(({ id, as }) => [id, as.startsWith('SLUICE_E_') ? as : 'decided'])).toEqual([
      [names[0], 'decided'],
      ['nowhere.jpg', 'SLUICE_E_IMAGE_MISSING'],
      [names[1], 'SLUICE_E_ROW_INVALID'],
      ['../outside.jpg', 'SLUICE_E_PATH_OUTSIDE_ROOT'],
      ['list.csv:6', 'SLUICE_E_ROW_INVALID'],
      [names[2], 'decided'],
    ]);
    expect(await curated(csv, out)).toMatchObject({ resumed_from: 6, embedded: 0 });
  });
});
