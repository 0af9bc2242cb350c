/** One seed: made-up input with repeats and poison, workers that are killed, frozen and joined by others, a broker that restarts; then the oracle. */
import { setTimeout as sleep } from 'node:timers/promises';
import { uniform } from '../../../operators/state/hash.ts';
import type { Broker } from '../../support/broker.ts';
import { KafkaWorld, type LabelSpec, type Sent } from '../../support/kafka.ts';
import { poison } from '../../support/poison.ts';
import type { Spec } from '../../support/streams.ts';
import { disturbanceAt } from './disturb.ts';
import { Fleet } from './fleet.ts';
import { violations } from './oracle.ts';

const PARTITIONS = 3;
const CHUNKS = 6;
const CHUNK = 120;
const LABELS = 70;
const SESSION_MS = 2000;
/** For a disturbance to happen once it was ordered, and for the rest to be decided. */
const PATIENCE_MS = 30_000;

type Draw = (name: string) => number;

export interface Outcome {
  readonly violations: readonly string[];
  /** What was done to the workers and the broker, and seen to happen. */
  readonly happened: readonly string[];
  /** Commits of earlier owners that Kafka refused. */
  readonly fenced: number;
  /** Items that were skipped because they were decided before. */
  readonly repeated: number;
  readonly changelog: { readonly written: number; readonly left: number };
  /** What everybody said, for whoever looks into a violation. */
  readonly log: string;
}

/** @param broker one that allows sessions of two seconds */
export async function runSeed(seed: number, broker: Broker): Promise<Outcome> {
  const draw: Draw = (name) => uniform(seed, name);
  const settings = { partitions: PARTITIONS, batch: 5 + Math.floor(40 * draw('batch')), sessionTimeoutMs: SESSION_MS, compacting: true, labels: draw('label events') < 0.5, sharing: draw('sharing') < 0.5 };
  const world = await KafkaWorld.open(broker, { ...settings, engine: { seed, reveal: draw('reveal') < 0.5 ? { when: 'all' } : { when: 'admitted', after: 30 } } });
  const fleet = new Fleet(world.settings, broker.brokers);
  const happened: string[] = [];
  const wrong: string[] = [];
  let log = `${settings.labels ? 'with label events\n' : ''}${settings.sharing ? 'sharing what they know\n' : ''}`;
  try {
    await Promise.all([fleet.start(), fleet.start()]);
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      const { name, happen } = disturbanceAt(draw(`event ${chunk}`));
      const scene = { world, fleet, broker, partitions: PARTITIONS, draw: (what: string) => draw(`${what} ${chunk}`), chunk };
      const [messages, labels] = [await inputs(world, draw, chunk), await labelsOf(world, draw, chunk)];
      const sent = Promise.all([insist(world, messages), insist(world, labels, 'labels')]);
      const [found] = await Promise.all([Promise.race([happen(scene), sleep(PATIENCE_MS, ['it did not happen'], { ref: false })]), sent]);
      if (found.length === 0) happened.push(name);
      else wrong.push(...found.map((what) => `chunk ${chunk}, ${name}: ${what}`));
      log += `chunk ${chunk}: ${name}\n`;
      await sleep(Math.floor(300 * draw(`pause ${chunk}`)));
    }
    while (fleet.size < 2) await fleet.start();
    await fleet.thawed();
    // What a dead producer left open ends before these do.
    const ends = [await world.send(await world.messages(Array.from({ length: PARTITIONS }, () => ({ kind: 1, jitter: 0.5 })), (i) => i, 1_000_000))];
    if (settings.labels) ends.push(await world.label(Array.from({ length: PARTITIONS }, (_, i) => ({ id: `item-${i}`, label: 'class 0', partition: i }))));
    if (await arrived(world, ends)) wrong.push(...(await violations(world)));
    else wrong.push('not all inputs were taken in time');
    wrong.push(...(await fleet.stopAll()));
    // Each chunk but the first brings some again.
    if (fleet.repeated === 0) wrong.push('no repeated id was skipped and counted');
    return { violations: wrong, happened, fenced: fleet.fenced, repeated: fleet.repeated, changelog: await world.remains('changelog'), log: log + fleet.said };
  } finally {
    await fleet.kill();
  }
}

const partitionOf = (i: number): number => (i % 7) % PARTITIONS;

/** Labels for samples that came, come in this chunk or are still to come, some for none, some again, corrected or unreadable. */
async function labelsOf(world: KafkaWorld, draw: Draw, chunk: number): Promise<readonly Sent[]> {
  if (world.settings.topics.labels === undefined) return [];
  const given = Array.from({ length: LABELS }, (_, n): LabelSpec => {
    const of = (what: string): number => draw(`late ${what} ${chunk} ${n}`);
    const i = Math.floor((chunk + 1.3) * CHUNK * of('item'));
    const name = `class ${Math.floor(4 * draw(of('wrong') < 0.2 ? `wrong ${chunk} ${n}` : `label ${i}`))}`;
    const label = of('boxes') < 0.2 ? [{ class: name, bbox: [0, 0, 1, 1] as const }] : name;
    return of('kind') < 0.05 ? { id: `item-${i}`, json: '{', partition: partitionOf(i) } : { id: of('kind') < 0.1 ? `nobody-${i}` : `item-${i}`, label, partition: partitionOf(i) };
  });
  const bad = [Buffer.from(`poison ${chunk}`), null].map((value, i) => ({ key: 'poison', value, partition: (chunk + i) % PARTITIONS }));
  return [...(await world.labelMessages(given)), ...bad, ...(await world.labelMessages(given.slice(0, 5)))];
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
  const bad = poison(await world.codec.writer('sample', world.settings.topics.samples), `poison-${chunk}`).map(({ value }, i) => ({ key: i % 2 === 0 ? null : `poison-${i}`, value, partition: (i + chunk) % PARTITIONS }));
  return [...fresh, ...again, ...bad].map((message, i) => ({ message, at: draw(`order ${chunk} ${i}`) })).sort((a, b) => a.at - b.at).map(({ message }) => message);
}

/** Sends them also while the broker is away; what was written before it went is there twice then. */
async function insist(world: KafkaWorld, messages: readonly Sent[], input: 'samples' | 'labels' = 'samples', tries = 20): Promise<void> {
  if (messages.length === 0) return;
  try {
    await world.send(messages, input);
  } catch (thrown) {
    if (tries === 1) throw thrown;
    await sleep(500);
    await insist(world, messages, input, tries - 1);
  }
}

/** Whether the group has taken all there is. @param ends the offset after the last sample of each partition, and, where there are any, the last label */
async function arrived(world: KafkaWorld, ends: readonly ReadonlyMap<number, bigint>[]): Promise<boolean> {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const at = await Promise.all((['samples', 'labels'] as const).map((input) => world.position(input)));
    if (ends.every((offsets, t) => [...offsets].every(([partition, end]) => (at[t]?.[partition] ?? -1n) >= end))) return true;
    await sleep(200);
  }
  return false;
}
