/** The topics a pipeline needs: inputs must be there and alike in number of partitions, the others are made where they are missing. */
import type { Admin, ITopicConfig, Kafka } from 'kafkajs';
import { SluiceError } from '../../schemas/errors.ts';
import { kafkaError } from './failure.ts';
import { findTopics, LARGEST, type Found } from './found-topics.ts';
import { CLOSE_MS, within } from './within.ts';

export interface Topics {
  readonly samples: string;
  /** Left out where there are no label events. */
  readonly labels?: string;
  readonly decisions: string;
  readonly alerts: string;
  /** Left out where partitions tell each other nothing. */
  readonly clusters?: string;
  readonly changelog: string;
  readonly dead: string;
}

const COMPACT = 'compact';
/** Only the latest value of each key is kept, and for ever. */
const COMPACTED: ReadonlySet<keyof Topics> = new Set(['changelog', 'clusters']);

/** What a dead letter says beside the message that it holds, at most. */
const CAUSE_BYTES = 64 * 1024;
/** What the pipeline makes fits into a message of this size, which is the usual bound. */
const RECORD_BYTES = 2 ** 20;

/**
 * @returns the number of partitions
 * @throws SluiceError SLUICE_E_TOPICS with every fault: an input topic that is missing, numbers of partitions that differ, settings with which what is written would be lost or refused
 */
export async function prepareTopics(admin: Admin, topics: Topics, replicas: number): Promise<number> {
  const there = new Set(await admin.listTopics());
  const names = Object.entries(topics) as [keyof Topics, string][];
  const found = await findTopics(admin, names.map(([, name]) => name).filter((name) => there.has(name)));
  const inputs = inputsOf(topics);
  const largest = Math.max(...inputs.map((input) => found.get(input)?.largest ?? 0));
  const needed = (kind: keyof Topics): number => (kind === 'dead' ? largest + CAUSE_BYTES : RECORD_BYTES);
  const samples = found.get(topics.samples);
  const faults = names.flatMap(([kind, name]) => {
    const topic = found.get(name);
    const isInput = inputs.includes(name);
    if (topic === undefined) return isInput ? [noTopic(name)] : [];
    const unequal = samples === undefined || topic.partitions === samples.partitions ? [] : [unequalTo(name, topic.partitions, topics.samples, samples.partitions)];
    return isInput ? unequal : [...unequal, ...faultsOf(name, topic, COMPACTED.has(kind), needed(kind))];
  });
  if (samples === undefined || faults.length > 0) throw new SluiceError('SLUICE_E_TOPICS', faults.join('\n'));
  const absent = names.filter(([, name]) => !there.has(name)).map(([kind, topic]): ITopicConfig => ({
    topic,
    numPartitions: samples.partitions,
    replicationFactor: replicas,
    configEntries: [...(COMPACTED.has(kind) ? [{ name: 'cleanup.policy', value: COMPACT }] : []), { name: LARGEST, value: String(needed(kind)) }],
  }));
  // Another worker may make them at the same moment: then they are there.
  if (absent.length > 0) await admin.createTopics({ topics: absent, waitForLeaders: true });
  return samples.partitions;
}

function faultsOf(name: string, { policy, largest }: Found, compacted: boolean, needed: number): readonly string[] {
  return [
    ...(compacted && policy !== COMPACT ? [`The topic ${name} has cleanup.policy ${policy}: it must be ${COMPACT}, or state goes that is needed.`] : []),
    ...(largest < needed ? [`The topic ${name} takes messages of ${largest} bytes at most: its ${LARGEST} must be ${needed} at least, or what is to be written there is refused and its partition stops.`] : []),
  ];
}

/** Makes the input topics that are not there. @returns their names */
export async function makeInputs(admin: Admin, names: readonly string[], partitions: number, replicas: number): Promise<readonly string[]> {
  const there = new Set(await admin.listTopics());
  const missing = names.filter((name) => !there.has(name));
  if (missing.length > 0) await admin.createTopics({ topics: missing.map((topic) => ({ topic, numPartitions: partitions, replicationFactor: replicas })), waitForLeaders: true });
  return missing;
}

/** @throws SluiceError SLUICE_E_KAFKA… */
export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } catch (thrown) {
    throw kafkaError(thrown);
  } finally {
    await within(CLOSE_MS, admin.disconnect());
  }
}

/**
 * Checks an input topic before something is sent to it: those of the others that are there have as many partitions, or it would go where nobody looks for it.
 * @throws SluiceError SLUICE_E_TOPICS
 */
export async function inputTopic(admin: Admin, topic: string, others: readonly string[]): Promise<Pick<Found, 'partitions' | 'largest'>> {
  const there = new Set(await admin.listTopics());
  if (!there.has(topic)) throw new SluiceError('SLUICE_E_TOPICS', noTopic(topic));
  const found = await findTopics(admin, [topic, ...others.filter((name) => there.has(name) && name !== topic)]);
  const { partitions = 0, largest = 0 } = found.get(topic) ?? {};
  for (const [name, other] of found) if (other.partitions !== partitions) throw new SluiceError('SLUICE_E_TOPICS', unequalTo(name, other.partitions, topic, partitions));
  return { partitions, largest };
}

function noTopic(name: string): string {
  return `There is no topic ${name}.`;
}

function unequalTo(name: string, count: number, to: string, partitions: number): string {
  return `The topic ${name} has ${count} partitions, ${to} has ${partitions}: partition p of each belongs together, so the numbers must be equal.`;
}

/** The topics that are read; partition p of all belongs together. */
export function inputsOf({ samples, labels }: Topics): readonly string[] {
  return labels === undefined ? [samples] : [samples, labels];
}
