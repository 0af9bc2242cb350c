/**
 * The outputs of one input partition. All that a micro-batch writes and the offsets of its inputs go into one transaction, under a transactional id
 * that is the partition's own: whoever writes the barrier with it last is the owner, and every earlier owner's next write fails (KIP-98 fencing by epoch).
 * After any failure the outcome is not known here: the log is closed, and the state is read again by the next owner.
 */
import type { IHeaders, Kafka, Producer, TopicMessages } from 'kafkajs';

/** One record to be written; `value` null is a tombstone. */
export interface Outgoing {
  readonly topic: string;
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers?: IHeaders;
}

/** The next offset to be read of an input topic. */
export interface Position {
  readonly topic: string;
  readonly offset: bigint;
}

export class PartitionLog {
  readonly #producer: Producer;
  readonly #partition: number;
  readonly #groupId: string;

  private constructor(producer: Producer, partition: number, groupId: string) {
    this.#producer = producer;
    this.#partition = partition;
    this.#groupId = groupId;
  }

  /** Takes the partition over: connecting alone does not fence an earlier owner, a transaction does. @param barrier the record up to which the state is to be read */
  static async own(kafka: Kafka, { transactionalId, partition, groupId }: { transactionalId: string; partition: number; groupId: string }, barrier: Outgoing): Promise<PartitionLog> {
    // The next transaction right after a commit is told to try again: with kafkajs's own 300 ms that would be most of its time.
    const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1, retry: { initialRetryTime: 20, retries: 8 } });
    const log = new PartitionLog(producer, partition, groupId);
    try {
      await producer.connect();
      await log.write([barrier], []);
    } catch (thrown) {
      await log.close();
      throw thrown;
    }
    return log;
  }

  /** Writes all records and positions, or nothing. */
  async write(records: readonly Outgoing[], positions: readonly Position[]): Promise<void> {
    const transaction = await this.#producer.transaction();
    await transaction.sendBatch({ topicMessages: byTopic(records, this.#partition) });
    if (positions.length > 0) {
      const topics = positions.map(({ topic, offset }) => ({ topic, partitions: [{ partition: this.#partition, offset: offset.toString() }] }));
      await transaction.sendOffsets({ consumerGroupId: this.#groupId, topics });
    }
    await transaction.commit();
  }

  async close(): Promise<void> {
    await this.#producer.disconnect();
  }
}

function byTopic(records: readonly Outgoing[], partition: number): TopicMessages[] {
  const topics = new Map<string, TopicMessages>();
  for (const { topic, key, value, headers } of records) {
    const messages = topics.get(topic) ?? { topic, messages: [] };
    topics.set(topic, messages);
    messages.messages.push({ partition, key, value, ...(headers === undefined ? {} : { headers }) });
  }
  return [...topics.values()];
}
