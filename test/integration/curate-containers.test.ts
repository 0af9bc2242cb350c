/** Images that lie inside shards of WebDataset and in Parquet, through the whole pipeline. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import type { StoredDecision } from '../../infra/store/types.ts';
import { turnVerdicts } from '../../pipelines/rescue.ts';
import { curated, sluice } from '../support/cli.ts';
import { kindOf, makePictures, newFolder, newPlace, writeLabels } from '../support/folders.ts';
import { python } from '../support/python.ts';

const COUNT = 36;

function decisions(out: string): readonly StoredDecision[] {
  const reader = openReader(out);
  try {
    return [...reader.decisions()];
  } finally {
    reader.close();
  }
}

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('images in containers', { timeout: 120_000 }, () => {
  test.each([
    ['shards', 'set.tar', `
with tarfile.open(out, 'w') as t:
  for name in names:
    t.add(os.path.join(folder, name), name)
    label = labels[name].encode(); info = tarfile.TarInfo(name[:-4] + '.cls'); info.size = len(label); t.addfile(info, io.BytesIO(label))`],
    ['Parquet', 'set.parquet', `
pq.write_table(pa.table({'image': [{'bytes': open(os.path.join(folder, n), 'rb').read(), 'path': n} for n in names], 'label': [labels[n] for n in names]}), out, row_group_size=10)`],
  ])('%s: decided as files are, kept when they are admitted, gone on with, known again and rescued', async (_, file, write) => {
    const { folder, names } = await makePictures(COUNT);
    const place = join(newFolder(), file);
    python(`
import sys, os, io, json, tarfile
import pyarrow as pa, pyarrow.parquet as pq
folder, out, names, labels = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), json.loads(sys.argv[4])
${write}
print('1')`, folder, place, JSON.stringify(names), JSON.stringify(Object.fromEntries(names.map((name, i) => [name, kindOf(i)]))));
    const [out, plain] = [newPlace(), newPlace()];
    const settings = { budget: 0.4, batch: 8 };
    expect(await curated(place, out, settings)).toMatchObject({ decided: COUNT, dead: 0, embedded: COUNT });
    const found = decisions(out);
    const admitted = found.filter(({ verdict }) => verdict === 'admit');
    expect(admitted.length).toBeGreaterThan(8);
    for (const { uri, digest } of admitted) expect([uri, sha256(uri)]).toEqual([join(out, 'media', digest.slice(0, 2), `${digest}.jpg`), digest]);
    expect(found.map(({ label }) => label)).toEqual(names.map((__, i) => kindOf(i)));
    // The very pictures, in their order.
    await curated(folder, plain, { ...settings, labels: writeLabels(names) });
    expect(found.map(({ digest }) => digest)).toEqual(decisions(plain).map(({ digest }) => digest));
    expect(await curated(place, out, settings)).toMatchObject({ resumed_from: COUNT, embedded: 0, decided: COUNT });
    expect(await curated(place, newPlace(), { ...settings, known: place, budget: 1 })).toMatchObject({ decided: COUNT, admitted: 0 });
    const rejected = found.find(({ verdict }) => verdict === 'reject');
    expect(await turnVerdicts(out, [rejected?.id ?? ''], 'admit')).toMatchObject({ turned: 1, copied: 1, lost: [] });
    const rescued = decisions(out).find(({ id }) => id === rejected?.id);
    expect(sha256(rescued?.uri ?? '')).toBe(rejected?.digest);
    // Into a folder of images by class: the files that were kept.
    const to = newPlace();
    expect((await sluice('export', out, '--format', 'class-folders', '--to', to, '--media', 'copy')).code).toBe(0);
    expect(readFileSync(join(to, 'README.md'), 'utf8')).toContain(`${admitted.length + 1} images`);
  });
});
