/** `sluice correct` over a real output folder, with the real command line. */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../infra/store/sqlite.ts';
import type { StoredDecision } from '../../infra/store/types.ts';
import { externalOf, type External } from '../../operators/state/external.ts';
import { unpackLabel } from '../../operators/state/late-label.ts';
import { Unpacker } from '../../operators/state/codec.ts';
import { explainLines } from '../../pipelines/commands/explain.ts';
import { reading } from '../../pipelines/commands/read.ts';
import { correctLabels } from '../../pipelines/correct.ts';
import { curated, jsonLines, sluice } from '../support/cli.ts';
import { kindOf, type Made, makePictures, newFolder, newPlace, writeCsv, writeLabels } from '../support/folders.ts';
import { scene, SCENE_KINDS } from '../support/images.ts';

const COUNT = 48;
const MISTAKEN = [5, 13, 21, 29, 37, 45];
/** A near-duplicate, which is rejected, with what it is corrected to. */
const REJECTED = 7;
const CORRECTED: ReadonlyMap<number, string> = new Map([...MISTAKEN.map((i): [number, string] => [i, kindOf(i)]), [REJECTED, 'other']]);
const name = (i: number): string => `${String(i).padStart(4, '0')}.jpg`;

function decisions(out: string): readonly StoredDecision[] {
  return reading(out, (reader) => [...reader.decisions()]);
}

/** What the folder's state holds of a kind. */
function stateOf(out: string, kind: string): ReadonlyMap<number, string> {
  const store = openStore(out);
  const rows = new Map([...store.state()].filter((row) => row.kind === kind).map(({ key, value }) => [key, Buffer.from(value ?? []).toString('base64')]));
  store.close();
  return rows;
}

function countsOf(out: string): ReadonlyMap<string, number> {
  return new Map([...stateOf(out, 'class').values()].map((text) => new Unpacker(new Uint8Array(Buffer.from(text, 'base64')))).map((row) => [row.text(), row.f64()]));
}

function eventsOf(out: string): readonly External[] {
  return [...stateOf(out, 'external')].flatMap(([key, text]) => externalOf({ kind: 'external', key, value: new Uint8Array(Buffer.from(text, 'base64')) }) ?? []);
}

describe('a folder with class labels', { timeout: 240_000 }, () => {
  let made: Made;
  let out: string;
  const right = writeCsv([['path', 'label'], ...[...CORRECTED].map(([i, kind]) => [name(i), kind]), [name(0), kindOf(0)], ['nowhere.jpg', 'x'], ['', 'x'], [name(1), 'x', 'y'], [name(5), 'other']]);
  const settings = { reveal: { when: 'all' }, budget: 1 } as const;

  beforeAll(async () => {
    made = await makePictures(COUNT);
    out = newPlace();
    await curated(made.folder, out, { ...settings, labels: writeLabels(made.names) });
  });

  test('is corrected once: labels, counts, events and the record of what was given', async () => {
    const before = decisions(out);
    expect([before[MISTAKEN[0] ?? 0]?.verdict, before[REJECTED]?.verdict]).toEqual(['admit', 'reject']);
    const counted = countsOf(out).get('mistaken') ?? 0;
    const { code, stdout, stderr } = await sluice('correct', out, '--labels', right, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [summary] = jsonLines(stdout);
    expect(summary).toMatchObject({ corrected: CORRECTED.size, unchanged: 1, unknown: 1 });
    expect(summary?.['bad']).toEqual(['SLUICE_E_ROW_INVALID', 'SLUICE_E_ROW_INVALID', 'SLUICE_E_ID_REPEATED'].map((bad) => expect.objectContaining({ code: bad }) as unknown));

    const after = decisions(out);
    for (const [seq, decision] of after.entries()) {
      const { label, suspicionNow, review, ...rest } = decision;
      const { label: given, suspicionNow: said, review: reviewed, ...same } = before[seq] as StoredDecision;
      expect(rest).toEqual(same);
      expect(label).toBe(CORRECTED.get(seq) ?? given);
      if (!CORRECTED.has(seq)) continue;
      expect(given).toBe(seq === REJECTED ? kindOf(seq) : 'mistaken');
      expect(suspicionNow).not.toBe(said);
      expect(review && !reviewed).toBe(seq === REJECTED && review);
    }
    // All that counted for the wrong class counts no more.
    expect(counted).toBeGreaterThan(0);
    expect(countsOf(out).get('mistaken')).toBeCloseTo(0, 6);
    // What was rejected counts for nothing, but its event is there like any other.
    expect(countsOf(out).has('other')).toBe(false);
    expect(eventsOf(out).map(({ kind, after: seq, payload }) => [kind, seq, unpackLabel(payload).classes])).toEqual([...CORRECTED.values()].map((kind) => ['correction', COUNT - 1, [kind]]));

    const lines = reading(out, (reader) => explainLines(reader, name(5)));
    expect(lines).toContain(`  label        ${kindOf(5)}`);
    expect(lines).toContain(`  corrected    after item ${COUNT - 1}; first given: mistaken`);
    const exported = jsonLines((await sluice('export', out, '--format', 'jsonl', '--verdict', 'all', '--to', '-')).stdout);
    expect(exported.filter(({ label }) => label === 'mistaken')).toEqual([]);
  });

  test('the same file again changes nothing', async () => {
    const [before, state] = [readFileSync(join(out, 'sluice.db')), stateOf(out, 'label')];
    const { stderr } = await sluice('correct', out, '--labels', right);
    expect(stderr).toContain(`0 corrected, ${CORRECTED.size + 1} as they were, 1 unknown ids, 3 bad rows`);
    expect(stderr).toContain('[SLUICE_E_ROW_INVALID]');
    expect(stateOf(out, 'label')).toEqual(state);
    expect(readFileSync(join(out, 'sluice.db')).length).toBe(before.length);
  });

  test('there and back again the head and the counts are as they were, and a later run goes on the same whatever its batch', async () => {
    const more = await makePictures(COUNT, { first: COUNT });
    const runs: StoredDecision[][] = [];
    for (const batch of [7, 64]) {
      const copy = newFolder();
      copyFileSync(join(out, 'sluice.db'), join(copy, 'sluice.db'));
      const was = countsOf(copy);
      for (const to of ['other', null]) {
        const { corrected } = await correctLabels({ dir: copy, labels: writeCsv([['path', 'label'], ...MISTAKEN.map((i) => [name(i), to ?? kindOf(i)])]) });
        expect(corrected).toBe(MISTAKEN.length);
      }
      for (const [kind, count] of countsOf(copy)) expect(Math.abs(count - (was.get(kind) ?? 0))).toBeLessThan(1.01);
      expect(reading(copy, (reader) => reader.earlierLabels(5)).map(({ label }) => label)).toEqual(['mistaken', kindOf(5), 'other']);
      await curated(more.folder, copy, { ...settings, labels: writeLabels(more.names), batch });
      runs.push([...decisions(copy)]);
    }
    expect(runs[0]?.length).toBe(2 * COUNT);
    expect(runs[0]).toEqual(runs[1]);
  });

  test('is refused while another process has it, and where there is no run', async () => {
    const store = openStore(out);
    const busy = await sluice('correct', out, '--labels', right);
    store.close();
    expect([busy.code, busy.stderr.includes('SLUICE_E_BUSY')]).toEqual([1, true]);
    const nowhere = newPlace();
    const missing = await sluice('correct', nowhere, '--labels', right);
    expect([missing.code, missing.stderr.includes('SLUICE_E_NOT_FOUND'), existsSync(nowhere)]).toEqual([1, true, false]);
  });
});

test('boxes of a COCO JSON: the label, what is said of the boxes that stayed, and the export follow; an image with a bad box stays', { timeout: 240_000 }, async () => {
  const folder = newFolder();
  const categories = ['a', 'b', 'c'].map((each, id) => ({ id, name: each }));
  const images = Array.from({ length: 6 }, (_, i) => ({ id: i, file_name: `${i}.jpg`, note: 'kept' }));
  for (const { id } of images) writeFileSync(join(folder, `${id}.jpg`), await scene(id, SCENE_KINDS[id % 3] ?? 'dots', { width: 320, height: 240 }));
  const annotations = images.flatMap(({ id }) => [0, 1].map((j) => ({ id: 10 * id + j, image_id: id, category_id: j, bbox: [20 + 120 * j, 30, 100, 100], extra: 1 })));
  const file = (list: readonly object[], named: readonly object[] = categories): string => {
    const path = join(folder, `${list.length}-${newPlace().split('/').at(-1)}.json`);
    writeFileSync(path, JSON.stringify({ images, annotations: list, categories: named }));
    return path;
  };
  const out = newPlace();
  await curated(file(annotations), out, { reveal: { when: 'all' }, budget: 1, objects: 8 });
  const first = decisions(out)[2];
  expect(first?.objects.map(({ index }) => index)).toEqual([0, 1]);

  // Of image 2 the first box goes, the second is another class now and a third is new; of image 3 one box is bad.
  const edited = annotations.flatMap((each) => {
    if (each.id === 20) return [];
    if (each.id === 21) return [{ ...each, category_id: 2 }, { ...each, id: 22, category_id: 0, bbox: [20, 130, 90, 90] }];
    return each.id === 30 ? [{ ...each, category_id: 9 }] : [each];
  });
  expect(await correctLabels({ dir: out, labels: file(edited) })).toMatchObject({ corrected: 1, unchanged: 4, unknown: 0, bad: [{ id: '3.jpg', code: 'SLUICE_E_ANNOTATION_CATEGORY' }] });
  expect(decisions(out)[2]?.label).toEqual([{ class: 'c', bbox: [140, 30, 100, 100] }, { class: 'a', bbox: [20, 130, 90, 90] }]);
  // The crop of the box that stayed where it was is looked at under its new class; of the new box there is none.
  expect(decisions(out)[2]?.objects.map(({ index, class: kind, cluster, suspicion }) => [index, kind, cluster === null, suspicion === null])).toEqual([[0, 'c', false, false], [1, 'a', true, true]]);
  // What looks like five others of another class is in doubt, so it does not count yet.
  const counts = countsOf(out);
  expect([counts.get('a'), counts.get('b'), counts.get('c')].map((count) => Math.round(count ?? 0))).toEqual([6, 5, 0]);
  expect(decisions(out)[2]).toMatchObject({ review: true, suspicionNow: decisions(out)[2]?.objects[0]?.suspicion });

  const exported = async (): Promise<{ images: object[]; annotations: Record<string, unknown>[]; categories: { id: number; name: string }[] }> => {
    const to = newPlace();
    expect((await sluice('export', out, '--format', 'coco', '--to', to)).code).toBe(0);
    return JSON.parse(readFileSync(join(to, 'annotations/instances.json'), 'utf8'));
  };
  const whole = await exported();
  expect(whole.images).toEqual(images);
  expect(whole.annotations.filter(({ image_id }) => image_id === 2)).toEqual(edited.filter(({ image_id }) => image_id === 2));
  expect(whole.annotations.filter(({ image_id }) => image_id === 3)).toEqual(annotations.filter(({ image_id }) => image_id === 3));

  // Numbers that mean other classes in the folder are not taken over: the annotations are made from the label.
  const moved = [{ ...annotations[0], category_id: 7 }];
  expect(await correctLabels({ dir: out, labels: file(moved, [{ id: 7, name: 'c' }]) })).toMatchObject({ corrected: 6 });
  const { annotations: made } = await exported();
  expect(made).toEqual([expect.objectContaining({ image_id: 0, category_id: 2, bbox: [20, 30, 100, 100] })]);
  const string = await correctLabels({ dir: out, labels: writeCsv([['path', 'label'], ['0.jpg', 'c']]) });
  expect(string).toMatchObject({ corrected: 0, bad: [{ id: '0.jpg', code: 'SLUICE_E_LABEL_INVALID' }] });
  expect(reading(out, (reader) => reader.earlierLabels(2)).map(({ label }) => (Array.isArray(label) ? label.length : label))).toEqual([2, 2]);
});
