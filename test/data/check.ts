/**
 * `npm run check:data -- DIR`: what needs the data sets, which are not in the repository. DIR holds imagenette-lt.tar, coco-mini.tar and hostile-sample.tar.
 * A line for each check with its figure; ends with one line of counts. The throughput is measured and printed, and decides nothing.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { auroc } from '../../bench/quality/ranking.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const data = resolve(process.argv[2] ?? '');
const work = mkdtempSync(join(tmpdir(), 'sluice-data-'));

interface Row {
  readonly seq: number;
  readonly id: string;
  readonly verdict: string;
  readonly label: unknown;
  readonly suspicion: number | null;
}

async function unpack(name: string): Promise<string> {
  const tar = join(data, `${name}.tar`);
  if (!existsSync(tar)) throw new Error(`${tar} is not there`);
  await run('tar', ['xf', tar, '-C', work]);
  return join(work, name);
}

async function sluice(...words: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [join(root, 'pipelines/cli.ts'), ...words], { cwd: root, maxBuffer: 2 ** 28 });
  return stdout;
}

async function rows(dir: string): Promise<readonly Row[]> {
  const text = await sluice('export', dir, '--format', 'jsonl', '--verdict', 'all', '--to', '-');
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Row);
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

const CHECKS: Readonly<Record<string, () => Promise<readonly [boolean, string]>>> = {
  async 'a quarter of imagenette-lt'() {
    const out = join(work, 'quarter');
    await sluice('curate', join(await unpack('imagenette-lt'), 'train'), '--budget', '0.25', '--out', out);
    const all = await rows(out);
    const admitted = all.filter(({ verdict }) => verdict === 'admit').length;
    const share = admitted / all.length;
    return [all.length === 2482 && share >= 0.24 && share <= 0.26, `${admitted} of ${all.length} admitted; report ${(statSync(join(out, 'report.html')).size / 2 ** 20).toFixed(1)} MB`];
  },
  async 'wrong labels stand out (5 % wrong)'() {
    const folder = await unpack('imagenette-lt');
    const [, ...lines] = readFileSync(join(folder, 'labels.csv'), 'utf8').trim().split('\n');
    const table = lines.map((line) => line.split(',')).filter((cells) => cells[4] === 'train');
    const manifest = join(folder, 'noisy.csv');
    writeFileSync(manifest, ['path,label', ...table.map(([path, , noisy]) => `${path},${noisy}`)].join('\n'));
    const out = join(work, 'noisy');
    await sluice('curate', manifest, '--reveal', 'all', '--out', out, '--no-report');
    const truth = new Map(table.map(([path, name]) => [path, name]));
    const figure = auroc((await rows(out)).map(({ id, label, suspicion }) => ({ suspicion: suspicion ?? NaN, wrong: truth.get(id) !== label })));
    return [figure >= 0.97, `AUROC of suspicion, given before the label is learned: ${figure.toFixed(3)}`];
  },
  async 'the same decisions for batches of 5 and 64'() {
    const source = join(await unpack('imagenette-lt'), 'test');
    const decided: string[] = [];
    for (const batch of ['5', '64']) {
      const out = join(work, `batch-${batch}`);
      await sluice('curate', source, '--budget', '0.3', '--batch', batch, '--out', out, '--no-report');
      decided.push(JSON.stringify(await rows(out)));
    }
    return [decided[0] === decided[1], `${(JSON.parse(decided[0] ?? '[]') as unknown[]).length} decisions`];
  },
  async 'every hostile file has a verdict or a dead letter with a cause'() {
    const folder = await unpack('hostile-sample');
    const files = filesBelow(folder);
    const manifest = join(work, 'hostile.csv');
    writeFileSync(manifest, ['path', ...files.map((file) => quoted(`hostile-sample/${file}`))].join('\n'));
    const out = join(work, 'hostile');
    await sluice('curate', manifest, '--budget', '0.5', '--out', out);
    const verdicts = (await rows(out)).length;
    const dead = (await sluice('dead', out, '--json')).split('\n').filter(Boolean).map((line) => JSON.parse(line) as { cause: string });
    return [verdicts + dead.length === files.length && dead.every(({ cause }) => cause !== ''), `${files.length} files: ${verdicts} verdicts, ${dead.length} dead letters`];
  },
  async 'COCO in, COCO out'() {
    const folder = await unpack('coco-mini');
    const file = join(folder, 'annotations/instances_val2017.json');
    const out = join(work, 'coco');
    await sluice('curate', file, '--root', join(folder, 'val2017'), '--budget', '0.4', '--out', out, '--no-report');
    await sluice('export', out, '--format', 'coco', '--verdict', 'all', '--to', join(work, 'coco-out'));
    const annotations = (path: string): string => {
      const parsed = JSON.parse(readFileSync(path, 'utf8')) as { annotations: { id: number }[] };
      return JSON.stringify(parsed.annotations.sort((a, b) => a.id - b.id));
    };
    return [annotations(file) === annotations(join(work, 'coco-out/annotations/instances.json')), 'all annotations come back'];
  },
};

let failed = 0;
for (const [name, check] of Object.entries(CHECKS)) {
  try {
    const [good, figure] = await check();
    failed += good ? 0 : 1;
    console.log(`${good ? 'ok  ' : 'FAIL'} ${name}: ${figure}`);
  } catch (thrown) {
    failed += 1;
    console.log(`FAIL ${name}: ${String(thrown).slice(0, 2000)}`);
  }
}
const bench = await run(process.execPath, [join(root, 'bench/throughput.ts'), join(work, 'imagenette-lt/train')], { cwd: root }).catch((thrown: unknown) => ({ stdout: `the bench failed: ${String(thrown)}` }));
console.log(bench.stdout.trim());
rmSync(work, { recursive: true });
console.log(`${Object.keys(CHECKS).length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
