/** A budget for each stream on the embedded host, with the real parts. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import { curated } from '../support/cli.ts';
import { makePictures, newPlace, writeCsv } from '../support/folders.ts';

const COUNT = 120;

test('curate --budget-per stream: each stream is held to the share by itself, and the choice belongs to the folder', { timeout: 120_000 }, async () => {
  const made = await makePictures(COUNT);
  // Two of three pictures are of the gate.
  const csv = writeCsv([['path', 'stream'], ...made.names.map((name, i) => [name, i % 3 === 0 ? 'yard' : 'gate'])], join(made.folder, 'list.csv'));
  const out = newPlace();
  await curated(csv, out, { budget: 0.3, per: 'stream' });
  const reader = openReader(out);
  const admitted = [...reader.decisions('admit')];
  expect(reader.runs()[0]?.config.per).toBe('stream');
  reader.close();
  const of = (stream: string): number => admitted.filter((decision) => decision.stream === stream).length;
  // A bucket of its own gives each the first of its pictures, and at most its share and one after it.
  for (const [stream, count] of [['yard', 40], ['gate', 80]] as const) {
    expect(of(stream)).toBeLessThanOrEqual(0.31 * count + 1);
    expect(of(stream)).toBeGreaterThanOrEqual(0.75 * 0.3 * count - 1);
  }
  expect(admitted.filter(({ seq }) => seq < 2).map(({ stream }) => stream)).toEqual(['yard', 'gate']);
  await expect(curated(csv, out, { budget: 0.3 })).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_CHANGED', message: expect.stringContaining('budget-per: stream -> fleet') as string });
});
