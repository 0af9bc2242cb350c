/** A pipeline over a real broker: topics of its own, made-up samples with embeddings, workers in this process, and what they have committed. */
import type { Admin, KafkaMessage, Producer, Transaction } from 'kafkajs';
import { kafkaClient } from '../../infra/kafka/client.ts';
import { Kafka, logLevel } from '../../infra/kafka/kafkajs.ts';
import { PartitionLog, type Delivery } from '../../infra/kafka/partition-log.ts';
import { StateReader } from '../../infra/kafka/state-reader.ts';
import { inputsOf, type Topics } from '../../infra/kafka/topics.ts';
import { openCodec, type Codec } from '../../infra/registry/codec.ts';
import { NO_CAMPAIGNS } from '../../operators/state/campaigns.ts';
import type { Batch } from '../../operators/ports.ts';
import type { EngineSettings } from '../../operators/state/engine.ts';
import { externalOf, type External } from '../../operators/state/external.ts';
import type { DecisionRecord } from '../../schemas/records.ts';
import type { Label } from '../../schemas/sample.ts';
import { vectorBytes } from '../../schemas/records-vector.ts';
import { runWorker } from '../../pipelines/stream/run.ts';
import type { Flow } from '../../pipelines/stream/lane.ts';
import type { WorkerEvents, WorkerParts, WorkerSettings } from '../../pipelines/stream/session.ts';
import { uniqueName, type Broker } from './broker.ts';
import { answered, groupsServed } from './served.ts';
import { D, embeddingOf, settings, type Spec } from './streams.ts';

/** Nothing has a picture here. */
export const NO_PICTURES: Pick<WorkerParts, 'decoder' | 'embedder' | 'thumbnails' | 'workers' | 'objects' | 'campaigns'> = {
  decoder: { decode: () => Promise.reject(new Error('there are no pictures')) },
  embedder: { size: 2, dimension: D, identity: 'none', begin: () => { throw new Error('there are no pictures'); }, close: async () => {} },
  thumbnails: { halve: () => new Uint8Array(), encode: async () => [] },
  workers: 1,
  objects: 0,
  campaigns: () => NO_CAMPAIGNS,
};

export interface Worker {
  readonly batches: Batch[];
  /** The partitions it has now. */
  assigned: readonly number[];
  readonly taken: number[];
  readonly lost: unknown[];
  /** Positions in the clusters topic. */
  readonly unread: string[];
  repeated: number;
  /** Rejects where it fails. */
  readonly done: Promise<void>;
  /** The last that was told of each partition. */
  readonly flows: Map<number, Flow>;
  /** Drains it; rejects where it failed. */
  stop(): Promise<void>;
}

/** A label event; `json` for what is no proper label. */
export interface LabelSpec {
  readonly id: string;
  readonly label?: Label;
  readonly json?: string;
  readonly forget?: boolean;
  readonly partition: number;
}

export interface Sent {
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly partition: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface WorldOptions {
  readonly partitions?: number;
  readonly batch?: number;
  readonly knownIds?: number;
  readonly sessionTimeoutMs?: number;
  readonly engine?: Partial<EngineSettings>;
  /** Whether there is a topic for label events. */
  readonly labels?: boolean;
  readonly delivery?: Delivery;
  /** Whether partitions tell each other what they know. */
  readonly sharing?: boolean;
  /** Whether the changelog is compacted soon. */
  readonly compacting?: boolean;
}

const COMPACTING = Object.entries({ 'cleanup.policy': 'compact', 'segment.ms': '500', 'min.cleanable.dirty.ratio': '0.01' }).map(([name, value]) => ({ name, value }));

export class KafkaWorld {
  readonly settings: WorkerSettings;
  readonly codec: Codec;
  readonly #broker: Broker;
  readonly #kafka: InstanceType<typeof Kafka>;

  private constructor(broker: Broker, codec: Codec, workerSettings: WorkerSettings) {
    this.#broker = broker;
    this.codec = codec;
    this.settings = workerSettings;
    // The broker may be away for a while.
    this.#kafka = new Kafka({ ...broker.client, clientId: 'test', logLevel: logLevel.NOTHING, retry: { retries: 15, maxRetryTime: 1000 } });
  }

  static async open(broker: Broker, { partitions = 2, batch = 32, knownIds = 1_000_000, sessionTimeoutMs = 6000, engine = {}, labels = false, delivery = 'exactly_once', sharing = false, compacting = false }: WorldOptions = {}): Promise<KafkaWorld> {
    const name = uniqueName('pipeline');
    const topics = { samples: `${name}-samples`, ...(labels ? { labels: `${name}-labels` } : {}), decisions: `${name}-decisions`, alerts: `${name}-alerts`, ...(sharing ? { clusters: `${name}-clusters` } : {}), changelog: `${name}-changelog`, dead: `${name}-dead` };
    const world = new KafkaWorld(broker, await openCodec({ registry: null }), { name, topics, replicas: 1, sessionTimeoutMs, maxBytes: 2 ** 20, batch, delivery, knownIds, engine: settings({ lateLabels: labels, ...engine }), fit: 'crop', change: false });
    const made = [...inputsOf(topics).map((topic) => ({ topic })), ...(compacting ? [{ topic: topics.changelog, configEntries: COMPACTING }] : [])];
    await world.#admin((admin) => admin.createTopics({ topics: made.map((topic) => ({ ...topic, numPartitions: partitions, replicationFactor: 1 })), waitForLeaders: true }));
    await world.#admin((admin) => groupsServed(admin, topics.samples));
    return world;
  }

  /** The next offset of each partition of an input topic that the group would be given. */
  async position(input: 'samples' | 'labels' = 'samples'): Promise<readonly bigint[]> {
    const { name, topics } = this.settings;
    const topic = topics[input];
    if (topic === undefined) return [];
    // A broker that has just started may still be loading its groups.
    const [found] = await this.#admin((admin) => answered(() => admin.fetchOffsets({ groupId: name, topics: [topic] })));
    return [...(found?.partitions ?? [])].sort((a, b) => a.partition - b.partition).map(({ offset }) => BigInt(offset));
  }

  async #admin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  /** Samples in order, each to the partition its stream ends with. @param first of the ids */
  async produce(specs: readonly Spec[], partitionOf: (i: number) => number, first = 0): Promise<void> {
    await this.send(await this.messages(specs, partitionOf, first));
  }

  /** @param first of the ids */
  async messages(specs: readonly Spec[], partitionOf: (i: number) => number, first = 0): Promise<readonly Sent[]> {
    const encode = await this.codec.writer('sample', this.settings.topics.samples);
    return specs.map((spec, i) => {
      const id = `item-${first + i}`;
      const embedding = vectorBytes(embeddingOf(1, first + i, spec));
      const value = encode({ id, stream: spec.stream ?? 'default', time: spec.time ?? null, image: null, label: spec.label === undefined || spec.label === null ? null : JSON.stringify(spec.label), predictions: spec.predicted === undefined ? null : JSON.stringify(spec.predicted), embedding, origin: null });
      return { key: id, value, partition: partitionOf(i) };
    });
  }

  async labelMessages(labels: readonly LabelSpec[]): Promise<readonly Sent[]> {
    const encode = await this.codec.writer('label', this.settings.topics.labels ?? '');
    return labels.map(({ id, label = null, json = JSON.stringify(label), forget = false, partition }) => ({ key: id, value: encode({ id, stream: 'default', label: json, time: null, forget }), partition }));
  }

  async label(labels: readonly LabelSpec[]): Promise<ReadonlyMap<number, bigint>> {
    return await this.send(await this.labelMessages(labels), 'labels');
  }

  /** So many samples with a picture each to partition 0, ids from item-0 on. */
  async backlog(count: number, pictureOf: (n: number) => Buffer): Promise<void> {
    const encode = await this.codec.writer('sample', this.settings.topics.samples);
    const producer = this.#kafka.producer();
    await producer.connect();
    for (let n = 0; n < count; n += 2000) {
      const messages = Array.from({ length: Math.min(2000, count - n) }, (_, i) => {
        const id = `item-${n + i}`;
        return { key: id, value: encode({ id, stream: 'default', time: null, image: { 'sluice.InlineImage': { bytes: pictureOf(n + i) } }, label: null, predictions: null, embedding: null, origin: null }), partition: 0 };
      });
      await producer.send({ topic: this.settings.topics.samples, messages });
    }
    await producer.disconnect();
  }

  /** @returns the offset after the last of them, by partition */
  async send(messages: readonly Sent[], input: 'samples' | 'labels' | 'clusters' = 'samples'): Promise<ReadonlyMap<number, bigint>> {
    const producer = this.#kafka.producer();
    await producer.connect();
    const written = await producer.send({ topic: this.settings.topics[input] ?? '', messages: messages.map(({ headers, ...message }) => ({ ...message, ...(headers === undefined ? {} : { headers: { ...headers } }) })) });
    await producer.disconnect();
    const count = (at: number): bigint => BigInt(messages.filter(({ partition }) => partition === at).length);
    return new Map(written.map(({ partition, baseOffset }) => [partition, BigInt(baseOffset ?? '0') + count(partition)]));
  }

  /** Sends them in one transaction. */
  async sendAll(messages: readonly Sent[]): Promise<void> {
    const { producer, transaction } = await this.#begin(messages, 60_000);
    await transaction.commit();
    await producer.disconnect();
  }

  /** Sends them in a transaction that nobody ends: the broker aborts it when its time is over. */
  async sendAndDie(messages: readonly Sent[], timeoutMs: number): Promise<void> {
    const { producer } = await this.#begin(messages, timeoutMs);
    await producer.disconnect();
  }

  async #begin(messages: readonly Sent[], timeoutMs: number): Promise<{ readonly producer: Producer; readonly transaction: Transaction }> {
    const producer = this.#kafka.producer({ transactionalId: uniqueName('test'), idempotent: true, maxInFlightRequests: 1, transactionTimeout: timeoutMs });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic: this.settings.topics.samples, messages: messages.map(({ key, value, partition }) => ({ key, value, partition })) });
    return { producer, transaction };
  }

  /** @param topics, engine other ones than those of this world */
  worker(said: (line: string) => void = () => {}, { topics = {}, engine = {}, change = false, flowed = () => {}, settled = () => {} }: { readonly topics?: Partial<Topics>; readonly engine?: Partial<EngineSettings>; readonly change?: boolean; readonly flowed?: (flow: Flow) => void; readonly settled?: (batch: Batch) => void } = {}): Worker {
    const stop = new AbortController();
    const worker = { batches: [] as Batch[], assigned: [] as readonly number[], taken: [] as number[], lost: [] as unknown[], unread: [] as string[], repeated: 0, flows: new Map<number, Flow>() };
    const events: WorkerEvents = {
      assigned: (partitions) => (worker.assigned = partitions),
      takingOver: () => {},
      takenOver: (partition) => worker.taken.push(partition),
      settled(_, batch) {
        worker.batches.push(batch);
        settled(batch);
      },
      repeated: (_, count) => (worker.repeated += count),
      unread: (_, partition, offset) => worker.unread.push(`${partition}/${offset}`),
      flow(partition, flow) {
        worker.flows.set(partition, flow);
        flowed(flow);
      },
      lost: (_, error) => worker.lost.push(error),
      failed: (error) => worker.lost.push(error),
    };
    const kafka = kafkaClient({ ...this.#broker.client, clientId: this.settings.name }, said);
    const done = runWorker({ ...this.settings, engine: { ...this.settings.engine, ...engine }, change, topics: { ...this.settings.topics, ...topics } }, { kafka, codec: this.codec, ...NO_PICTURES }, events, stop.signal);
    done.catch(() => {});
    return Object.assign(worker, {
      done,
      stop: () => {
        stop.abort();
        return done;
      },
    });
  }

  /** Takes a partition over as another worker does. */
  fence(partition: number): ReturnType<typeof PartitionLog.own> {
    const { name, topics } = this.settings;
    return PartitionLog.own(this.#kafka, { transactionalId: `${name}-${topics.samples}-${partition}`, partition, groupId: name, delivery: 'exactly_once', together: [topics.changelog] }, { topic: topics.changelog, key: 'barrier', value: Buffer.from('a test') });
  }

  /** Everything committed to a topic, by partition, in order. */
  async committed(topic: keyof WorkerSettings['topics']): Promise<KafkaMessage[][]> {
    const name = this.settings.topics[topic];
    if (name === undefined) return [];
    const ends = await this.#admin((admin) => admin.fetchTopicOffsets(name));
    const found: KafkaMessage[][] = ends.map(() => []);
    const open = new Set(ends.filter(({ low, high }) => low !== high).map(({ partition }) => partition));
    if (open.size === 0) return found;
    const consumer = this.#kafka.consumer({ groupId: uniqueName('reader'), maxWaitTimeInMs: 50 });
    await consumer.connect();
    await consumer.subscribe({ topic: name, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
      // Also of batches that hold control records alone, which no handler sees.
      consumer.on('consumer.end_batch_process', ({ payload }) => {
        // An empty fetch, as while a transaction is open, says its last offset were the end.
        if (payload.firstOffset === null) return;
        const end = ends.find(({ partition }) => partition === payload.partition);
        if (end !== undefined && BigInt(payload.lastOffset) + 1n >= BigInt(end.high)) open.delete(payload.partition);
        if (open.size === 0) resolve();
      });
      consumer.run({ autoCommit: false, eachBatch: async ({ batch }) => void found[batch.partition]?.push(...batch.messages) }).catch(reject);
    });
    await consumer.disconnect();
    return found;
  }

  /** Records of a topic: those that were written, aborted ones and ends of transactions too, and those of them that compaction has left. */
  async remains(topic: keyof WorkerSettings['topics']): Promise<{ readonly written: number; readonly left: number }> {
    const partitions = await this.committed(topic);
    return { written: partitions.reduce((sum, messages) => sum + Number(messages.at(-1)?.offset ?? -1) + 1, 0), left: partitions.flat().length };
  }

  /** Of a world of one partition. */
  states(): Promise<StateReader> {
    return StateReader.open(this.#kafka, this.settings.topics.changelog, 1);
  }

  /** Without the tombstones of what was forgotten. */
  async decisions(): Promise<DecisionRecord[][]> {
    const read = this.codec.reader('decision');
    const partitions = await this.committed('decisions');
    return await Promise.all(partitions.map((messages) => Promise.all(messages.flatMap(({ value }) => (value === null ? [] : [(async () => await read(value))()])))));
  }
}

/** All that a partition's changelog ever had of what came from outside the partition's own order. */
export async function eventsIn(codec: Codec, changelog: readonly KafkaMessage[]): Promise<readonly External[]> {
  const read = codec.reader('changelog');
  const events: External[] = [];
  for (const { key, value } of changelog) {
    if (value === null || !String(key).startsWith('external/')) continue;
    const record = await read(value);
    const event = externalOf({ ...record, key: Number(record.key), value: record.value === null ? null : new Uint8Array(record.value) });
    if (event !== null) events.push(event);
  }
  return events;
}
