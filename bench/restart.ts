/**
 * `npm run bench:restart [-- --items 100000 --most 5]`: how long a run takes to be at work again after it was killed.
 *
 * A folder's memory is filled with made-up items (all are admitted), and the process that does so is killed with SIGKILL. Then the folder is gone on with,
 * with one further picture: a new process brings up the model, takes up the state, fills the index, decides the picture, and writes it.
 * Beside it the same for a new folder, in turn. Exit 1 where the slowest of three takes longer than the bound, in seconds.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';

const { values } = parseArgs({ options: { items: { type: 'string', default: '100000' }, most: { type: 'string', default: '5' } } });
const RUNS = 3;
const place = mkdtempSync(join(tmpdir(), 'sluice-restart-'));
const pictures = join(place, 'pictures');
const out = join(place, 'out');
mkdirSync(pictures);
let painted = 0;

/** Another picture each time: noise, larger than the model's square. */
async function paint(): Promise<void> {
  painted += 1;
  const noise = { type: 'gaussian', mean: 40 + 10 * painted, sigma: 30 } as const;
  await sharp({ create: { width: 320, height: 240, channels: 3, background: 'black', noise } }).jpeg().toFile(join(pictures, `${String(painted).padStart(3, '0')}.jpg`));
}

/** @returns seconds from the start of its process to where all is committed */
async function curate(dir: string): Promise<number> {
  const start = performance.now();
  const child = fork(fileURLToPath(new URL('restart-again.ts', import.meta.url)), [pictures, dir], { execArgv: [] });
  const ended = once(child, 'exit');
  const done = once(child, 'message').then(() => (performance.now() - start) / 1000);
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`the run ended with ${code}`);
  return await done;
}

try {
  await paint();
  await curate(out);
  const filler = fork(fileURLToPath(new URL('restart-fill.ts', import.meta.url)), [out], { execArgv: [] });
  const ended = once(filler, 'exit');
  let held = 0;
  filler.on('message', (told) => {
    held = (told as { readonly memory: number }).memory;
    if (held >= Number(values.items)) filler.kill('SIGKILL');
  });
  await ended;
  if (held < Number(values.items)) throw new Error(`the memory was filled with ${held} items only`);
  const [again, fresh]: [number[], number[]] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    await paint();
    again.push(await curate(out));
    fresh.push(await curate(join(place, `new-${run}`)));
  }
  const slowest = Math.max(...again);
  const shown = (seconds: readonly number[]): string => seconds.map((each) => each.toFixed(2)).join(', ');
  console.log(`at work again with ${held} items in the memory: ${shown(again)} s (the first after a kill), a new folder ${shown(fresh)} s; ratio to the bound of ${values.most} s: ${(slowest / Number(values.most)).toFixed(2)}; ${availableParallelism()} cores`);
  if (slowest > Number(values.most)) {
    console.log('above the bound');
    process.exitCode = 1;
  }
} finally {
  rmSync(place, { recursive: true });
}
