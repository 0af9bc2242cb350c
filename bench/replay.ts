/**
 * `npm run bench:replay [-- --items 100000 --most 60]`: how long it takes to decide a recorded stream again.
 *
 * A folder is filled with made-up items at a budget of a quarter, labelled and not, so that the memory grows to a fourth of them. Then `sluice replay` decides
 * the stream again: once with the settings on record, which must give the record, and once with other weights. Exit 1 where the slowest takes longer than the
 * bound, in seconds, from the first item to the last verdict; the whole command is printed beside it.
 */
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import sharp from 'sharp';

const { values } = parseArgs({ options: { items: { type: 'string', default: '100000' }, most: { type: 'string', default: '60' } } });
const [items, most] = [Number(values.items), Number(values.most)];
const place = mkdtempSync(join(tmpdir(), 'sluice-replay-'));
const CLI = fileURLToPath(new URL('../pipelines/cli.ts', import.meta.url));
const run = promisify(execFile);

interface Result {
  readonly seconds: number;
  readonly decided: number;
  readonly gained: number;
  readonly lost: number;
}

/** A folder as `curate` makes it, filled up. @returns the size of its memory */
async function fill(dir: string, labels: 'yes' | 'no'): Promise<number> {
  await run(process.execPath, [CLI, 'curate', join(place, 'pictures'), '--out', dir, '--no-report']);
  const filler = fork(fileURLToPath(new URL('restart-fill.ts', import.meta.url)), [dir, '0.25', labels], { execArgv: [] });
  const ended = once(filler, 'exit');
  let told = { items: 0, memory: 0 };
  filler.on('message', (message) => {
    told = message as typeof told;
    if (told.items >= items) filler.kill('SIGKILL');
  });
  await ended;
  if (told.items < items) throw new Error(`the folder was filled with ${told.items} items only`);
  return told.memory;
}

async function replay(dir: string, ...more: readonly string[]): Promise<Result & { readonly whole: number }> {
  const start = performance.now();
  const { stdout } = await run(process.execPath, [CLI, 'replay', dir, '--json', ...more], { maxBuffer: 2 ** 28 });
  return { ...(JSON.parse(stdout) as Result), whole: (performance.now() - start) / 1000 };
}

try {
  mkdirSync(join(place, 'pictures'));
  await sharp({ create: { width: 320, height: 240, channels: 3, background: 'grey' } }).jpeg().toFile(join(place, 'pictures', '0.jpg'));
  const policy = join(place, 'policy.yaml');
  writeFileSync(policy, 'weights: { novelty: 3, need: 0.5 }\n');
  let slowest = 0;
  for (const labels of ['no', 'yes'] as const) {
    const dir = join(place, labels);
    const memory = await fill(dir, labels);
    const shown = ['--reveal', labels === 'yes' ? 'all' : 'never'];
    const same = await replay(dir, ...shown);
    const other = await replay(dir, ...shown, '--policy', policy);
    slowest = Math.max(slowest, same.seconds, other.seconds);
    console.log(`${labels === 'yes' ? 'with' : 'without'} labels: ${same.decided} items, ${memory} of them in the memory: ${same.seconds.toFixed(1)} s as recorded (${same.gained + same.lost} verdicts differ), ${other.seconds.toFixed(1)} s with other weights (${other.gained + other.lost} differ); the whole command ${same.whole.toFixed(1)} and ${other.whole.toFixed(1)} s`);
    rmSync(dir, { recursive: true });
  }
  console.log(`ratio to the bound of ${most} s: ${(slowest / most).toFixed(2)}; ${availableParallelism()} cores`);
  if (slowest > most) {
    console.log('above the bound');
    process.exitCode = 1;
  }
} finally {
  rmSync(place, { recursive: true });
}
