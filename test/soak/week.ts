/**
 * `npm run test:week [-- --days 7 --minutes 10]`: `sluice run` over three cameras as a service for a week, with the clock of the machine running ahead so that it takes minutes.
 *
 * Cameras are motion JPEG over HTTP, each an ffmpeg of its own, with scenes that change, come back and are lit by the hour. What is kept is a day. It is killed once in the second
 * day and started again. From the third day on all that is bounded is full: what grows then is a leak. Exit 1 where a bound is broken.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openReader } from '../../infra/store/reader.ts';
import { openScenes } from './scenes.ts';

const { values } = parseArgs({ options: { days: { type: 'string', default: '7' }, minutes: { type: 'string', default: '10' } } });
const [DAYS, MINUTES] = [Number(values.days), Number(values.minutes)];
const CAMERAS = ['gate', 'yard', 'dock'];
const DAY = 86_400_000;
const SPEED = (DAYS * DAY) / (MINUTES * 60_000);
/** From here on, in days, nothing that is bounded may grow. */
const FULL = 2;
/** Of the median: what a fitted line may rise from there to the end, of memory and of the folder. */
const [MEMORY_RISE, FOLDER_RISE] = [0.05, 0.1];
const LOOK_MS = 1000;

interface Look {
  readonly day: number;
  readonly rss: number;
  readonly folder: number;
  readonly children: number;
}

const place = mkdtempSync(join(tmpdir(), 'sluice-week-'));
const [file, out, clock, log] = ['cameras.yaml', 'out', 'clock', 'log'].map((name) => join(place, name)) as [string, string, string, string];
const began = Date.now();
const day = (): number => ((Date.now() - began) * SPEED) / DAY;
/** How far the clock is ahead by now; see shifted-clock.ts. */
function setClock(): void {
  writeFileSync(`${clock}.new`, String((Date.now() - began) * (SPEED - 1)));
  renameSync(`${clock}.new`, clock);
}

function service(): ChildProcess {
  const shifted = new URL('../support/shifted-clock.ts', import.meta.url).href;
  const cli = fileURLToPath(new URL('../../pipelines/cli.ts', import.meta.url));
  const said = openSync(log, 'a');
  const child = spawn(process.execPath, ['--import', shifted, cli, 'run', file], { env: { ...process.env, SLUICE_TEST_CLOCK: clock }, stdio: ['ignore', 'ignore', said] });
  closeSync(said);
  return child;
}

function look(pid: number): Look {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter((each) => each !== '').length;
  return { day: day(), rss: Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024, folder: bytesIn(out), children };
}

function bytesIn(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  // A picture may go between two looks.
  return names.reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** How much a line through the looks rises from the first to the last: by the median of the slopes of all pairs (Theil and Sen), as a part of the median value. */
function rise(looks: readonly Look[], of: (one: Look) => number): number {
  const slopes = looks.flatMap((a, i) => looks.slice(i + 1).map((b) => (of(b) - of(a)) / (b.day - a.day)));
  return (median(slopes) * ((looks.at(-1)?.day ?? 0) - (looks[0]?.day ?? 0))) / median(looks.map(of));
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}

const scenes = await openScenes(CAMERAS.length, day);
const ticking = setInterval(setClock, 20);
let running: ChildProcess | null = null;
try {
  const cameras = scenes.urls.map((url, i) => `{ name: ${CAMERAS[i]}, url: '${url}', silent_after: 10m }`).join(', ');
  mkdirSync(out);
  writeFileSync(file, `name: week\nsource: { cameras: [${cameras}] }\nout: out\nworkers: 1\nbudget: { rate: 500/day }\npolicy: { memory: { max: 500 } }\nrejected_thumbnails: 500\nretention: { age: 1d }\nhttp: { port: 0 }\n`);
  setClock();
  running = service();
  const looks: Look[] = [];
  let [told, killed] = [0, false];
  while (day() < DAYS) {
    await sleep(LOOK_MS);
    if (running.exitCode !== null) throw new Error(`the service has ended with ${running.exitCode}: ${readFileSync(log, 'utf8').slice(-2000)}`);
    if (!killed && day() > FULL - 0.5) {
      killed = true;
      const gone = once(running, 'exit');
      running.kill('SIGKILL');
      await gone;
      running = service();
      continue;
    }
    const now = look(running.pid ?? 0);
    if (now.day >= FULL) looks.push(now);
    if (now.day < told + 0.5) continue;
    told = Math.floor(now.day * 2) / 2;
    console.log(`day ${told.toFixed(1)}: RSS ${(now.rss / 1e6).toFixed(0)} MB, folder ${(now.folder / 1e6).toFixed(2)} MB, ${now.children} children`);
  }
  const ended = once(running, 'exit');
  running.kill('SIGTERM');
  const [code] = (await ended) as [number | null];
  const reader = openReader(out);
  const rows = [...reader.decisions()];
  const { decided, admitted } = reader.totals();
  const alerts = [...reader.alerts()].length;
  reader.close();
  const last = Math.max(...rows.map(({ time }) => time ?? 0));
  const old = rows.filter(({ time }) => (time ?? 0) < last - 1.2 * DAY).length;
  const [memory, folder] = [rise(looks, ({ rss }) => rss), rise(looks, ({ folder: bytes }) => bytes)];
  const children = new Set(looks.map((one) => one.children));
  console.log(`${DAYS} days in ${MINUTES} minutes: ${decided} frames decided, ${admitted} admitted, ${alerts} alerts; ${rows.length} rows left, ${old} of them older than a day and a bit; from day ${FULL} on RSS rises by ${(100 * memory).toFixed(1)} % (bound ${100 * MEMORY_RISE}), the folder by ${(100 * folder).toFixed(1)} % (bound ${100 * FOLDER_RISE}); ${availableParallelism()} cores`);
  const faults = [
    ...(code === 0 ? [] : [`it ended with ${code}`]),
    ...(memory > MEMORY_RISE ? ['RSS grows'] : []),
    ...(folder > FOLDER_RISE ? ['the folder grows'] : []),
    // What the memory holds stays, and what waits for the next step.
    ...(old > 500 + 256 ? [`${old} rows are older than what is kept`] : []),
    ...(children.size > 2 ? [`there were ${[...children].join(', ')} children`] : []),
  ];
  for (const fault of faults) console.log(fault);
  if (faults.length > 0) process.exitCode = 1;
  if (faults.length > 0) console.log(readFileSync(log, 'utf8').slice(-2000));
} finally {
  clearInterval(ticking);
  running?.kill('SIGKILL');
  scenes.close();
  rmSync(place, { recursive: true });
}
