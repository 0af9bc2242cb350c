/** Embeddings out of Sluice and into it, and models of one's own. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openEmbeddings } from '../../infra/embeddings/read.ts';
import { embeddingWriter } from '../../infra/embeddings/write.ts';
import { openReader } from '../../infra/store/reader.ts';
import { curated, sluice } from '../support/cli.ts';
import { type Made, makePictures, newFolder, newPlace } from '../support/folders.ts';
import { python } from '../support/python.ts';
import { tinyModel } from '../unit/infra/onnx/tiny-model.ts';

const COUNT = 40;

function verdicts(out: string): unknown {
  const reader = openReader(out);
  try {
    return [...reader.decisions()].map(({ id, verdict, score, novelty, cluster, nearest, reasons }) => ({ id, verdict, score, novelty, cluster, nearest, reasons }));
  } finally {
    reader.close();
  }
}

describe('embeddings', { timeout: 120_000 }, () => {
  let made: Made;
  const place = newFolder();
  const [npy, parquet] = [join(place, 'all.npy'), join(place, 'all.parquet')];

  beforeAll(async () => {
    made = await makePictures(COUNT, { badEvery: 13 });
    for (const to of [npy, parquet]) {
      const ended = await sluice('embed', made.folder, '--to', to, '--json');
      expect(ended.code, ended.stderr).toBe(0);
      expect(JSON.parse(ended.stdout)).toMatchObject({ embedded: COUNT - made.bad.length, dead: made.bad.length, dimension: 256 });
      for (const name of made.bad) expect(ended.stderr).toContain(`not embedded: ${name}: `);
    }
  }, 120_000);

  test('go out as NumPy and pyarrow read them: unit rows, in the order of the source, with their ids', () => {
    const read = python(`
import sys, json, numpy as np, pyarrow.parquet as pq
a = np.load(sys.argv[1]); ids = [json.loads(l) for l in open(sys.argv[1][:-4] + '.ids.jsonl')]
t = pq.read_table(sys.argv[2])
b = np.array(t.column('embedding').to_pylist(), dtype=np.float32)
print(json.dumps([list(a.shape), str(a.dtype), bool(np.array_equal(a, b)), float(abs(np.linalg.norm(a, axis=1) - 1).max()), ids, t.column('id').to_pylist() == ids]))`, npy, parquet);
    const good = made.names.filter((name) => !made.bad.includes(name));
    expect(read).toEqual([[good.length, 256], 'float32', true, expect.closeTo(0, 4), good, true]);
  });

  test.each([['.npy', () => npy], ['.parquet', () => parquet]])('come in from %s, and decide as those of the model do', async (_, file) => {
    const [own, given] = [newPlace(), newPlace()];
    await curated(made.folder, own, { budget: 0.4 });
    expect(await curated(made.folder, given, { budget: 0.4, embeddings: file(), batch: 7 })).toMatchObject({ decided: COUNT - made.bad.length, dead: made.bad.length });
    expect(verdicts(given)).toEqual(verdicts(own));
    // What the one has made cannot go on with the other.
    await expect(curated(made.folder, given, { budget: 0.4 })).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_CHANGED', message: expect.stringContaining('model: given-d256#') as string });
    expect(await curated(made.folder, given, { budget: 0.4, embeddings: file() })).toMatchObject({ decided: COUNT - made.bad.length });
  });

  test('an item without one, and one without direction, is a dead letter; any length and dimension is taken', async () => {
    const file = join(newFolder(), 'few.npy');
    const writer = embeddingWriter(file, 4);
    const names = made.names.filter((name) => !made.bad.includes(name));
    writer.add(names.slice(1), names.slice(1).map((__, i) => (i === 0 ? Float32Array.of(0, 0, 0, 0) : i === 1 ? Float32Array.of(1, NaN, 0, 0) : Float32Array.of(3, i, 0.5, 1))));
    writer.finish();
    writer.close();
    const out = newPlace();
    expect(await curated(made.folder, out, { embeddings: file })).toMatchObject({ decided: names.length - 3, dead: made.bad.length + 3 });
    const reader = openReader(out);
    const dead = [...reader.dead()].filter(({ code }) => code === 'SLUICE_E_ROW_INVALID');
    const [first] = reader.decisions();
    const length = Math.hypot(...reader.embedding(first?.seq ?? -1));
    reader.close();
    // Bad files have no embedding either: the first thing that is wrong is told.
    expect(dead.map(({ cause }) => cause)).toEqual(expect.arrayContaining([expect.stringContaining(`none for the id "${names[0]}"`), expect.stringContaining('has no direction')]));
    expect(length).toBeCloseTo(1, 5);
  });

  test.each<[string, () => string, string]>([
    ['no ids', () => { const file = join(newFolder(), 'x.npy'); writeFileSync(file, readFileSync(npy)); return file; }, 'cannot be read'],
    ['other ids', () => { const file = join(newFolder(), 'x.npy'); writeFileSync(file, readFileSync(npy)); writeFileSync(file.replace('.npy', '.ids.jsonl'), '"a"\n"b"\n'); return file; }, 'ids'],
    ['twice the same', () => { const file = join(newFolder(), 'x.npy'); writeFileSync(file, readFileSync(npy)); writeFileSync(file.replace('.npy', '.ids.jsonl'), '"a"\n"a"\n'); return file; }, 'two rows for the id "a"'],
    ['cut short', () => { const file = join(newFolder(), 'x.npy'); writeFileSync(file, readFileSync(npy).subarray(0, 2000)); return file; }, 'cut short'],
    ['another kind', () => join(place, 'all.csv'), 'cannot be read'],
  ])('a file with %s is refused before anything starts', async (_, file, cause) => {
    await expect(curated(made.folder, newPlace(), { embeddings: file() })).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_INVALID', message: expect.stringContaining(cause) as string });
    await expect(openEmbeddings(file())).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_INVALID' });
  });

  test('options that cannot go together are told at once, and a file is of a kind that there is', async () => {
    const ended = await sluice('curate', made.folder, '--out', newPlace(), '--embeddings', npy, '--model', 'x.onnx', '--objects', '3');
    expect([ended.code, ended.stderr]).toEqual([78, expect.stringMatching(/--objects embeds crops[^]*give --model or --embeddings, not both/)]);
    const to = join(newFolder(), 'x.txt');
    expect(await sluice('embed', made.folder, '--to', to)).toMatchObject({ code: 2, stderr: expect.stringContaining('ends with .npy or .parquet') as string });
    expect(existsSync(to)).toBe(false);
  });

  test('a model of one’s own is described, recorded, and not mixed with another', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'tiny.onnx'), tinyModel({ input: 'x', type: 'float32', shape: ['n', 3, 'h', 'w'] }));
    const description = join(folder, 'tiny.yaml');
    writeFileSync(description, 'model: tiny.onnx\nsize: 64\nmean: [0.5, 0.5, 0.5]\nstd: [0.25, 0.25, 0.25]\n');
    const out = newPlace();
    const good = await sluice('curate', made.folder, '--out', out, '--model', description, '--json');
    expect(good.code, good.stderr).toBe(0);
    expect(JSON.parse(good.stdout)).toMatchObject({ decided: COUNT - made.bad.length });
    const reader = openReader(out);
    const config = reader.runs().at(-1)?.config;
    reader.close();
    expect(config?.model).toMatch(/^tiny\.onnx#[0-9a-f]{16}$/);
    const other = await sluice('curate', made.folder, '--out', out);
    expect([other.code, other.stderr]).toEqual([78, expect.stringContaining('model: tiny.onnx#')]);
    const misfit = await sluice('curate', made.folder, '--out', newPlace(), '--model', join(folder, 'tiny.onnx'));
    expect([misfit.code, misfit.stderr]).toEqual([1, expect.stringContaining('its input "x" is float32 [n, 3, h, w]')]);
    writeFileSync(description, 'model: tiny.onnx\nsize: big\nstd: [0, 1]\n');
    const bad = await sluice('curate', made.folder, '--out', newPlace(), '--model', description);
    expect([bad.code, bad.stderr]).toEqual([78, expect.stringMatching(/tiny\.yaml:2:7: [^]*tiny\.yaml:3:6: /)]);
  });
});
