/** One seed: made-up input with repeats and poison, workers that are killed, frozen and joined by others, a broker that restarts; then the oracle. */
import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { uniform } from '../../../operators/state/hash.ts';
import type { Broker } from '../../support/broker.ts';
import { KafkaWorld, type LabelSpec, type Sent } from '../../support/kafka.ts';
import type { Spec } from '../../support/streams.ts';
import { violations } from './oracle.ts';
import type { WorkerPlan } from './worker.ts';

const PARTITIONS = 3;
const CHUNKS = 8;
const CHUNK = 90;
const LABELS = 50;
const SESSION_MS = 2000;
/** Longer than the session, so that the others think it gone. */
const FREEZE_MS = 3000;
const PATIENCE_MS = 45_000;

type Draw = (name: string) => number;

class Fleet {
  readonly #world: KafkaWorld;
  readonly #broker: Broker;
  readonly #alive = new Set<ChildProcess>();
  readonly #thawing: Promise<void>[] = [];
  said = '';

  constructor(world: KafkaWorld, broker: Broker) {
    this.#world = world;
    this.#broker = broker;
  }

  get size(): number {
    return this.#alive.size;
  }

  start(beforeCommit: WorkerPlan['beforeCommit'] = null): void {
    const plan: WorkerPlan = { settings: this.#world.settings, brokers: this.#broker.brokers, beforeCommit };
    const child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), { env: { ...process.env, SLUICE_TEST_PLAN: JSON.stringify(plan), NODE_NO_WARNINGS: '1' }, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    child.stderr?.on('data', (text: Buffer) => (this.said = (this.said + `[${child.pid}] ${text.toString()}`).slice(-20_000)));
    this.#alive.add(child);
    child.on('exit', (code, signal) => {
      this.#alive.delete(child);
      this.said += `[${child.pid}] ended: ${signal ?? code}\n`;
    });
    // One that freezes itself is set going again as well.
    child.on('message', (act) => act === 'SIGSTOP' && this.#thawLater(child, FREEZE_MS));
  }

  pick(at: number): ChildProcess | undefined {
    return [...this.#alive][Math.floor(at * this.#alive.size)];
  }

  freeze(child: ChildProcess): void {
    child.kill('SIGSTOP');
    this.#thawLater(child, FREEZE_MS);
  }

  #thawLater(child: ChildProcess, ms: number): void {
    this.#thawing.push(sleep(ms).then(() => void child.kill('SIGCONT')));
  }

  async thawed(): Promise<void> {
    await Promise.all(this.#thawing);
  }

  /** Drains them all. @returns those that did not end well */
  async stop(): Promise<readonly string[]> {
    const ended = [...this.#alive].map((child) => new Promise<string[]>((resolve) => {
      const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      child.on('exit', (code, signal) => {
        clearTimeout(late);
        resolve(code === 0 ? [] : [`worker ${child.pid} ended with ${signal ?? code}`]);
      });
      child.kill('SIGTERM');
    }));
    return (await Promise.all(ended)).flat();
  }

  kill(): void {
    for (const child of this.#alive) child.kill('SIGKILL');
  }
}

export interface Outcome {
  readonly violations: readonly string[];
  /** What happened, for whoever looks into a violation. */
  readonly log: string;
}

/** @param broker one that allows sessions of two seconds */
export async function runSeed(seed: number, broker: Broker): Promise<Outcome> {
  const draw: Draw = (name) => uniform(seed, name);
  const world = await KafkaWorld.open(broker, { partitions: PARTITIONS, batch: 5 + Math.floor(40 * draw('batch')), sessionTimeoutMs: SESSION_MS, labels: draw('label events') < 0.5, engine: { seed, reveal: draw('reveal') < 0.5 ? { when: 'all' } : { when: 'admitted', after: 30 } } });
  const fleet = new Fleet(world, broker);
  let log = world.settings.topics.labels === undefined ? '' : 'with label events\n';
  try {
    fleet.start();
    fleet.start();
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      await Promise.all([world.send(await inputs(world, draw, chunk)), sendLabels(world, draw, chunk)]);
      const what = await disturb(world, fleet, broker, draw, chunk);
      log += `chunk ${chunk}: ${what}\n`;
      await sleep(Math.floor(600 * draw(`pause ${chunk}`)));
    }
    while (fleet.size < 2) fleet.start();
    await fleet.thawed();
    // What a dead producer left open ends before these do.
    await world.send(await world.messages(Array.from({ length: PARTITIONS }, () => ({ kind: 1, jitter: 0.5 })), (i) => i, 1_000_000));
    if (world.settings.topics.labels !== undefined) await world.label(Array.from({ length: PARTITIONS }, (_, i) => ({ id: `item-${i}`, label: 'class 0', partition: i })));
    const done = await arrived(world);
    const unwell = await fleet.stop();
    const wrong = done ? await violations(world) : ['not all inputs were taken in time'];
    return { violations: [...wrong, ...unwell], log: log + fleet.said };
  } finally {
    fleet.kill();
  }
}

const partitionOf = (i: number): number => (i % 7) % PARTITIONS;

/** Labels for samples that came, come in this chunk or are still to come, some for none, some again, corrected or unreadable. */
async function sendLabels(world: KafkaWorld, draw: Draw, chunk: number): Promise<void> {
  if (world.settings.topics.labels === undefined) return;
  const given = Array.from({ length: LABELS }, (_, n): LabelSpec => {
    const of = (what: string): number => draw(`late ${what} ${chunk} ${n}`);
    const i = Math.floor((chunk + 1.3) * CHUNK * of('item'));
    const name = `class ${Math.floor(4 * draw(of('wrong') < 0.2 ? `wrong ${chunk} ${n}` : `label ${i}`))}`;
    const label = of('boxes') < 0.2 ? [{ class: name, bbox: [0, 0, 1, 1] as const }] : name;
    return of('kind') < 0.05 ? { id: `item-${i}`, json: '{', partition: partitionOf(i) } : { id: of('kind') < 0.1 ? `nobody-${i}` : `item-${i}`, label, partition: partitionOf(i) };
  });
  const poison = [Buffer.from(`poison ${chunk}`), null].map((value, i) => ({ key: 'poison', value, partition: (chunk + i) % PARTITIONS }));
  await world.send([...(await world.labelMessages(given)), ...poison, ...(await world.labelMessages(given.slice(0, 5)))], 'labels');
}

/** A chunk of new samples, with some that came before and some that nobody can read, in an order of its own. */
async function inputs(world: KafkaWorld, draw: Draw, chunk: number): Promise<readonly Sent[]> {
  const spec = (i: number): Spec => ({ kind: Math.floor(9 * draw(`kind ${i}`)), jitter: 0.4, label: `class ${Math.floor(4 * draw(`label ${i}`))}`, stream: `camera ${i % 7}` });
  const first = chunk * CHUNK;
  const fresh = await world.messages(Array.from({ length: CHUNK }, (_, i) => spec(first + i)), (i) => partitionOf(first + i), first);
  const again = chunk === 0 ? [] : (await Promise.all(Array.from({ length: 6 }, async (_, n) => {
    const i = Math.floor(first * draw(`again ${chunk} ${n}`));
    return await world.messages([spec(i)], () => partitionOf(i), i);
  }))).flat();
  const poison = [Buffer.from(`poison ${chunk}`), Buffer.alloc(0), null].map((value, i) => ({ key: null, value, partition: i % PARTITIONS }));
  return [...fresh, ...again, ...poison].map((message, i) => ({ message, at: draw(`order ${chunk} ${i}`) })).sort((a, b) => a.at - b.at).map(({ message }) => message);
}

async function disturb(world: KafkaWorld, fleet: Fleet, broker: Broker, draw: Draw, chunk: number): Promise<string> {
  const which = draw(`event ${chunk}`);
  const child = fleet.pick(draw(`child ${chunk}`));
  if (which < 0.2 && child !== undefined) {
    child.kill('SIGKILL');
    fleet.start();
    return `killed ${child.pid}`;
  }
  if (which < 0.35 && child !== undefined) {
    fleet.freeze(child);
    return `froze ${child.pid}`;
  }
  if (which < 0.6) {
    const act = which < 0.5 ? 'SIGSTOP' : 'SIGKILL';
    const nth = 2 + Math.floor(8 * draw(`nth ${chunk}`));
    fleet.start({ nth, act });
    return `started one that gets ${act} before commit ${nth}`;
  }
  if (which < 0.7 && fleet.size > 1 && child !== undefined) {
    child.kill('SIGTERM');
    return `stopped ${child.pid}`;
  }
  if (which < 0.8 && broker.kind !== 'given') {
    await broker.restart();
    return 'restarted the broker';
  }
  if (which < 0.9) {
    await world.sendAndDie(await world.messages([{ kind: 2, jitter: 0.3 }], () => chunk % PARTITIONS, 2_000_000 + chunk), 3000);
    return 'a producer died in a transaction';
  }
  return 'nothing';
}

/** Whether the group has taken all there is. */
async function arrived(world: KafkaWorld): Promise<boolean> {
  const topics = ['samples', 'labels'] as const;
  const due = await Promise.all(topics.map(async (input) => (await world.committed(input)).map((messages) => BigInt(messages.at(-1)?.offset ?? '-1') + 1n)));
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const at = await Promise.all(topics.map((input) => world.position(input)));
    if (due.every((offsets, t) => at[t]?.length === offsets.length && offsets.every((offset, p) => (at[t]?.[p] ?? -1n) >= offset))) return true;
    await sleep(200);
  }
  return false;
}
