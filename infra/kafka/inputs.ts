/**
 * The input topics, read as a member of the pipeline's consumer group. A batch is handed over and the next one fetched when the handler has returned:
 * back-pressure by construction. Offsets are never committed here; they travel in the transactions of the outputs.
 */
import type { Admin, Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { partitionAssigner } from './assignment.ts';
import type { Position } from './partition-log.ts';
import { CLOSE_MS, within } from './within.ts';

/** Handlers end what they have in hand; one that waits for a broker that is gone is not waited for. */
const STOP_MS = 30_000;

export interface InputBatch {
  readonly topic: string;
  readonly partition: number;
  /** In order of offset; never empty. */
  readonly messages: readonly KafkaMessage[];
  /** The offset after all that the batch stands for: ends of transactions, and what was aborted, too. */
  readonly next: bigint;
  /** The offset after the last record of the partition. */
  readonly end: bigint;
  /** Keeps the membership alive; throws where it is lost. To be called more often than the session lasts. */
  heartbeat(): Promise<void>;
  /** The batch is taken up to and with this offset: the next fetch goes on behind it. */
  taken(offset: string): void;
  /** The position was moved meanwhile, or the group is being left: what is in hand is to be dropped. */
  isStale(): boolean;
}

export interface InputSettings {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  readonly maxBytes: number;
  /** Partitions of topics handled side by side. */
  readonly concurrency: number;
  readonly owned: () => readonly number[];
}

export interface InputEvents {
  batch(batch: InputBatch): Promise<void>;
  /** The partitions this member has now. */
  assigned(partitions: readonly number[]): void;
  /** The consumer has given up. */
  crashed(error: Error): void;
}

export class Inputs {
  readonly #consumer: Consumer;
  readonly #admin: Admin;
  readonly #settings: InputSettings;
  /** The group was left, or the consumer has crashed. */
  #left = false;

  private constructor(consumer: Consumer, admin: Admin, settings: InputSettings) {
    this.#consumer = consumer;
    this.#admin = admin;
    this.#settings = settings;
  }

  static async open(kafka: Kafka, settings: InputSettings, events: InputEvents): Promise<Inputs> {
    const { groupId, topics, sessionTimeoutMs, maxBytes, owned } = settings;
    const consumer = kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: 2 * sessionTimeoutMs,
      heartbeatInterval: Math.ceil(sessionTimeoutMs / 10),
      maxBytes,
      maxBytesPerPartition: maxBytes,
      maxWaitTimeInMs: 200,
      partitionAssigners: [partitionAssigner(owned)],
      retry: { initialRetryTime: 100, maxRetryTime: 5000, retries: 8, restartOnFailure: async () => false },
    });
    const admin = kafka.admin();
    const inputs = new Inputs(consumer, admin, settings);
    try {
      await admin.connect();
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      consumer.on('consumer.group_join', ({ payload }) => events.assigned(payload.memberAssignment[topics[0] ?? ''] ?? []));
      consumer.on('consumer.stop', () => (inputs.#left = true));
      consumer.on('consumer.crash', ({ payload }) => events.crashed(payload.error));
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: settings.concurrency,
        eachBatch: (payload) => events.batch(inputBatch(payload)),
      });
    } catch (thrown) {
      await inputs.close();
      throw thrown;
    }
    return inputs;
  }

  /** Where the group stands in each input topic of a partition: the committed offset, else the first there is. */
  async committed(partition: number): Promise<readonly Position[]> {
    const { groupId, topics } = this.#settings;
    const committed = await this.#admin.fetchOffsets({ groupId, topics: [...topics] });
    return await Promise.all(
      committed.map(async ({ topic, partitions }) => {
        const offset = partitions.find((one) => one.partition === partition)?.offset ?? '-1';
        return { topic, offset: offset === '-1' ? await this.#first(topic, partition) : BigInt(offset) };
      }),
    );
  }

  async #first(topic: string, partition: number): Promise<bigint> {
    const offsets = await this.#admin.fetchTopicOffsets(topic);
    return BigInt(offsets.find((one) => one.partition === partition)?.low ?? '0');
  }

  /** The next fetch begins there; where the group was left there is none. */
  seek(partition: number, positions: readonly Position[]): void {
    if (this.#left) return;
    for (const { topic, offset } of positions) this.#consumer.seek({ topic, partition, offset: offset.toString() });
  }

  /** Takes no further batch, waits for the handlers, leaves the group. */
  async stop(): Promise<void> {
    await within(STOP_MS, this.#consumer.stop());
  }

  async close(): Promise<void> {
    await within(CLOSE_MS, this.#consumer.disconnect());
    await within(CLOSE_MS, this.#admin.disconnect());
  }
}

function inputBatch(payload: EachBatchPayload): InputBatch {
  const { batch } = payload;
  return {
    topic: batch.topic,
    partition: batch.partition,
    messages: batch.messages,
    next: BigInt(batch.lastOffset()) + 1n,
    end: BigInt(batch.highWatermark),
    heartbeat: () => payload.heartbeat(),
    taken: (offset) => payload.resolveOffset(offset),
    isStale: () => payload.isStale() || !payload.isRunning(),
  };
}
