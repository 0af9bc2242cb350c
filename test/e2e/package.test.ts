/** Sluice as a package: packed, installed into a clean folder without install scripts, set up there, and run from dist/ on the oldest Node it takes and on its own. */
import { execFile, type ExecFileException } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { jsonLines } from '../support/cli.ts';
import { newFolder } from '../support/folders.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OLDEST = '22.15.0';
const QUIET = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];

function run(command: string, args: readonly string[], cwd: string): Promise<{ code: number; stdout: string; stderr: string }> {
  // As in a user's shell: nothing of this project is on the way.
  const path = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.startsWith(ROOT));
  const env = { ...process.env, PATH: [dirname(process.execPath), ...path].join(':') };
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, maxBuffer: 2 ** 26 }, (error: ExecFileException | null, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }));
  });
}

describe('the package', { timeout: 400_000 }, () => {
  const app = newFolder();
  const [sluice, nodeOf] = [join(app, 'node_modules/sluice/dist/pipelines/cli.js'), (version: string) => (version === OLDEST ? join(app, 'node_modules/oldest-node/bin/node') : process.execPath)];

  beforeAll(async () => {
    const built = await run(process.execPath, [join(ROOT, 'infra/build.mjs')], ROOT);
    expect(built.code, built.stdout).toBe(0);
    const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', app], ROOT);
    expect(packed.code, packed.stderr).toBe(0);
    const [{ filename, files }] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['dist/operators/index.js', 'dist/operators/index.d.ts', 'dist/pipelines/cli.js', 'dist/models/efficientnet-lite0-256-int8.onnx', 'LICENSE', 'README.md']));
    expect(paths.filter((path) => /^(test|bench|node_modules)\/|\.env|(?<!\.d)\.ts$/.test(path))).toEqual([]);
    writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', version: '1.0.0', private: true, type: 'module' }));
    const oldest = `oldest-node@npm:node-${process.platform}-${process.arch}@${OLDEST}`;
    const installed = await run('npm', ['install', ...QUIET, join(app, filename), oldest], app);
    expect(installed.code, installed.stderr).toBe(0);
    const setUp = await run('npx', ['--no-install', 'sluice', 'setup'], app);
    expect(setUp, setUp.stderr).toMatchObject({ code: 0 });
    expect(setUp.stderr).toContain('all is there');
  }, 400_000);

  test.each([OLDEST, process.versions.node])('curates the demo stream on Node %s', async (version) => {
    const out = join(app, `out-${version}`);
    const ended = await run(nodeOf(version), [sluice, 'curate', join(app, 'node_modules/sluice/dist/examples/demo/stream.csv'), '--out', out, '--json'], app);
    expect(ended.code, ended.stderr).toBe(0);
    const [summary] = jsonLines(ended.stdout);
    expect(Number(summary?.['decided']) + Number(summary?.['dead'])).toBe(1918);
    expect(Math.abs(Number(summary?.['admitted']) / 1918 - 0.25)).toBeLessThan(0.01);
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('</html>');
  });

  test('gives the same verdicts for the same reasons on both', async () => {
    const runs = await Promise.all([OLDEST, process.versions.node].map(async (version) => await run(process.execPath, [sluice, 'export', join(app, `out-${version}`), '--format', 'jsonl', '--verdict', 'all', '--to', '-'], app)));
    // The engine's logarithms are those of V8, and the last digit of one may differ between its versions.
    const [oldest = [], own = []] = runs.map(({ stdout }) => jsonLines(stdout).map(({ id, verdict, reasons }) => [id, verdict, (reasons as { code: string }[])[0]?.code].join(' ')));
    expect(oldest.length).toBeGreaterThan(1900);
    expect(own.filter((line, i) => line !== oldest[i])).toEqual([]);
  });

  test.each([OLDEST, process.versions.node])('makes a version, exports it and knows its data set again on Node %s', async (version) => {
    const photos = join(app, `known-${version}`);
    mkdirSync(photos);
    const frames = join(ROOT, 'examples/demo/frames');
    for (const name of readdirSync(frames).slice(0, 12)) copyFileSync(join(frames, name), join(photos, name));
    const out = join(app, `out-${version}`);
    const sluiceIn = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => await run(nodeOf(version), [sluice, ...args], app);
    expect(await sluiceIn('version', out, 'first')).toMatchObject({ code: 0 });
    const exported = await sluiceIn('export', out, '--format', 'jsonl', '--version', 'first', '--to', '-');
    expect(exported.code, exported.stderr).toBe(0);
    expect(jsonLines(exported.stdout).length).toBeGreaterThan(400);
    const again = await sluiceIn('curate', photos, '--known', photos, '--out', join(app, `again-${version}`), '--json');
    expect(again.code, again.stderr).toBe(0);
    expect(jsonLines(again.stdout)[0]).toMatchObject({ decided: 12, admitted: 0 });
  });

  test("has operators for a pipeline of one's own: the example of the documents runs and is typed", async () => {
    mkdirSync(join(app, 'photos'));
    const frames = join(ROOT, 'examples/demo/frames');
    for (const name of readdirSync(frames).slice(0, 80)) copyFileSync(join(frames, name), join(app, 'photos', name));
    cpSync(join(ROOT, 'examples/library/curate.ts'), join(app, 'curate.ts'));
    const ended = await run(process.execPath, ['curate.ts', 'photos'], app);
    expect(ended.code, ended.stderr).toBe(0);
    const verdicts = ended.stdout.trim().split('\n').map((line) => line.split(' ')[0]);
    expect(verdicts.length).toBe(80);
    expect(verdicts.filter((verdict) => verdict === 'admit').length).toBe(20);
    const compiler = [join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types'), 'curate.ts'];
    expect(await run(process.execPath, compiler, app)).toMatchObject({ code: 0, stdout: '' });
  });
});
