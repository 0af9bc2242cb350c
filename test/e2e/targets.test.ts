/** Targets in the policy of a real run over pictures. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jsonLines, sluice } from '../support/cli.ts';
import { makePictures, newFolder, newPlace, writeCsv } from '../support/folders.ts';

test('a target of the policy is served, and the summary and the report say what is still short', { timeout: 120_000 }, async () => {
  const { folder, names } = await makePictures(400);
  // At irregular places: in a short stream the budget gives a token every few items, and who comes just after one was spent gets none.
  const manifest = join(newFolder(), 'stream.csv');
  writeCsv([['path', 'stream'], ...names.map((name, i) => [name, (i * 0.754_877) % 1 < 0.2 ? 'gate' : 'yard'])], manifest);
  const policy = join(newFolder(), 'policy.yaml');
  writeFileSync(policy, 'targets:\n  - {stream: gate, share: 0.5}\n  - {class: unicorn, count: 3}\n');

  const gates = async (...flags: readonly string[]): Promise<{ stderr: string; out: string; gate: number; all: number }> => {
    const out = newPlace();
    const { code, stderr } = await sluice('curate', manifest, '--root', folder, '--out', out, ...flags);
    expect(code, stderr).toBe(0);
    const kept = jsonLines((await sluice('export', out, '--format', 'jsonl', '--to', '-')).stdout);
    return { stderr, out, gate: kept.filter(({ stream }) => stream === 'gate').length, all: kept.length };
  };
  const [plain, served] = [await gates(), await gates('--policy', policy)];
  expect(plain.stderr).not.toContain('Targets still short');
  expect(served.gate).toBeGreaterThan(plain.gate + 3);
  expect(served.all).toBeLessThanOrEqual(0.26 * 400);
  expect(served.stderr).toMatch(/\nTargets still short\n(.*\n)*\s+0 of 3: class unicorn\n/);
  expect(readFileSync(join(served.out, 'report.html'), 'utf8')).toMatch(/class="targets">Still short of .*class <b>unicorn<\/b>, 0 of 3 kept/);
});
