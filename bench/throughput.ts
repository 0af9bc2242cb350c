/**
 * `npm run bench -- FOLDER [--runs 3] [--workers N]`: decode and embed alone (a) against the whole of `curate` (b), each in fresh processes, in turn;
 * prints the median of b/a, and the peak memory of the process tree of (b).
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string', default: '3' }, workers: { type: 'string', default: '2' }, least: { type: 'string', default: '0' } } });
const [folder] = positionals;
if (folder === undefined) {
  process.stderr.write('usage: npm run bench -- FOLDER_OF_IMAGES [--runs 3] [--workers 2] [--least 0.9]\n');
  process.exit(2);
}
const root = fileURLToPath(new URL('..', import.meta.url));

interface Run {
  readonly images: number;
  readonly seconds: number;
  readonly peakMegabytes: number;
}

async function embedAlone(): Promise<Run> {
  const { output, peakMegabytes } = await measured([join(root, 'bench/throughput-embed.ts'), folder as string, values.workers]);
  return { ...(JSON.parse(output) as { images: number; seconds: number }), peakMegabytes };
}

async function curate(): Promise<Run> {
  const out = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  try {
    const { output, peakMegabytes } = await measured([join(root, 'pipelines/cli.ts'), 'curate', folder as string, '--out', out, '--workers', values.workers, '--no-report', '--json']);
    const { decided, dead, seconds } = JSON.parse(output) as { decided: number; dead: number; seconds: number };
    return { images: decided + dead, seconds, peakMegabytes };
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** Runs a script of the project in a process of its own and watches the memory of its process tree. */
async function measured(script: readonly string[]): Promise<{ output: string; peakMegabytes: number }> {
  const child = spawn(process.execPath, script, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let complaint = '';
  let peakMegabytes = 0;
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const watch = setInterval(() => (peakMegabytes = Math.max(peakMegabytes, treeMegabytes(child.pid ?? 0))), 200);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`${script.join(' ')} ended with ${String(code)}:\n${complaint}`);
  return { output, peakMegabytes };
}

/** Resident memory of a process and its descendants; 0 where there is no /proc. */
function treeMegabytes(pid: number): number {
  try {
    const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean));
    return kilobytes / 1024 + children.reduce((sum, child) => sum + treeMegabytes(Number(child)), 0);
  } catch {
    return 0;
  }
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}

const ratios: number[] = [];
let peak = 0;
for (let run = 0; run < Number(values.runs); run++) {
  const a = await embedAlone();
  const b = await curate();
  if (a.images !== b.images) throw new Error(`decode + embed saw ${a.images} images, curate ${b.images}`);
  const [rateA, rateB] = [a.images / a.seconds, b.images / b.seconds];
  ratios.push(rateB / rateA);
  peak = Math.max(peak, b.peakMegabytes);
  console.log(`run ${run + 1}: ${a.images} images, decode + embed ${rateA.toFixed(0)}/s, curate ${rateB.toFixed(0)}/s, ratio ${(rateB / rateA).toFixed(3)}`);
}
const ratio = median(ratios);
console.log(`median ratio curate / (decode + embed): ${ratio.toFixed(3)}; peak memory of curate: ${peak.toFixed(0)} MB; ${values.workers} workers, ${availableParallelism()} cores`);
if (!(ratio >= Number(values.least))) {
  console.log(`below the bound of ${values.least}`);
  process.exitCode = 1;
}
