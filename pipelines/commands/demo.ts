/** `sluice demo`: the bundled stream, curated from the start, and what to do next. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMMAND } from '../../infra/command.ts';
import { lock } from '../../infra/store/lock.ts';
import { DATABASE } from '../../infra/store/schema.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { DEFAULT_POLICY } from '../config/policy.ts';
import { DEFAULT_WORKERS } from '../config/settings.ts';
import { curateSource } from '../embedded.ts';
import { interruption } from './interruption.ts';
import { printLines } from './printable.ts';
import { reading } from './read.ts';
import { reportOn } from './report.ts';
import { summaryLines } from './summary.ts';

const STREAM = fileURLToPath(new URL('../../examples/demo/stream.csv', import.meta.url));
/** What a run leaves in its folder: nothing else is ever removed. The lock stays, since it may be held. */
const OWN_FILES = ['sluice.db', 'sluice.db-wal', 'sluice.db-shm', 'report.html', 'projection.json'];

export async function demoCommand(out: string, signal = interruption()): Promise<void> {
  clear(out);
  const summary = await curateSource({
    source: STREAM,
    out,
    budget: 0.25,
    reveal: { when: 'all' },
    purpose: 'train',
    per: 'fleet',
    validationShare: 0,
    objects: 0,
    policy: DEFAULT_POLICY,
    seed: 0,
    batch: 64,
    workers: DEFAULT_WORKERS,
    change: false,
    retry: false,
    signal,
    say: process.stderr,
  });
  const report = await reportOn(out);
  printLines([
    `Sluice looked at a stream from five cameras and kept a quarter of it, in ${summary.seconds.toFixed(1)} s.`,
    ...reading(out, (reader) => summaryLines(reader)),
    '',
    `The report: ${report}`,
    '',
    'Next:',
    `  ${COMMAND} explain ${out} frames/000123.jpg`,
    `  ${COMMAND} export ${out} --format jsonl --to kept.jsonl`,
    `  ${COMMAND} curate FOLDER_OF_YOUR_IMAGES --out my-run --budget 0.25`,
  ]);
}

/** Removes an earlier demo, unless one is at work there; never somebody's own run. @throws SluiceError SLUICE_E_BUSY, SLUICE_E_USAGE */
function clear(out: string): void {
  if (!existsSync(join(out, DATABASE))) return;
  const held = lock(out);
  try {
    const other = sourcesIn(out).find((source) => !source.endsWith('/examples/demo/stream.csv'));
    if (other !== undefined) throw new SluiceError('SLUICE_E_USAGE', `${out} holds a run of another source (${other}), which the demo would remove; give another --out`);
    for (const name of OWN_FILES) rmSync(join(out, name), { force: true });
  } finally {
    held.release();
  }
}

/** Of all runs in a folder; none where the first one was killed at its very start. */
function sourcesIn(out: string): readonly string[] {
  try {
    return reading(out, (reader) => reader.runs().map(({ config }) => config.source));
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.code === 'SLUICE_E_NOT_FOUND') return [];
    throw thrown;
  }
}
