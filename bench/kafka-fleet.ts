/** Whether four partitions on two workers hold one budget together: the share of all, and of every 2,000 consecutive decisions from the 500th on, in the order of the commits. */
import { setTimeout as sleep } from 'node:timers/promises';
import { uniform } from '../operators/state/hash.ts';
import type { Broker } from '../test/support/broker.ts';
import { KafkaWorld } from '../test/support/kafka.ts';

export const BUDGET = 0.25;
/** Of the contract that one engine keeps. */
export const MARGIN = 0.01;
const [PARTITIONS, WORKERS, ITEMS, SPAN, FIRST] = [4, 2, 6000, 2000, 500];
/** Scenes that a partition shows: one of them sees the same few all day. */
const scenesOf = (partition: number): number => (partition === 0 ? 2 : 60);
const LOOK_MS = 200;
const MOST_MS = 180_000;

export interface FleetShares {
  readonly all: number;
  /** Of the windows. */
  readonly least: number;
  readonly most: number;
}

export async function fleetShares(broker: Broker, seed: number): Promise<FleetShares> {
  const world = await KafkaWorld.open(broker, { sharing: true, partitions: PARTITIONS, engine: { budget: BUDGET, reveal: { when: 'never' } } });
  const specs = Array.from({ length: ITEMS }, (_, i) => {
    const partition = i % PARTITIONS;
    return { kind: partition * 1000 + Math.floor(uniform(seed, `scene of ${i}`) * scenesOf(partition)), jitter: 0.6 };
  });
  await world.produce(specs, (i) => i % PARTITIONS);
  const admitted: boolean[] = [];
  const workers = Array.from({ length: WORKERS }, () => world.worker(() => {}, { settled: ({ decisions }) => admitted.push(...decisions.map(({ verdict }) => verdict === 'admit')) }));
  try {
    for (let waited = 0; admitted.length < ITEMS; waited += LOOK_MS) {
      // A partition that is lost is taken over again; a worker that ends is not.
      if (waited > MOST_MS) throw new Error(`${admitted.length} of ${ITEMS} are decided: ${workers.flatMap((worker) => worker.lost).map(String).join('; ')}`);
      await Promise.race([sleep(LOOK_MS), ...workers.map((worker) => worker.done)]);
    }
  } finally {
    for (const worker of workers) await worker.stop();
  }
  return sharesOf(admitted);
}

function sharesOf(admitted: readonly boolean[]): FleetShares {
  const sums = [0];
  for (const one of admitted) sums.push((sums.at(-1) ?? 0) + Number(one));
  const share = (from: number, to: number): number => ((sums[to] ?? NaN) - (sums[from] ?? NaN)) / (to - from);
  const windows = Array.from({ length: admitted.length - SPAN - FIRST + 1 }, (_, n) => share(FIRST + n, FIRST + n + SPAN));
  return { all: share(0, admitted.length), least: Math.min(...windows), most: Math.max(...windows) };
}
