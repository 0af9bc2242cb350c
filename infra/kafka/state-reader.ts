/**
 * Reads the changelog of one partition from its beginning up to a barrier. kafkajs has no consumer without a group: this one is the only member of a group
 * of its own, with every partition paused but those that are being read.
 */
import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { SluiceError } from '../../schemas/errors.ts';
import { deleteGroup } from './read-topic.ts';
import { CLOSE_MS, within } from './within.ts';

export interface LoggedRecord {
  readonly key: string;
  /** Null: a tombstone. */
  readonly value: Uint8Array | null;
}

/** The record up to which a state is read. */
export interface Barrier {
  readonly is: (record: LoggedRecord) => boolean;
  /** Where it was written; null: not known. */
  readonly offset: bigint | null;
}

interface Reading {
  readonly barrier: Barrier;
  readonly onRecord: (record: LoggedRecord) => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class StateReader {
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly #group: string;
  readonly #consumer: Consumer;
  readonly #readings = new Map<number, Reading>();
  /** Rejects when nothing more can be read. */
  readonly #over = Promise.withResolvers<never>();

  private constructor(kafka: Kafka, topic: string, group: string) {
    this.#kafka = kafka;
    this.#topic = topic;
    this.#group = group;
    this.#consumer = kafka.consumer({ groupId: group, maxBytesPerPartition: 8 * 2 ** 20, maxBytes: 16 * 2 ** 20, maxWaitTimeInMs: 100, retry: { restartOnFailure: async () => false } });
    // Where nobody is reading nobody needs to know.
    this.#over.promise.catch(() => {});
    this.#consumer.on('consumer.crash', ({ payload: { error } }) => this.#fail(error));
  }

  static async open(kafka: Kafka, topic: string, partitions: number): Promise<StateReader> {
    const reader = new StateReader(kafka, topic, `${topic}-reader-${randomUUID()}`);
    try {
      await reader.#start(partitions);
    } catch (thrown) {
      await reader.close();
      throw thrown;
    }
    return reader;
  }

  async #start(partitions: number): Promise<void> {
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topic: this.#topic, fromBeginning: true });
    const joined = new Promise<void>((resolve) => void this.#consumer.on('consumer.group_join', () => resolve()));
    await this.#consumer.run({ autoCommit: false, partitionsConsumedConcurrently: partitions, eachBatch: async (payload) => this.#take(payload) });
    // One that could not join has crashed by now; why says more than that it cannot be paused.
    await Promise.race([joined, this.#over.promise]);
    this.#consumer.pause([{ topic: this.#topic, partitions: Array.from({ length: partitions }, (_, p) => p) }]);
  }

  /**
   * Hands over every record before the barrier; of equal keys the last one holds. One reading of a partition at a time.
   * @throws SluiceError SLUICE_E_KAFKA where the barrier is gone: that of a newer owner took its place, and compaction removed it
   */
  async read(partition: number, barrier: Barrier, onRecord: (record: LoggedRecord) => void): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
      this.#readings.set(partition, { barrier, onRecord, resolve, reject });
      this.#consumer.seek({ topic: this.#topic, partition, offset: '0' });
      this.#consumer.resume([{ topic: this.#topic, partitions: [partition] }]);
    });
    await Promise.race([done, this.#over.promise]);
  }

  async #take(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const reading = this.#readings.get(batch.partition);
    // Fetched before the reading began.
    if (reading === undefined || payload.isStale()) return;
    const { barrier } = reading;
    for (const { key, value, offset } of batch.messages) {
      // A copy: the bytes are part of one large buffer, which would be held as long as any of them.
      const record = { key: key?.toString() ?? '', value: value === null ? null : new Uint8Array(value) };
      const passed = barrier.offset !== null && BigInt(offset) > barrier.offset;
      if (passed || barrier.is(record)) {
        this.#readings.delete(batch.partition);
        this.#consumer.pause([{ topic: this.#topic, partitions: [batch.partition] }]);
        return passed ? reading.reject(new SluiceError('SLUICE_E_KAFKA', `a newer owner has taken over partition ${batch.partition} of ${this.#topic}`)) : reading.resolve();
      }
      reading.onRecord(record);
    }
    await payload.heartbeat();
  }

  #fail(error: unknown): void {
    this.#readings.clear();
    this.#over.reject(error);
  }

  async close(): Promise<void> {
    this.#fail(new SluiceError('SLUICE_E_INTERRUPTED', 'the worker is leaving the group'));
    await within(CLOSE_MS, this.#consumer.disconnect());
    await within(CLOSE_MS, deleteGroup(this.#kafka, this.#group));
  }
}
