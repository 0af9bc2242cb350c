/** Thumbnails of what was rejected, and `sluice rescue`, over real output folders with the real command line. */
import { copyFileSync, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../infra/store/sqlite.ts';
import type { StoredDecision } from '../../infra/store/types.ts';
import { Unpacker } from '../../operators/state/codec.ts';
import { externalOf } from '../../operators/state/external.ts';
import { unpackTurned } from '../../operators/state/turn.ts';
import { reading } from '../../pipelines/commands/read.ts';
import { turnVerdicts } from '../../pipelines/rescue.ts';
import { contentsOf, curated, jsonLines, sluice } from '../support/cli.ts';
import { type Made, makePictures, newFolder, newPlace, writeLabels } from '../support/folders.ts';
import { makeClip } from '../support/video.ts';

const COUNT = 48;
const decisionsOf = (dir: string): readonly StoredDecision[] => reading(dir, (reader) => [...reader.decisions()]);
const labelOf = ({ label }: StoredDecision): string => (typeof label === 'string' ? label : '');
const totalsOf = (dir: string): object => reading(dir, (reader) => reader.totals());
function copied(dir: string): string {
  const copy = newFolder();
  copyFileSync(join(dir, 'sluice.db'), join(copy, 'sluice.db'));
  return copy;
}

function countsOf(dir: string): ReadonlyMap<string, number> {
  const rows = reading(dir, (reader) => reader.state('class').map(({ value }) => new Unpacker(value ?? new Uint8Array())));
  return new Map(rows.map((row) => [row.text(), row.f64()]));
}

describe('of a folder of pictures', { timeout: 240_000 }, () => {
  let made: Made;
  let whole: string;
  let labels: string;
  const settings = { reveal: { when: 'all' }, budget: 0.3 } as const;

  beforeAll(async () => {
    made = await makePictures(COUNT);
    whole = newPlace();
    labels = writeLabels(made.names);
    await curated(made.folder, whole, { ...settings, labels });
  });

  test('a rejected picture is admitted: row, counts, event, totals and export say so; the other way is back again', async () => {
    const out = copied(whole);
    const before = decisionsOf(out);
    const [one, other] = before.filter(({ verdict, review }) => verdict === 'reject' && !review) as [StoredDecision, StoredDecision];
    const kept = before.find(({ verdict }) => verdict === 'admit') as StoredDecision;
    const { code, stdout, stderr } = await sluice('rescue', out, one.id, other.id, kept.id, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(jsonLines(stdout)).toEqual([{ turned: 2, unchanged: 1, unknown: [], unseen: [], copied: 0, lost: [] }]);
    const turned = decisionsOf(out);
    for (const [seq, decision] of turned.entries()) {
      if (seq !== one.seq && seq !== other.seq) expect(decision).toEqual(before[seq]);
      else expect(decision).toEqual({ ...before[seq], verdict: 'admit', reasons: [{ code: 'rescued', value: COUNT - 1, threshold: seq }, ...(before[seq]?.reasons ?? [])] });
    }
    const admitted = before.filter(({ verdict }) => verdict === 'admit').length;
    expect(totalsOf(out)).toMatchObject({ decided: COUNT, admitted: admitted + 2 });
    expect((countsOf(out).get(labelOf(one)) ?? 0) - (countsOf(whole).get(labelOf(one)) ?? 0)).toBeGreaterThan(0.9);
    const exported = jsonLines((await sluice('export', out, '--format', 'jsonl', '--to', '-')).stdout);
    expect(exported.find(({ id }) => id === one.id)).toMatchObject({ verdict: 'admit', reasons: turned[one.seq]?.reasons });
    expect((await sluice('explain', out, one.id)).stdout).toMatch(/ADMITTED\n {2}because rescued: 47 against/);
    const events = reading(out, (reader) => reader.state('external')).flatMap((change) => externalOf(change) ?? []);
    expect(events.map(({ kind, after, payload }) => [kind, after, unpackTurned(payload)])).toEqual([one, other].map(({ seq }) => ['turn', COUNT - 1, { seq, admitted: true }]));
    const replayed = jsonLines((await sluice('replay', out, '--json')).stdout)[0];
    expect([replayed?.['gained'], replayed?.['lost']]).toEqual([0, 0]);
    const to = newPlace();
    expect((await sluice('export', out, '--format', 'coco', '--to', to)).code).toBe(0);

    expect(jsonLines((await sluice('rescue', out, '--reject', one.id, '--json')).stdout)[0]).toMatchObject({ turned: 1 });
    expect(decisionsOf(out)[one.seq]).toEqual({ ...one, reasons: [{ code: 'revoked', value: COUNT - 1, threshold: one.seq }, ...one.reasons] });
    expect(totalsOf(out)).toMatchObject({ admitted: admitted + 1 });
    expect(countsOf(out).get(labelOf(one))).toBeCloseTo((countsOf(whole).get(labelOf(one)) ?? 0) + (one.label === other.label ? 1 : 0), 1);
  });

  test('the run goes on behind it, the same for any batch, and does not take a copy of it', async () => {
    const out = copied(whole);
    const rejected = decisionsOf(out).filter(({ verdict }) => verdict === 'reject').slice(0, 5);
    await turnVerdicts(out, rejected.map(({ id }) => id), 'admit');
    const more = await makePictures(COUNT, { first: COUNT });
    const first = rejected[0] as StoredDecision;
    copyFileSync(join(made.folder, first.id), join(more.folder, '9999.jpg'));
    const given = writeLabels(more.names);
    const runs = await Promise.all([7, 64].map(async (batch) => {
      const copy = copied(out);
      await curated(more.folder, copy, { ...settings, labels: given, batch });
      return contentsOf(copy);
    }));
    expect(runs[1]).toEqual(runs[0]);
    const last = (runs[0]?.['decisions'] as readonly StoredDecision[] | undefined)?.at(-1);
    expect([last?.id, last?.verdict, last?.reasons[0]?.code]).toEqual(['9999.jpg', 'reject', 'exact_duplicate']);
  });

  test('of what was rejected a sample of bounded size keeps thumbnails, the same for any batch; of what is admitted all', async () => {
    const pictured = (dir: string): readonly number[] => reading(dir, (reader) => [...reader.decisions()].map(({ seq }) => seq).filter((seq) => reader.pictured(seq)));
    expect(pictured(whole).length).toBe(COUNT);
    const [out, other] = [newPlace(), newPlace()];
    await curated(made.folder, out, { ...settings, labels, batch: 5, rejectedThumbnails: 6 });
    await curated(made.folder, other, { ...settings, labels, batch: 64, rejectedThumbnails: 6 });
    const admitted = decisionsOf(out).filter(({ verdict }) => verdict === 'admit').map(({ seq }) => seq);
    expect(pictured(out).filter((seq) => !admitted.includes(seq)).length).toBe(6);
    expect(admitted.every((seq) => pictured(out).includes(seq))).toBe(true);
    expect(pictured(other)).toEqual(pictured(out));
    // A smaller bound holds from the next batch on, whatever was kept before; what is rescued keeps its own.
    const [rescued] = decisionsOf(whole).filter(({ verdict }) => verdict === 'reject');
    const smaller = copied(whole);
    await turnVerdicts(smaller, [rescued?.id ?? ''], 'admit');
    await curated((await makePictures(4, { first: COUNT })).folder, smaller, { ...settings, rejectedThumbnails: 3 });
    const [left, now] = [pictured(smaller), decisionsOf(smaller)];
    expect([left.filter((seq) => now[seq]?.verdict === 'reject').length, left.includes(rescued?.seq ?? -1)]).toEqual([3, true]);
    expect((await sluice('report', smaller)).code).toBe(0);
  });

  test('is refused while another process has the folder, where there is no run, and of ids that have no verdict', async () => {
    const out = copied(whole);
    const store = openStore(out);
    const busy = await sluice('rescue', out, '0000.jpg');
    store.close();
    expect([busy.code, busy.stderr.includes('SLUICE_E_BUSY')]).toEqual([1, true]);
    const nowhere = newPlace();
    const missing = await sluice('rescue', nowhere, '0000.jpg');
    expect([missing.code, missing.stderr.includes('SLUICE_E_NOT_FOUND'), existsSync(nowhere)]).toEqual([1, true, false]);
    const unknown = await sluice('rescue', out, 'nowhere.jpg');
    expect([unknown.code, unknown.stderr]).toEqual([1, '0 rescued, 0 as they were, 1 unknown ids\nnowhere.jpg has no verdict\n']);
  });
});

test('a rejected frame of a video is read from it again; where the video is gone, that is said', { timeout: 240_000 }, async () => {
  const [clip, out] = [await makeClip(12), newPlace()];
  await curated(clip, out, { budget: 0.3 });
  const [one, other] = decisionsOf(out).filter(({ verdict }) => verdict === 'reject') as [StoredDecision, StoredDecision];
  expect(await turnVerdicts(out, [one.id], 'admit')).toMatchObject({ turned: 1, copied: 1, lost: [] });
  const rescued = decisionsOf(out)[one.seq];
  expect([rescued?.uri.startsWith(join(out, 'media')), existsSync(rescued?.uri ?? '')]).toEqual([true, true]);
  renameSync(clip, `${clip}.away`);
  const lost = await sluice('rescue', out, other.id);
  expect([lost.code, lost.stderr.includes('all there is of it is a thumbnail')]).toEqual([0, true]);
});
