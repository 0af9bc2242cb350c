import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportTo } from '../../../../infra/sinks/export.ts';
import { formats } from '../../../../infra/sinks/formats.ts';
import { writeFile } from '../../../../infra/sinks/output.ts';
import { codeOf, temporaryFolder, withoutRoot } from '../store/world.ts';
import { outcome, storedReader } from './made.ts';

test('only what is asked for is written, and counted', async () => {
  const reader = storedReader({ items: [{ verdict: 'admit' }, { verdict: 'reject' }, { verdict: 'reject' }] });
  const dir = temporaryFolder();
  const lines = async (verdict: 'admit' | 'reject' | 'all'): Promise<unknown[]> => {
    const to = join(dir, `deep/er/${verdict}`);
    const count = await exportTo(reader, { format: 'jsonl', to, verdict });
    return [count, ...readFileSync(to, 'utf8').trimEnd().split('\n').map((line) => (JSON.parse(line) as { seq: number }).seq)];
  };
  expect([await lines('admit'), await lines('reject'), await lines('all')]).toEqual([[1, 0], [2, 1, 2], [3, 0, 1, 2]]);
});

test('an unknown format is told of with those there are', async () => {
  const reader = storedReader({ items: [] });
  expect(await outcome(reader, 'tfrecord', join(temporaryFolder(), 'x'))).toBe('SLUICE_E_USAGE');
  await expect(exportTo(reader, { format: 'tfrecord', to: '-', verdict: 'all' })).rejects.toThrow(`There is no format "tfrecord"; there are ${[...formats.keys()].join(', ')}.`);
  for (const { summary } of formats.values()) expect(summary).toMatch(/--to (FILE|FOLDER)/);
});

test('a file is replaced whole or stays as it was, and no scraps are left', () => {
  const dir = temporaryFolder();
  const path = join(dir, 'x.jsonl');
  writeFile(path, ['old']);
  const failing = function* (): Generator<string> {
    yield 'n'.repeat(300_000);
    // Half of it is on the disk by now, under another name.
    expect(readdirSync(dir).length).toBe(2);
    expect(readFileSync(path, 'utf8')).toBe('old');
    throw new Error('in the middle');
  };
  expect(codeOf(() => writeFile(path, failing()))).toBe('SLUICE_E_INTERNAL');
  expect([readdirSync(dir), readFileSync(path, 'utf8')]).toEqual([['x.jsonl'], 'old']);
  writeFile(path, ['new', ' text']);
  expect([readdirSync(dir), readFileSync(path, 'utf8')]).toEqual([['x.jsonl'], 'new text']);
});

test('large and wide texts are written to the last byte', () => {
  const path = join(temporaryFolder(), 'x');
  const piece = 'é€😀'.repeat(50_000);
  writeFile(path, [piece, piece, 'end']);
  expect(readFileSync(path, 'utf8') === `${piece}${piece}end`).toBe(true);
});

test('a link is followed, a pipe is written through and stays a pipe', () => {
  const dir = temporaryFolder();
  writeFileSync(join(dir, 'real'), 'old');
  symlinkSync('real', join(dir, 'link'));
  writeFile(join(dir, 'link'), ['new']);
  expect([lstatSync(join(dir, 'link')).isSymbolicLink(), readFileSync(join(dir, 'real'), 'utf8')]).toEqual([true, 'new']);
  expect(sh(`${command(dir, 'jsonl', '/dev/stdout')} | wc -l`, dir).stdout).toBe('3000\n');
  sh('mkfifo pipe', dir);
  expect(sh(`wc -l <pipe & ${command(dir, 'jsonl', join(dir, 'pipe'))}; wait`, dir).stdout).toBe('3000\n');
  expect(statSync(join(dir, 'pipe')).isFIFO()).toBe(true);
});

test('places that cannot be written are told of', async () => {
  const dir = temporaryFolder();
  mkdirSync(join(dir, 'folder'));
  writeFileSync(join(dir, 'file'), 'x');
  const reader = storedReader({ items: [{ label: [] }] });
  expect(await outcome(reader, 'jsonl', join(dir, 'folder'))).toBe('SLUICE_E_USAGE');
  expect(await outcome(reader, 'jsonl', join(dir, 'file', 'x'))).toBe('SLUICE_E_NOT_WRITABLE');
  expect(await outcome(reader, 'coco', join(dir, 'file'))).toBe('SLUICE_E_USAGE');
  expect(withoutRoot(() => codeOf(() => writeFile('/sluice-of-nobody', ['x'])))).toBe('SLUICE_E_NOT_WRITABLE');
  expect(readFileSync(join(dir, 'file'), 'utf8')).toBe('x');
});

test('an export never overwrites the run it reads', async () => {
  const reader = storedReader({ items: [{}] });
  const link = join(temporaryFolder(), 'link');
  symlinkSync(join(reader.dir, 'sluice.db'), link);
  for (const to of [join(reader.dir, 'sluice.db'), join(reader.dir, '.lock'), link]) expect(await outcome(reader, 'jsonl', to)).toBe('SLUICE_E_USAGE');
  expect(await outcome(reader, 'jsonl', join(reader.dir, 'all.jsonl'))).toBe(1);
});

/** The export in a process of its own. */
function command(dir: string, format: string, to: string): string {
  if (!existsSync(join(dir, 'run'))) readerInto(dir);
  const code = [
    `import { openReader } from '${module('store/reader.ts')}';`,
    `import { exportTo } from '${module('sinks/export.ts')}';`,
    `const n = await exportTo(openReader('${dir}/run'), { format: '${format}', to: '${to}', verdict: 'all' }).catch((e) => { console.error(e.code); process.exitCode = 3; });`,
    `console.error('wrote ' + n);`,
  ].join('\n');
  writeFileSync(join(dir, 'export.mts'), code);
  return `${process.execPath} --disable-warning=ExperimentalWarning ${join(dir, 'export.mts')}`;
}

function readerInto(dir: string): void {
  const reader = storedReader({ items: Array.from({ length: 3000 }, () => ({})) });
  symlinkSync(reader.dir, join(dir, 'run'));
}

function module(path: string): string {
  return join(import.meta.dirname, '../../../../infra', path);
}

function sh(script: string, cwd: string) {
  return spawnSync('bash', ['-c', `set -o pipefail; ${script}`], { cwd, encoding: 'utf8' });
}

test('- is standard output: whole through a pipe, a good end where the reader goes away, an error where its disk is full', () => {
  const dir = temporaryFolder();
  const line = command(dir, 'jsonl', '-');
  expect(sh(`${line} | wc -l`, dir)).toMatchObject({ stdout: '3000\n', stderr: 'wrote 3000\n', status: 0 });
  expect(sh(`${line} | head -n 1 | wc -l`, dir)).toMatchObject({ stdout: '1\n', stderr: 'wrote 3000\n', status: 0 });
  expect(sh(`${line} >/dev/full`, dir)).toMatchObject({ stderr: 'SLUICE_E_DISK_FULL\nwrote undefined\n', status: 3 });
});

test('a folder of files cannot go to standard output', async () => {
  expect(await outcome(storedReader({ items: [] }), 'yolo', '-')).toBe('SLUICE_E_USAGE');
});
