/**
 * Sends messages of one partition back to where they came from, each at most once: what is sent and how far each group has come are one transaction, under a
 * transactional id that is the partition's own. Who opens the log last fences the others, also before its first transaction.
 */
import type { Kafka, Producer } from 'kafkajs';
import { kafkaError } from './failure.ts';
import { requests, transactionalProducer, type Outgoing } from './partition-log.ts';
import { withAdmin } from './topics.ts';
import { CLOSE_MS, within } from './within.ts';

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

export class ReturnLog {
  readonly #producer: Producer;
  readonly #from: Place;

  private constructor(producer: Producer, from: Place) {
    this.#producer = producer;
    this.#from = from;
  }

  /** @throws SluiceError SLUICE_E_KAFKA… */
  static async own(kafka: Kafka, transactionalId: string, from: Place): Promise<ReturnLog> {
    const log = new ReturnLog(transactionalProducer(kafka, transactionalId), from);
    try {
      await log.#producer.connect();
      // The epoch is raised by the first transaction, an empty one too; an open one of an earlier owner is aborted.
      await (await log.#producer.transaction()).abort();
      return log;
    } catch (thrown) {
      await log.close();
      throw kafkaError(thrown);
    }
  }

  /** All or nothing, to the partition of the same number. @param next by group, the next offset it would send back. @throws SluiceError SLUICE_E_KAFKA… */
  async write(records: readonly Outgoing[], next: ReadonlyMap<string, bigint>): Promise<void> {
    const { topic, partition } = this.#from;
    const transaction = await this.#producer.transaction().catch(rethrow);
    try {
      for (const topicMessages of requests(records, partition)) await transaction.sendBatch({ topicMessages });
      for (const [consumerGroupId, offset] of next) await transaction.sendOffsets({ consumerGroupId, topics: [{ topic, partitions: [{ partition, offset: offset.toString() }] }] });
      await transaction.commit();
    } catch (thrown) {
      // Nobody reads past an open transaction. Where the commit's outcome is unknown, there is none to abort.
      if (transaction.isActive()) await transaction.abort().catch(() => {});
      throw kafkaError(thrown);
    }
  }

  async close(): Promise<void> {
    await within(CLOSE_MS, this.#producer.disconnect());
  }
}

function rethrow(thrown: unknown): never {
  throw kafkaError(thrown);
}

/** The next offset of each partition that a group would be given; nothing of those it has never come to. */
export async function positionsOf(kafka: Kafka, groupId: string, topic: string): Promise<ReadonlyMap<number, bigint>> {
  const [found] = await withAdmin(kafka, (admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
  return new Map((found?.partitions ?? []).flatMap(({ partition, offset }) => (offset === '-1' ? [] : [[partition, BigInt(offset)]])));
}
