/** What happens to a fleet while it works. Each disturbance resolves when it was seen to have happened, which the scenario insists on. */
import type { ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker } from '../../support/broker.ts';
import type { KafkaWorld } from '../../support/kafka.ts';
import type { Fleet } from './fleet.ts';
import type { Act, Point } from './worker.ts';

interface Scene {
  readonly world: KafkaWorld;
  readonly fleet: Fleet;
  readonly broker: Broker;
  readonly partitions: number;
  /** A number in [0, 1) that the seed, the chunk and the name decide. */
  readonly draw: (name: string) => number;
  readonly chunk: number;
}

/** @returns what went wrong besides; empty where nothing did */
type Disturbance = (scene: Scene) => Promise<readonly string[]>;

const NOTHING: readonly string[] = [];

/** By name, with how often each is drawn. */
export const DISTURBANCES: readonly { readonly name: string; readonly weight: number; readonly happen: Disturbance }[] = [
  { name: 'killed', weight: 3, happen: kill },
  { name: 'frozen', weight: 3, happen: freeze },
  { name: 'drained', weight: 2, happen: drain },
  { name: 'joined', weight: 2, happen: join },
  { name: 'all gone, others begin with nothing', weight: 1, happen: replaceAll },
  { name: 'broker restarted', weight: 1, happen: restart },
  { name: 'started while the broker is away', weight: 1, happen: startWithout },
  { name: 'producer dead in a transaction', weight: 2, happen: dieInTransaction },
  { name: 'frozen between send and commit', weight: 4, happen: interruptWork('sent', 'SIGSTOP') },
  { name: 'killed between send and commit', weight: 2, happen: interruptWork('sent', 'SIGKILL') },
  { name: 'frozen after the commit', weight: 1, happen: interruptWork('committed', 'SIGSTOP') },
  { name: 'killed after the commit', weight: 1, happen: interruptWork('committed', 'SIGKILL') },
  { name: 'frozen before the barrier', weight: 2, happen: interruptTakeOver('barrier', 'SIGSTOP') },
  { name: 'killed before the barrier', weight: 1, happen: interruptTakeOver('barrier', 'SIGKILL') },
  { name: 'frozen during the restore', weight: 1, happen: interruptTakeOver('restoring', 'SIGSTOP') },
  { name: 'killed during the restore', weight: 1, happen: interruptTakeOver('restoring', 'SIGKILL') },
  { name: 'frozen after the restore', weight: 1, happen: interruptTakeOver('restored', 'SIGSTOP') },
];

/** The one of this number in [0, 1). */
export function disturbanceAt(at: number): (typeof DISTURBANCES)[number] {
  let rest = at * DISTURBANCES.reduce((sum, { weight }) => sum + weight, 0);
  for (const one of DISTURBANCES) if ((rest -= one.weight) < 0) return one;
  throw new Error(`${at} is not below 1`);
}

/** A worker that is not frozen; a new one where all are. */
async function awake({ fleet, draw }: Scene): Promise<ChildProcess | undefined> {
  const at = draw('which');
  const there = fleet.pick(at);
  if (there !== undefined) return there;
  await fleet.start();
  return fleet.pick(at);
}

async function kill(scene: Scene): Promise<readonly string[]> {
  const { fleet } = scene;
  const child = await awake(scene);
  const killed = child === undefined ? 0 : await fleet.kill([child]);
  await fleet.start();
  return killed === 1 ? NOTHING : ['there was nobody to kill'];
}

async function freeze(scene: Scene): Promise<readonly string[]> {
  const { fleet } = scene;
  const child = await awake(scene);
  return child !== undefined && fleet.freeze(child) ? NOTHING : ['there was nobody to freeze'];
}

/** One of at least two. */
async function drain(scene: Scene): Promise<readonly string[]> {
  const { fleet } = scene;
  if (fleet.size < 2) await fleet.start();
  const child = await awake(scene);
  if (child === undefined) return ['there was nobody to drain'];
  const wrong = await fleet.stop(child);
  return wrong === null ? NOTHING : [wrong];
}

async function join({ fleet }: Scene): Promise<readonly string[]> {
  await fleet.start();
  return NOTHING;
}

async function replaceAll({ fleet }: Scene): Promise<readonly string[]> {
  const killed = await fleet.kill();
  await Promise.all([fleet.start(), fleet.start()]);
  return killed > 0 ? NOTHING : ['there was nobody to kill'];
}

async function restart({ broker }: Scene): Promise<readonly string[]> {
  await broker.restart();
  return NOTHING;
}

async function startWithout({ broker, fleet }: Scene): Promise<readonly string[]> {
  const over = new AbortController();
  const back = broker.restart().finally(() => over.abort());
  const met = await missed(broker, over.signal);
  // It joins when the broker is back, in its own time.
  void fleet.start();
  await back;
  return met ? NOTHING : ['the broker was back before it was missed'];
}

/** Whether the broker was seen to be away before the signal. */
async function missed(broker: Broker, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (!(await answers(broker))) return true;
    await sleep(20);
  }
  return false;
}

/** Whether a connection stays open: what forwards the port of a container takes it in any case. */
function answers({ brokers: [address = ''] }: Broker): Promise<boolean> {
  const [host, port] = address.split(':');
  const socket = connect({ host, port: Number(port) });
  const closed = new Promise<boolean>((resolve) => {
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
  });
  return Promise.race([closed, sleep(100, true)]).finally(() => socket.destroy());
}

async function dieInTransaction({ world, chunk, partitions }: Scene): Promise<readonly string[]> {
  await world.sendAndDie(await world.messages([{ kind: 2, jitter: 0.3 }], () => chunk % partitions, 2_000_000 + chunk), 3000);
  return NOTHING;
}

/** The next batch that is settled. */
function interruptWork(point: Point, act: Act): Disturbance {
  return async ({ fleet }) => {
    await fleet.interrupt(point, act);
    if (act === 'SIGKILL') await fleet.start();
    return NOTHING;
  };
}

/** A worker goes, and whoever takes its partitions over is interrupted too. */
function interruptTakeOver(point: Point, act: Act): Disturbance {
  return async (scene) => {
    const interrupted = scene.fleet.interrupt(point, act);
    const wrong = await replaceAll(scene);
    await interrupted;
    // Both may have got there at the same moment: somebody is to go on.
    if (act === 'SIGKILL') await scene.fleet.start();
    return wrong;
  };
}
