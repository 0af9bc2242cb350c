/**
 * `npm run test:soak`: one worker works off a backlog of small messages with a slow model, and its memory, metrics and event loop are watched from outside.
 *
 * What the engine may hold is full by the first mark, so that what grows after it is a leak: 500 embeddings remembered (`memory.max`, 100,000 by default), and
 * the ids of the last 20,000 items. Exit 1 where a bound is broken.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DEFAULT_POLICY } from '../../pipelines/config/policy.ts';
import { startBroker } from '../support/broker.ts';
import { KafkaWorld } from '../support/kafka.ts';
import { picture } from './messages.ts';
import type { SoakPlan } from './worker.ts';

const { values } = parseArgs({ options: { messages: { type: 'string', default: '200000' }, call: { type: 'string', default: '10' } } });
const MESSAGES = Number(values.messages);
const MARK = 20_000;
const GROWTH_MB = 50;
const BATCH = 256;
/** As `sluice run` has it by default: a heartbeat is due each three seconds. */
const SESSION_MS = 30_000;

const broker = await startBroker();
try {
  const policy = { ...DEFAULT_POLICY, memory: { max: 500 } };
  const world = await KafkaWorld.open(broker, { partitions: 1, batch: BATCH, sessionTimeoutMs: SESSION_MS, engine: { policy } });
  await world.backlog(MESSAGES, picture);
  const plan: SoakPlan = { settings: world.settings, brokers: broker.brokers, callMs: Number(values.call) };
  const child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), { env: { ...process.env, SLUICE_TEST_PLAN: JSON.stringify(plan) }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  const [url] = (await once(child, 'message')) as [string];
  const faults = await watch(url);
  child.kill('SIGTERM');
  const [code] = (await ended) as [number | null];
  if (code !== 0) faults.push(`the worker ended with ${code}`);
  const decided = (await world.decisions()).flat().length + (await world.committed('dead')).flat().length;
  if (decided !== MESSAGES) faults.push(`${decided} decisions and dead letters are committed, not ${MESSAGES}`);
  for (const fault of faults) console.log(`violated: ${fault}`);
  console.log(`${MESSAGES} messages, ${faults.length} violations`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await broker.stop();
}

/** @returns what was violated */
async function watch(url: string): Promise<string[]> {
  const faults: string[] = [];
  const start = performance.now();
  let [rssAtMark, mostInFlight, told, lag] = [0, 0, 0, Infinity];
  for (;;) {
    const at = sampleOf(await (await fetch(`${url}/metrics`)).text());
    mostInFlight = Math.max(mostInFlight, at.inFlight);
    if (at.lag > lag) faults.push(`the lag grew from ${lag} to ${at.lag} though nothing was written`);
    // Before the first batch there is none yet.
    if (at.lag >= 0) lag = at.lag;
    if (at.done >= MARK && rssAtMark === 0) rssAtMark = at.rssMb;
    if (at.done >= told + MARK || at.done >= MESSAGES) {
      told = at.done;
      const seconds = (performance.now() - start) / 1000;
      console.log(`${at.done} decided, ${(at.done / seconds).toFixed(0)}/s, lag ${at.lag}, in flight ${at.inFlight}, RSS ${at.rssMb.toFixed(0)} MB, event loop at most ${at.slowest} s late`);
    }
    if (at.done < MESSAGES) {
      await sleep(100);
      continue;
    }
    if (at.rssMb > rssAtMark + GROWTH_MB) faults.push(`RSS grew from ${rssAtMark.toFixed(0)} MB after ${MARK} to ${at.rssMb.toFixed(0)} MB`);
    if (at.lag !== 0 || at.inFlight !== 0) faults.push(`all is decided, and the lag is ${at.lag}, in flight ${at.inFlight}`);
    if (mostInFlight === 0 || mostInFlight > 3 * BATCH) faults.push(`in flight were up to ${mostInFlight}, not from 1 to ${3 * BATCH}`);
    if (at.slowest > SESSION_MS / 10_000) faults.push(`the event loop was up to ${at.slowest} s late, more than a heartbeat's ${SESSION_MS / 10_000} s`);
    console.log(`RSS ${rssAtMark.toFixed(0)} MB after ${MARK}, ${at.rssMb.toFixed(0)} MB after ${MESSAGES}; in flight at most ${mostInFlight}; event loop at most ${at.slowest} s late`);
    return faults;
  }
}

interface Sample {
  readonly done: number;
  /** -1: not told yet. */
  readonly lag: number;
  readonly inFlight: number;
  readonly rssMb: number;
  /** The bound of the slowest bucket that is not empty, in seconds. */
  readonly slowest: number;
}

function sampleOf(text: string): Sample {
  const of = (name: string): number[] => [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].map(([, value]) => Number(value));
  const sum = (name: string): number => of(name).reduce((total, value) => total + value, 0);
  const buckets = [...text.matchAll(/^sluice_event_loop_delay_seconds_bucket\{le="([^"]+)".*\} (\d+)$/gm)].map(([, bound, count]) => ({ bound: bound === '+Inf' ? Infinity : Number(bound), count: Number(count) }));
  const total = buckets.at(-1)?.count ?? 0;
  return {
    done: sum('sluice_items_decided_total') + sum('sluice_dead_letters_total'),
    lag: of('sluice_consumer_lag_messages')[0] ?? -1,
    inFlight: sum('sluice_items_in_flight'),
    rssMb: sum('process_resident_memory_bytes') / 1e6,
    slowest: buckets.find(({ count }) => count === total)?.bound ?? 0,
  };
}
