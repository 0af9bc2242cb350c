/** Output folders that go on with another model: `sluice reembed`, and `--change`, over real folders with real models. */
import { copyFileSync, cpSync, existsSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { beforeAll, describe, expect, test } from 'vitest';
import { embeddingWriter } from '../../infra/embeddings/write.ts';
import { openStore } from '../../infra/store/sqlite.ts';
import type { StoredDecision } from '../../infra/store/types.ts';
import { externalOf } from '../../operators/state/external.ts';
import { unpackAdmitted } from '../../operators/state/memory.ts';
import { dot } from '../../operators/state/vectors.ts';
import { reading } from '../../pipelines/commands/read.ts';
import { reembed, type ReembedSummary } from '../../pipelines/reembed/reembed.ts';
import { contentsOf, curated, jsonLines, sluice, start, until } from '../support/cli.ts';
import { type Made, makePictures, newFolder, newPlace, picture, writeLabels } from '../support/folders.ts';
import { makeClip } from '../support/video.ts';
import { tinyModel } from '../unit/infra/onnx/tiny-model.ts';

const COUNT = 120;
const REEMBEDDED = 'reembedded.db';
const decisionsOf = (dir: string): readonly StoredDecision[] => reading(dir, (reader) => [...reader.decisions()]);
const embeddingsOf = (dir: string): ReadonlyMap<string, Float32Array> => reading(dir, (reader) => new Map([...reader.decisions()].map(({ id, seq }) => [id, reader.embedding(seq)])));

function copied(dir: string): string {
  const copy = newFolder();
  cpSync(dir, copy, { recursive: true });
  return copy;
}

/** The embeddings of a folder by a model that sees the same and says it otherwise: in another order, among numbers that mean nothing. */
function writeOther(dir: string): string {
  const file = join(newFolder(), 'other.npy');
  const embeddings = embeddingsOf(dir);
  const writer = embeddingWriter(file, 300);
  writer.add([...embeddings.keys()], [...embeddings.values()].map(other));
  writer.finish();
  return file;
}

function other(x: Float32Array): Float32Array {
  const turned = new Float32Array(300);
  x.forEach((value, i) => (turned[(7 * i + 3) % 300] = i % 2 === 0 ? value : -value));
  return turned;
}

function writeTiny(): string {
  const file = join(newFolder(), 'tiny.onnx');
  writeFileSync(file, tinyModel());
  return file;
}

interface Changed extends ReembedSummary {
  readonly said: string;
}

async function changed(dir: string, by: { readonly model?: string; readonly embeddings?: string }, signal = new AbortController().signal): Promise<Changed> {
  let said = '';
  const say = new Writable({
    write(chunk: Buffer, _encoding, done) {
      said += chunk.toString();
      done();
    },
  }) as NodeJS.WritableStream as NodeJS.WriteStream;
  const summary = await reembed({ dir, model: by.model === undefined ? undefined : { file: by.model }, embeddings: by.embeddings, workers: 1, signal, say });
  return { ...summary, said };
}

/** Of records without what a change of the model moves. */
function recordOf(dir: string): object {
  const { bytes: _, runs: _runs, state: _state, ...kept } = contentsOf(dir);
  return kept;
}

describe('a change of the model', { timeout: 240_000 }, () => {
  let made: Made;
  let labels: string;
  /** Half of the pictures, decided. */
  let half: string;
  let all: string;
  const settings = { reveal: { when: 'all' }, budget: 0.3 } as const;

  beforeAll(async () => {
    made = await makePictures(COUNT);
    labels = writeLabels(made.names);
    const first = await makePictures(COUNT / 2);
    half = newPlace();
    await curated(first.folder, half, { ...settings, labels });
    all = newPlace();
    await curated(made.folder, all, { ...settings, labels });
  });

  /** A folder with half of the pictures decided, and one that the other half may be put into. */
  async function begun(): Promise<{ readonly folder: string; readonly out: string }> {
    const { folder } = await makePictures(COUNT / 2);
    const out = newPlace();
    await curated(folder, out, { ...settings, labels });
    return { folder, out };
  }

  test('gives every picture its new embedding and leaves what was decided as it was; the stream goes on as by the model before', async () => {
    const { folder, out } = await begun();
    const unchanged = copied(out);
    const embeddings = writeOther(all);
    const clusters = reading(out, (reader) => reader.state('cluster').map(({ key }) => key));
    const summary = await changed(out, { embeddings });
    expect(summary).toMatchObject({ state: 'changed', items: COUNT / 2, estimated: 0, likeness: null, embedded: COUNT / 2, gone: 0 });
    expect(recordOf(out)).toEqual(recordOf(unchanged));
    const [before, after] = [embeddingsOf(unchanged), embeddingsOf(out)];
    for (const [id, x] of before) expect(after.get(id)).toEqual(other(x));
    expect(reading(out, (reader) => reader.state('cluster').map(({ key }) => key))).toEqual(clusters);
    expect(reading(out, (reader) => reader.runs().map(({ seq, config }) => [seq, config.model.slice(0, 10)]))).toEqual([[0, 'efficientn'], [COUNT / 2, 'given-d300']]);
    expect(existsSync(join(out, REEMBEDDED))).toBe(false);

    await makePictures(COUNT / 2, { first: COUNT / 2, folder });
    await expect(curated(folder, out, { ...settings, labels })).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_CHANGED' });
    await curated(folder, out, { ...settings, labels, embeddings });
    await curated(folder, unchanged, { ...settings, labels });
    const [now, as] = [decisionsOf(out).slice(COUNT / 2), decisionsOf(unchanged).slice(COUNT / 2)];
    const verdictsOf = (decisions: readonly StoredDecision[]): readonly string[] => decisions.map(({ verdict }) => verdict);
    const alike = verdictsOf(now).filter((verdict, i) => verdict === as[i]?.verdict).length;
    expect(alike / now.length).toBeGreaterThanOrEqual(0.9);
    // Copies are known across the change, and labels that were learned before it are still known.
    const copies = (decisions: readonly StoredDecision[]): readonly string[] => decisions.filter(({ reasons }) => reasons[0]?.code.endsWith('_duplicate')).map(({ id }) => id);
    expect(copies(now)).toEqual(copies(as));
    expect(copies(now).length).toBeGreaterThan(5);
    const apart = now.map(({ suspicion }, i) => Math.abs((suspicion ?? NaN) - (as[i]?.suspicion ?? NaN)));
    expect(apart.reduce((sum, each) => sum + each, 0) / apart.length).toBeLessThan(0.05);
  });

  test('with a model of the user: pictures are read and embedded again, and no-one else decides meanwhile', async () => {
    const { folder, out } = await begun();
    const tiny = writeTiny();
    const refused = await sluice('curate', folder, '--out', out, '--model', tiny, '--labels', labels, '--budget', '0.3');
    expect(refused).toMatchObject({ code: 78, stderr: expect.stringContaining('--change embeds its pictures again') as string });
    await makePictures(COUNT / 2, { first: COUNT / 2, folder });
    const ended = await sluice('curate', folder, '--out', out, '--model', tiny, '--labels', labels, '--budget', '0.3', '--objects', 'off', '--change', '--json');
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain(`${COUNT / 2} items have embeddings by it`);
    expect(jsonLines(ended.stdout)).toMatchObject([{ decided: COUNT, embedded: COUNT / 2, resumed_from: COUNT / 2 }]);
    const fresh = newPlace();
    await curated(folder, fresh, { ...settings, labels, model: { file: tiny } });
    expect(embeddingsOf(out)).toEqual(embeddingsOf(fresh));
    const memory = reading(out, (reader) => reader.state('admitted').map(({ key, value }) => unpackAdmitted(key, value ?? new Uint8Array()).id));
    expect(memory).toEqual(decisionsOf(out).filter(({ verdict }) => verdict === 'admit').map(({ id }) => id));
  });

  test('is prepared while a run holds the folder, and taken over at once', async () => {
    const { folder, out } = await begun();
    const tiny = writeTiny();
    const store = openStore(out);
    try {
      expect(await changed(out, { model: tiny })).toMatchObject({ state: 'prepared', embedded: COUNT / 2, gone: 0 });
    } finally {
      store.close();
    }
    expect(new Set([...embeddingsOf(out).values()].map(({ length }) => length))).toEqual(new Set([256]));
    // What is prepared is not looked for again.
    for (const name of readdirSync(folder).slice(10)) unlinkSync(join(folder, name));
    const { said, embedded } = await curated(folder, out, { ...settings, labels, model: { file: tiny }, change: true });
    expect(said).toContain(`${COUNT / 2} items have embeddings by it\n`);
    expect(embedded).toBe(0);
    expect(existsSync(join(out, REEMBEDDED))).toBe(false);
    expect(await changed(out, { model: tiny })).toMatchObject({ state: 'same', embedded: 0 });
  });

  test('estimates what is gone, says how well, and refuses where nothing is left, with the folder as it was', async () => {
    const { folder, out } = await begun();
    const none = copied(out);
    const ids = [...embeddingsOf(out).keys()];
    const some = join(newFolder(), 'some.npy');
    const writer = embeddingWriter(some, 300);
    const known = ids.filter((_, i) => i % 4 !== 1);
    writer.add(known, known.map((id) => other(embeddingsOf(all).get(id) ?? new Float32Array())));
    writer.finish();
    const summary = await changed(out, { embeddings: some });
    expect(summary).toMatchObject({ state: 'changed', items: COUNT / 2, estimated: COUNT / 8, embedded: COUNT / 2 - COUNT / 8, gone: COUNT / 8 });
    expect(summary.said).toContain(`the pictures of ${COUNT / 8} are gone, so theirs are estimates (on pictures that are there, such are 0.`);
    const after = embeddingsOf(out);
    const likeness = ids.filter((id) => !known.includes(id)).map((id) => dot(after.get(id) ?? new Float32Array(), 0, other(embeddingsOf(all).get(id) ?? new Float32Array()), 0, 300));
    expect(Math.min(...likeness)).toBeGreaterThan(0.5);
    expect(summary.likeness ?? 0).toBeGreaterThan(0.5);

    rmSync(folder, { recursive: true });
    const before = contentsOf(none);
    await expect(changed(none, { model: writeTiny() })).rejects.toMatchObject({ code: 'SLUICE_E_PICTURES_GONE', exit: 1 });
    expect(contentsOf(none)).toEqual(before);
    // A picture that was replaced is not the one that was decided.
    const replaced = copied(half);
    const [{ seq, uri }] = decisionsOf(replaced) as [StoredDecision];
    const bytes = await picture(seq);
    try {
      writeFileSync(uri, await picture(seq + 1));
      expect(await changed(replaced, { model: writeTiny() })).toMatchObject({ estimated: 1, gone: 1 });
    } finally {
      writeFileSync(uri, bytes);
    }
  });

  test('is stopped by a signal with the folder as it was, and goes on from there', async () => {
    const out = copied(half);
    const before = contentsOf(out);
    const stop = new AbortController();
    stop.abort();
    await expect(changed(out, { model: writeTiny() }, stop.signal)).rejects.toMatchObject({ code: 'SLUICE_E_INTERRUPTED' });
    expect(contentsOf(out)).toEqual(before);
    const tiny = writeTiny();
    await expect(changed(out, { model: tiny }, stop.signal)).rejects.toMatchObject({ code: 'SLUICE_E_INTERRUPTED' });
    const { embedded } = await changed(out, { model: tiny });
    expect(embedded).toBeLessThan(COUNT / 2);
  });

  test('frames of a video are read again from it', async () => {
    const clip = await makeClip(24);
    const out = newPlace();
    await curated(clip, out, { ...settings, reveal: { when: 'never' }, gate: 'off' });
    const decided = decisionsOf(out).length;
    expect(await changed(out, { model: writeTiny() })).toMatchObject({ state: 'changed', items: decided, estimated: 0, gone: 0 });
    expect(decided).toBe(24);
  });

  test('what is done with a folder afterwards works: correct, rescue, forget, replay, campaigns that were there before', async () => {
    const { folder } = await makePictures(COUNT / 2);
    const example = join(newFolder(), 'example.jpg');
    copyFileSync(join(folder, '0003.jpg'), example);
    const campaigns = join(newFolder(), 'campaigns.yaml');
    writeFileSync(campaigns, `campaigns:\n  - { name: those, more: [ ${example} ], similarity: 0.5 }\n`);
    const out = newPlace();
    await curated(folder, out, { ...settings, labels, campaigns });
    const tiny = writeTiny();
    expect(await changed(out, { model: tiny })).toMatchObject({ state: 'changed' });
    expect(reading(out, (reader) => reader.state('external').flatMap((change) => externalOf(change)?.kind ?? []))).toContain('campaigns');

    const [first, second, third] = decisionsOf(out) as [StoredDecision, StoredDecision, StoredDecision];
    const fix = join(newFolder(), 'fix.csv');
    writeFileSync(fix, `path,label\n${first.id},something else\n`);
    expect(await sluice('correct', out, '--labels', fix)).toMatchObject({ code: 0 });
    expect(await sluice('rescue', out, second.id, ...(second.verdict === 'admit' ? ['--reject'] : []))).toMatchObject({ code: 0 });
    expect(await sluice('replay', out, '--json')).toMatchObject({ code: 0, stdout: expect.stringContaining(`"decided":${COUNT / 2}`) as string });
    expect(await sluice('forget', out, third.id)).toMatchObject({ code: 0 });
    await makePictures(COUNT / 2, { first: COUNT / 2, folder });
    expect(await curated(folder, out, { ...settings, labels, campaigns, model: { file: tiny } })).toMatchObject({ decided: COUNT });
  });

  test('of a folder of cameras is made when its pipeline is started again with --change', async () => {
    const folder = newFolder();
    await makePictures(20, { folder: join(folder) });
    const [file, out] = [join(newFolder(), 'cameras.yaml'), newPlace()];
    const write = (more: string): void => writeFileSync(file, `name: yard\nsource:\n  cameras:\n    - { name: gate, folder: ${folder} }\nout: ${out}\nworkers: 1\nbudget: { share: 0.5 }\nhttp: { port: 0 }\n${more}`);
    write('');
    const ran = start(['run', file]);
    await until('the pictures to be decided', () => existsSync(join(out, 'sluice.db')) && /health and metrics/.test(ran.stderr()) && decisionsOf(out).length === 20);
    ran.signal('SIGTERM', 'alone');
    expect((await ran.ended).code).toBe(0);
    write(`model: ${writeTiny()}\n`);
    expect(await sluice('run', file)).toMatchObject({ code: 78, stderr: expect.stringContaining('--change') as string });
    const again = start(['run', file, '--change']);
    await until('it to be at work', () => /health and metrics/.test(again.stderr()));
    again.signal('SIGTERM', 'alone');
    const ended = await again.ended;
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain('20 items have embeddings by it');
    expect(new Set([...embeddingsOf(out).values()].map(({ length }) => length))).toEqual(new Set([3]));
  });
});
