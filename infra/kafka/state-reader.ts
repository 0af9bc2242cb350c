/**
 * Reads the changelog of one partition from its beginning up to a barrier. kafkajs has no consumer without a group: this one is the only member of a group
 * of its own, with every partition paused but those that are being read.
 */
import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';

export interface LoggedRecord {
  readonly key: string;
  /** Null: a tombstone. */
  readonly value: Uint8Array | null;
}

interface Reading {
  readonly isBarrier: (record: LoggedRecord) => boolean;
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

  private constructor(kafka: Kafka, topic: string, group: string) {
    this.#kafka = kafka;
    this.#topic = topic;
    this.#group = group;
    this.#consumer = kafka.consumer({ groupId: group, maxBytesPerPartition: 8 * 2 ** 20, maxBytes: 16 * 2 ** 20, maxWaitTimeInMs: 100, retry: { restartOnFailure: async () => true } });
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
    const joined = new Promise<void>((resolve, reject) => {
      this.#consumer.on('consumer.group_join', () => resolve());
      this.#consumer.on('consumer.crash', ({ payload: { error, restart } }) => {
        if (restart) return;
        reject(error);
        this.#fail(error);
      });
    });
    await this.#consumer.run({ autoCommit: false, partitionsConsumedConcurrently: partitions, eachBatch: async (payload) => this.#take(payload) });
    this.#consumer.pause([{ topic: this.#topic, partitions: Array.from({ length: partitions }, (_, p) => p) }]);
    await joined;
  }

  /** Hands over every record before the barrier; of equal keys the last one holds. One reading of a partition at a time. */
  read(partition: number, isBarrier: (record: LoggedRecord) => boolean, onRecord: (record: LoggedRecord) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#readings.set(partition, { isBarrier, onRecord, resolve, reject });
      this.#consumer.seek({ topic: this.#topic, partition, offset: '0' });
      this.#consumer.resume([{ topic: this.#topic, partitions: [partition] }]);
    });
  }

  async #take({ batch, isStale, heartbeat }: EachBatchPayload): Promise<void> {
    const reading = this.#readings.get(batch.partition);
    // Fetched before the reading began.
    if (reading === undefined || isStale()) return;
    for (const { key, value } of batch.messages) {
      // A copy: the bytes are part of one large buffer, which would be held as long as any of them.
      const record = { key: key?.toString() ?? '', value: value === null ? null : new Uint8Array(value) };
      if (reading.isBarrier(record)) {
        this.#readings.delete(batch.partition);
        this.#consumer.pause([{ topic: this.#topic, partitions: [batch.partition] }]);
        return reading.resolve();
      }
      reading.onRecord(record);
    }
    await heartbeat();
  }

  #fail(error: unknown): void {
    for (const { reject } of this.#readings.values()) reject(error);
    this.#readings.clear();
  }

  async close(): Promise<void> {
    this.#fail(new Error('the state reader was closed'));
    await this.#consumer.disconnect();
    // Nobody will come back to this group.
    const admin = this.#kafka.admin();
    await admin.connect();
    await admin.deleteGroups([this.#group]).catch(() => {});
    await admin.disconnect();
  }
}
