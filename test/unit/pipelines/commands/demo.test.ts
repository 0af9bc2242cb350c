import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../../../infra/store/sqlite.ts';
import type { RunConfig } from '../../../../infra/store/types.ts';
import { demoCommand } from '../../../../pipelines/commands/demo.ts';
import { contentsOf } from '../../../support/cli.ts';
import { newFolder } from '../../../support/folders.ts';
import { RUN } from '../../../support/reader.ts';

/** A folder with a run from this source, of which nothing is decided yet, and its report. */
function madeFrom(source: string): string {
  const out = newFolder();
  const store = openStore(out);
  store.recordRun(0, { ...RUN, source } satisfies RunConfig);
  store.close();
  writeFileSync(join(out, 'report.html'), 'a report');
  return out;
}

function killedEarly(): string {
  const out = newFolder();
  for (const name of ['sluice.db', 'report.html']) writeFileSync(join(out, name), '');
  return out;
}

/** Runs the demo with a signal that stops it before its first item. */
const demo = (out: string): Promise<void> => demoCommand(out, AbortSignal.abort());

describe('demoCommand', () => {
  test('does not touch a folder with a run of another source', async () => {
    const out = madeFrom('folder:/somebody/elses');
    const before = contentsOf(out);
    await expect(demo(out)).rejects.toMatchObject({ code: 'SLUICE_E_USAGE', message: `${out} holds a run of another source (folder:/somebody/elses), which the demo would remove; give another --out` });
    expect(contentsOf(out)).toEqual(before);
    expect(existsSync(join(out, 'report.html'))).toBe(true);
  });

  test.for([
    ['wherever the project lay then', () => madeFrom('csv:/old/place/examples/demo/stream.csv')],
    ['also one that was killed at its very start', () => killedEarly()],
  ] as const)('begins an earlier demo anew, %s', async ([, made]) => {
    const out = made();
    await expect(demo(out)).rejects.toMatchObject({ code: 'SLUICE_E_INTERRUPTED' });
    expect(existsSync(join(out, 'report.html'))).toBe(false);
  });
});
