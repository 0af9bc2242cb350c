/** `sluice prune` over real output folders with the real command line, and the retention of a run step by step. */
import { copyFileSync, existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { MediaFolder } from '../../infra/store/media.ts';
import { openStore } from '../../infra/store/sqlite.ts';
import type { StoredDecision } from '../../infra/store/types.ts';
import { forget } from '../../pipelines/forget.ts';
import { prune } from '../../pipelines/prune.ts';
import { Retention } from '../../pipelines/retention.ts';
import { reading } from '../../pipelines/commands/read.ts';
import { contentsOf, curated, jsonLines, sluice, start, until } from '../support/cli.ts';
import { kindOf, type Made, makePictures, newFolder, newPlace, writeCsv } from '../support/folders.ts';
import { filesOf } from '../support/traces.ts';
import { makeClip } from '../support/video.ts';

const COUNT = 96;
const HOUR = 3_600_000;
const START = Date.parse('2026-01-31T00:00:00Z');
/** Of the stream: one picture an hour. */
const timeOf = (i: number): number => START + i * HOUR;
const decisionsOf = (dir: string): readonly StoredDecision[] => reading(dir, (reader) => [...reader.decisions()]);
function copied(dir: string): string {
  const copy = newFolder();
  for (const file of filesOf(dir)) {
    const to = join(copy, relative(dir, file));
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(file, to);
  }
  return copy;
}

describe('of a folder with times', { timeout: 240_000 }, () => {
  let made: Made;
  let manifest: string;
  let half: string;
  const settings = { reveal: { when: 'all' }, budget: 0.3 } as const;

  function listed(count: number): string {
    return writeCsv([['path', 'time', 'label'], ...made.names.slice(0, count).map((path, i) => [path, new Date(timeOf(i)).toISOString(), kindOf(i)])], join(newFolder(), 'list.csv'));
  }

  beforeAll(async () => {
    made = await makePictures(COUNT, { badEvery: 16 });
    manifest = listed(COUNT);
    half = newPlace();
    await curated(manifest, half, { ...settings, root: made.folder });
  });

  test('what is old goes: rows, thumbnails and dead letters; numbers, counts and what the memory holds stay; younger ones are as they were', async () => {
    const out = copied(half);
    const [before, totals] = [decisionsOf(out), reading(out, (reader) => reader.totals())];
    const now = timeOf(COUNT);
    expect(await prune(out, { age: 40 * HOUR, size: null }, now)).toMatchObject({ items: before.filter(({ time }) => (time ?? 0) < now - 40 * HOUR).length, pictures: 0, above: false });
    const after = decisionsOf(out);
    const young = before.filter(({ time }) => (time ?? 0) >= now - 40 * HOUR);
    expect(after.filter(({ time }) => (time ?? 0) >= now - 40 * HOUR)).toEqual(young);
    const old = after.filter(({ time }) => (time ?? 0) < now - 40 * HOUR);
    // They are the memory's, or were learned since the last snapshot of the classifier.
    const kept = new Set(reading(out, (reader) => reader.state('admitted')).map(({ key }) => key));
    expect(before.filter(({ verdict }) => verdict === 'admit').every(({ seq }) => kept.has(seq))).toBe(true);
    expect(old.filter(({ seq }) => kept.has(seq)).map(({ seq }) => seq)).toEqual(before.filter(({ verdict, time }) => verdict === 'admit' && (time ?? 0) < now - 40 * HOUR).map(({ seq }) => seq));
    expect(reading(out, (reader) => old.some(({ seq }) => reader.pictured(seq)))).toBe(false);
    expect(reading(out, (reader) => reader.totals())).toEqual(totals);
    expect((await sluice('report', out)).code).toBe(0);
    expect((await sluice('export', out, '--format', 'jsonl', '--to', '-')).code).toBe(0);
  });

  test('the same source decides nothing anew, and a run goes on as if nothing had been pruned', async () => {
    const [plain, out] = [newPlace(), newPlace()];
    const first = listed(COUNT / 2);
    // Nothing is learned, so that no row stays for its label.
    const never = { ...settings, reveal: { when: 'never' }, root: made.folder } as const;
    for (const dir of [plain, out]) await curated(first, dir, never);
    const done = await prune(out, { age: HOUR, size: null }, timeOf(COUNT));
    expect(done.rows).toBeGreaterThan(20);
    // Two bad files lay before the last item.
    expect(reading(out, (reader) => reader.gone())).toMatchObject({ dead: 2 });
    expect(await curated(first, out, never)).toMatchObject({ embedded: 0, resumed_from: COUNT / 2 });
    for (const dir of [plain, out]) await curated(manifest, dir, never);
    const [whole, pruned] = [contentsOf(plain), contentsOf(out)];
    const young = (contents: Record<string, unknown>): readonly StoredDecision[] => (contents['decisions'] as readonly StoredDecision[]).filter(({ seq }) => seq >= COUNT / 2);
    expect(young(pruned)).toEqual(young(whole));
    for (const what of ['totals', 'state', 'alerts']) expect(pruned[what], what).toEqual(whole[what]);
  });

  test('what was pruned can still be forgotten, where it is named', async () => {
    const out = copied(half);
    const named = decisionsOf(out).find(({ nearest, seq }) => nearest !== null && seq > COUNT / 2)?.nearest?.id ?? '';
    await prune(out, { age: 40 * HOUR, size: null }, timeOf(COUNT));
    expect(await forget(out, { ids: [named] }, false)).toMatchObject({ forgotten: 1, unknown: 0 });
    expect(decisionsOf(out).some(({ nearest }) => nearest?.id === named)).toBe(false);
  });

  test('the words of the command', async () => {
    const out = copied(half);
    for (const words of [[], ['--older', 'soon'], ['--larger', '5']]) expect((await sluice('prune', out, ...words)).code, words.join(' ')).toBe(2);
    const pruned = await sluice('prune', out, '--older', '1d', '--json');
    expect(pruned.code).toBe(0);
    expect(Number(jsonLines(pruned.stdout)[0]?.['rows'])).toBeGreaterThanOrEqual(0);
    const store = openStore(out);
    const busy = await sluice('prune', out, '--older', '1d');
    store.close();
    expect([busy.code, busy.stderr.includes('SLUICE_E_BUSY')]).toEqual([1, true]);
    expect((await sluice('prune', newPlace(), '--older', '1d')).stderr).toContain('SLUICE_E_NOT_FOUND');
  });
});

test('a run over cameras prunes as it goes, and after a restart decides nothing anew', { timeout: 120_000 }, async () => {
  const [place, { folder, names }] = [newFolder(), await makePictures(24)];
  const [old, out] = [new Date(Date.now() - 48 * HOUR), join(place, 'out')];
  for (const name of names.slice(0, 20)) utimesSync(join(folder, name), old, old);
  const file = join(place, 'cameras.yaml');
  writeFileSync(file, `name: yard\nsource:\n  cameras:\n    - { name: gate, folder: '${folder}' }\nout: out\nworkers: 1\nbudget: { share: 0.3 }\nhttp: { port: 0 }\nretention: { age: 24h }\n`);
  const counts = (): readonly number[] => reading(out, (reader) => [reader.totals().decided, [...reader.decisions()].length, reader.gone().admit]);
  const first = start(['run', file]);
  await until('all to be decided and the old ones to be pruned', () => existsSync(join(out, 'sluice.db')) && /health and metrics/.test(first.stderr()) && counts()[0] === 24 && (counts()[1] ?? 24) < 24);
  first.signal('SIGTERM', 'alone');
  expect((await first.ended).code).toBe(0);
  const left = counts();
  expect(left[2]).toBe(0);
  const again = start(['run', file]);
  copyFileSync(join(folder, names[0] ?? ''), join(folder, 'new.jpg'));
  await until('the new one to be decided', () => (counts()[0] ?? 0) > 24);
  again.signal('SIGTERM', 'alone');
  expect((await again.ended).code).toBe(0);
  expect(counts()).toEqual([25, (left[1] ?? 0) + 1, 0]);
});

describe('of frames', { timeout: 240_000 }, () => {
  test('the oldest go until the size is right; the last item stays', async () => {
    const [clip, out] = [await makeClip(40), newPlace()];
    await curated(clip, out, { budget: 1 });
    const admitted = decisionsOf(out).filter(({ verdict }) => verdict === 'admit');
    const total = admitted.reduce((sum, { uri }) => sum + statSync(uri).size, 0) + statSync(join(out, 'sluice.db')).size;
    const summary = await prune(out, { age: null, size: total - 20_000 }, 0);
    expect(summary.bytes).toBeLessThanOrEqual(total - 20_000);
    expect([summary.above, summary.pictures > 0]).toEqual([false, true]);
    const there = admitted.map(({ uri }) => existsSync(uri));
    expect(there.indexOf(true)).toBe(there.lastIndexOf(false) + 1);
    const rest = await prune(out, { age: null, size: 1 }, 0);
    expect(rest.above).toBe(true);
    expect(admitted.map(({ uri }) => existsSync(uri)).filter(Boolean).length).toBeLessThanOrEqual(1);
    expect(await curated(clip, out, { budget: 1 })).toMatchObject({ embedded: 0 });
  });

  test('a run lets them go step by step, and the file of the database gives the space back', async () => {
    const [clip, out] = [await makeClip(40), newPlace()];
    await curated(clip, out, { budget: 0.3 });
    const store = openStore(out);
    const last = decisionsOf(out).length;
    const left: number[] = [];
    const media = new MediaFolder(out);
    const parts = { pruner: store.pruner(), media, runs: () => store.runs(), nextSeq: () => store.nextSeq, needs: () => () => false, left: (seqs: readonly number[]) => void left.push(...seqs) };
    const [none, retention] = [new Retention({ age: HOUR, size: null }, parts), new Retention({ age: null, size: 1000 }, parts)];
    expect(none.step(Date.now())).toBeNull();
    const before = retention.bytes;
    const steps: number[] = [];
    for (let step = retention.step(0); step !== null; step = retention.step(0)) steps.push(step.rows);
    expect(steps.reduce((a, b) => a + b)).toBe(last - 1);
    expect(left).toEqual([...Array(last - 1).keys()]);
    expect(retention.bytes).toBeLessThan(before);
    expect(media.bytes).toBe(new MediaFolder(out).bytes);
    store.close();
    expect(statSync(join(out, 'sluice.db')).size).toBeLessThanOrEqual(before);
    expect(decisionsOf(out).map(({ seq }) => seq)).toEqual([last - 1]);
  });
});
