/** Reads a topic for somebody who looks: as the only member of a group of its own, which commits nothing and goes when it is done. */
import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { SluiceError } from '../../schemas/errors.ts';
import { kafkaError } from './failure.ts';
import { Heart } from './heart.ts';
import { withAdmin } from './topics.ts';
import { CLOSE_MS, within } from './within.ts';

export interface Reading {
  readonly topic: string;
  /** Goes on behind the end there was at the start. */
  readonly follow: boolean;
  /** How long the broker waits for a reader that is gone; left out: kafkajs's 30 s. */
  readonly sessionTimeoutMs?: number;
}

/** Told of committed messages of one partition, in order, of each once; the next are fetched when it has returned. */
type Take = (partition: number, messages: readonly KafkaMessage[]) => Promise<void>;

/**
 * Reads to the end that the topic has now, or until the signal. Messages of an open transaction are waited for.
 * @throws SluiceError SLUICE_E_TOPICS where it is not there, SLUICE_E_KAFKA…, and what `take` throws
 */
export async function readTopic(kafka: Kafka, { topic, follow, sessionTimeoutMs = 30_000 }: Reading, take: Take, signal: AbortSignal): Promise<void> {
  const ends = await endsOf(kafka, topic);
  const open = new Set(ends.filter(({ low, high }) => BigInt(high) > BigInt(low)).map(({ partition }) => partition));
  if ((open.size === 0 && !follow) || signal.aborted) return;
  const group = `${topic}-look-${randomUUID()}`;
  const heartbeatInterval = Math.ceil(sessionTimeoutMs / 10);
  const consumer = kafka.consumer({ groupId: group, sessionTimeout: sessionTimeoutMs, rebalanceTimeout: 2 * sessionTimeoutMs, heartbeatInterval, maxWaitTimeInMs: 200, retry: { restartOnFailure: async () => false } });
  const over = Promise.withResolvers<void>();
  const endOf = (partition: number): bigint => BigInt(ends.find((one) => one.partition === partition)?.high ?? '0');
  /** The next offset of each partition that is not taken yet. */
  const next = new Map<number, bigint>();
  let failed = false;
  const stop = (): void => over.resolve();
  signal.addEventListener('abort', stop, { once: true });
  // Nothing is committed: whenever it joins anew it would begin at the beginning.
  consumer.on('consumer.group_join', () => next.forEach((offset, partition) => consumer.seek({ topic, partition, offset: offset.toString() })));
  consumer.on('consumer.crash', ({ payload }) => over.reject(payload.error));
  const reached = (partition: number, last: string): void => {
    if (follow) return;
    if (BigInt(last) + 1n >= endOf(partition)) open.delete(partition);
    if (open.size === 0) stop();
  };
  // Also of batches that hold the ends of transactions alone, which no handler sees. An empty fetch, as while a transaction is open, says its last offset were the end.
  consumer.on('consumer.end_batch_process', ({ payload: { partition, firstOffset, lastOffset } }) => void (firstOffset === null || reached(partition, lastOffset)));
  try {
    const started = start(consumer, topic, async (payload) => {
      const { batch } = payload;
      const first = next.get(batch.partition) ?? 0n;
      const messages = batch.messages.filter(({ offset }) => BigInt(offset) >= first && (follow || BigInt(offset) < endOf(batch.partition)));
      if (signal.aborted || failed || messages.length === 0) return;
      next.set(batch.partition, BigInt(batch.lastOffset()) + 1n);
      const heart = new Heart(() => payload.heartbeat(), heartbeatInterval);
      const taken = take(batch.partition, messages).catch((error: unknown) => {
        failed = true;
        over.reject(error);
      });
      await heart.during(taken);
      // Whoever has lost its place by now is given nothing more of a partition that was read to its end.
      reached(batch.partition, batch.lastOffset());
      heart.check();
      await payload.heartbeat();
    });
    // Whoever ends it need not wait until a broker lets it begin.
    await Promise.race([started, over.promise]);
    await over.promise;
  } catch (thrown) {
    throw kafkaError(thrown);
  } finally {
    signal.removeEventListener('abort', stop);
    await within(CLOSE_MS, consumer.disconnect());
    await within(CLOSE_MS, deleteGroup(kafka, group));
  }
}

async function start(consumer: Consumer, topic: string, eachBatch: (payload: EachBatchPayload) => Promise<void>): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ autoCommit: false, eachBatch });
}

function endsOf(kafka: Kafka, topic: string): Promise<readonly { readonly partition: number; readonly low: string; readonly high: string }[]> {
  return withAdmin(kafka, async (admin) => {
    // To ask for the offsets of a topic would make it, where brokers make topics by themselves.
    if (!(await admin.listTopics()).includes(topic)) throw new SluiceError('SLUICE_E_TOPICS', `There is no topic ${topic}.`);
    return await admin.fetchTopicOffsets(topic);
  });
}

/** Of a group that nobody will come back to. */
export async function deleteGroup(kafka: Kafka, group: string): Promise<void> {
  await withAdmin(kafka, (admin) => admin.deleteGroups([group])).catch(() => {});
}
