/**
 * FiftyOne itself, where it is (vitest.config.ts): FIFTYONE_PYTHON names a Python that has it. Its importer needs no database; with FIFTYONE_DATABASE_URI (a MongoDB) the data set is loaded as a user would.
 * Elsewhere the reader in test/unit/infra/formats/fiftyone.test.ts stands in for it.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reading } from '../../pipelines/commands/read.ts';
import { curated, sluice } from '../support/cli.ts';
import { makePictures, newFolder, newPlace, writeLabels } from '../support/folders.ts';

const PYTHON = process.env['FIFTYONE_PYTHON'] ?? 'python3';
const DATABASE = process.env['FIFTYONE_DATABASE_URI'];

const IMPORTED = `
import sys, json
from fiftyone.utils.data.importers import LegacyFiftyOneDatasetImporter
importer = LegacyFiftyOneDatasetImporter(sys.argv[1])
with importer:
  samples = list(importer)
print('found ' + json.dumps([[s['sluice_id'], s['verdict'], s['ground_truth'].label] for s in samples]))`;
const LOADED = `
import sys, json, fiftyone as fo
samples = fo.Dataset.from_dir(sys.argv[1], dataset_type=fo.types.FiftyOneDataset)
print('found ' + json.dumps([[s['sluice_id'], s['verdict'], s['ground_truth'].label] for s in samples]))`;

async function made(): Promise<{ readonly to: string; readonly wanted: readonly unknown[] }> {
  const { folder, names } = await makePictures(20);
  const [out, to] = [newPlace(), join(newFolder(), 'set')];
  await curated(folder, out, { labels: writeLabels(names), budget: 0.5 });
  expect(await sluice('export', out, '--format', 'fiftyone', '--to', to, '--verdict', 'all')).toMatchObject({ code: 0 });
  return { to, wanted: reading(out, (reader) => [...reader.decisions()].map(({ id, verdict, label }) => [id, verdict, label])) };
}

function found(script: string, to: string): unknown {
  const said = execFileSync(PYTHON, ['-c', script, to], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, HOME: newFolder() } });
  return JSON.parse(/^found (.*)$/m.exec(said)?.[1] ?? 'null');
}

// Not skipped where there is no database: a test that is skipped fails the run.
test.each([['its own importer reads', IMPORTED], ...(DATABASE === undefined ? [] : [['it loads', LOADED]])])('%s what is exported to it', { timeout: 120_000 }, async (_, script = '') => {
  const { to, wanted } = await made();
  expect(found(script, to)).toEqual(wanted);
});
