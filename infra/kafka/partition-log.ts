/**
 * The outputs of one input partition. All that a micro-batch writes and the offsets of its inputs go into one transaction, under a transactional id
 * that is the partition's own: whoever writes the barrier with it last is the owner, and every earlier owner's next write fails (KIP-98 fencing by epoch).
 * After any failure the outcome is not known here: the log is closed, and the state is read again by the next owner.
 *
 * At least once, the outputs are sent ahead and only the state and the offsets are in the transaction. The state must be there too: half a batch in the changelog,
 * or one of an owner that thought it still was, would be a state that no run ever had; so must what other partitions are told of it.
 */
import type { IHeaders, Kafka, Producer, TopicMessages } from 'kafkajs';
import { Partitioners } from './kafkajs.ts';
import { CLOSE_MS, within } from './within.ts';

/** One record to be written; `value` null is a tombstone. */
export interface Outgoing {
  readonly topic: string;
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers?: IHeaders;
  /** Left out: that of the key, or of the log. */
  readonly partition?: number;
}

/** The next offset to be read of an input topic. */
export interface Position {
  readonly topic: string;
  readonly offset: bigint;
}

export type Delivery = 'exactly_once' | 'at_least_once';

export interface LogSettings {
  readonly transactionalId: string;
  readonly partition: number;
  readonly groupId: string;
  readonly delivery: Delivery;
  /** Topics whose records are in the transaction whatever the delivery. */
  readonly together: readonly string[];
}

export class PartitionLog {
  readonly #producer: Producer;
  /** What sends the outputs ahead; null: nothing does. */
  readonly #ahead: Producer | null;
  readonly #together: ReadonlySet<string>;
  readonly #partition: number;
  readonly #groupId: string;
  /** Settles when the last write has. */
  #written: Promise<void> = Promise.resolve();

  private constructor(producer: Producer, ahead: Producer | null, { partition, groupId, together }: LogSettings) {
    this.#producer = producer;
    this.#ahead = ahead;
    this.#together = new Set(together);
    this.#partition = partition;
    this.#groupId = groupId;
  }

  /**
   * Takes the partition over: connecting alone does not fence an earlier owner, a transaction does.
   * @param barrier the record up to which the state is to be read
   * @returns also its offset; null where the broker did not say, having had it before
   */
  static async own(kafka: Kafka, settings: LogSettings, { topic, key, value }: Outgoing): Promise<{ readonly log: PartitionLog; readonly offset: bigint | null }> {
    const producer = transactionalProducer(kafka, settings.transactionalId);
    const ahead = settings.delivery === 'exactly_once' ? null : plainProducer(kafka);
    const log = new PartitionLog(producer, ahead, settings);
    try {
      await producer.connect();
      await ahead?.connect();
      const transaction = await producer.transaction();
      const [at] = await transaction.send({ topic, messages: [{ partition: settings.partition, key, value }] });
      await transaction.commit();
      const offset = BigInt(at?.baseOffset ?? '-1');
      return { log, offset: offset < 0n ? null : offset };
    } catch (thrown) {
      await log.close();
      throw thrown;
    }
  }

  /**
   * Writes all records and positions, or nothing; at least once, the records of other topics than those that go together may be written all the same. Resolves
   * when they are on their way: when those before them have been written.
   * @throws where those could not be
   */
  async write(records: readonly Outgoing[], positions: readonly Position[]): Promise<{ readonly written: Promise<void> }> {
    const before = this.#written;
    const written = before.then(() => this.#transact(records, positions));
    this.#written = written;
    // Whoever comes next is told.
    written.catch(() => {});
    await before;
    return { written };
  }

  async #transact(records: readonly Outgoing[], positions: readonly Position[]): Promise<void> {
    const isAhead = ({ topic }: Outgoing): boolean => this.#ahead !== null && !this.#together.has(topic);
    // Beside those of the transaction, which is committed when they are written.
    const ahead = this.#sendAhead(records.filter(isAhead));
    ahead.catch(() => {});
    const transaction = await this.#producer.transaction();
    for (const topicMessages of requests(records.filter((record) => !isAhead(record)), this.#partition)) await transaction.sendBatch({ topicMessages });
    await ahead;
    if (positions.length > 0) {
      const topics = positions.map(({ topic, offset }) => ({ topic, partitions: [{ partition: this.#partition, offset: offset.toString() }] }));
      await transaction.sendOffsets({ consumerGroupId: this.#groupId, topics });
    }
    await transaction.commit();
  }

  async #sendAhead(records: readonly Outgoing[]): Promise<void> {
    for (const topicMessages of requests(records, this.#partition)) await this.#ahead?.sendBatch({ topicMessages });
  }

  async close(): Promise<void> {
    await within(CLOSE_MS, Promise.all([this.#producer.disconnect(), this.#ahead?.disconnect()]));
  }
}

export function transactionalProducer(kafka: Kafka, transactionalId: string): Producer {
  // The next transaction right after a commit is told to try again: with kafkajs's own 300 ms that would be most of its time.
  return kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1, retry: { initialRetryTime: 20, retries: 8 } });
}

/** One that sends in order and nothing twice as long as it lives. A record without a partition goes to that of its key, as Java's clients choose it. */
export function plainProducer(kafka: Kafka): Producer {
  return kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent: true, maxInFlightRequests: 1, retry: { initialRetryTime: 100, maxRetryTime: 5000, retries: 15 } });
}

/** Of a topic in one request, unless a single record is larger: brokers refuse what is over their `max.message.bytes`, 1 MB by default. */
const REQUEST_BYTES = 512 * 1024;

/** The records in as few requests as their size allows, those of a topic in order. @param partition null: that of each record, or of its key */
export function requests(records: readonly Outgoing[], partition: number | null): TopicMessages[][] {
  const open = new Map<string, { round: number; bytes: number }>();
  const rounds: Map<string, TopicMessages>[] = [];
  for (const { topic, key, value, headers, partition: own } of records) {
    const bytes = sizeOf(key) + sizeOf(value) + Object.values(headers ?? {}).reduce((sum: number, header) => sum + sizeOf(header), 0);
    const last = open.get(topic) ?? { round: 0, bytes: 0 };
    const fits = last.bytes === 0 || last.bytes + bytes <= REQUEST_BYTES;
    const place = fits ? { round: last.round, bytes: last.bytes + bytes } : { round: last.round + 1, bytes };
    open.set(topic, place);
    const round = (rounds[place.round] ??= new Map<string, TopicMessages>());
    const messages = round.get(topic) ?? { topic, messages: [] };
    round.set(topic, messages);
    const to = partition ?? own;
    messages.messages.push({ ...(to === undefined ? {} : { partition: to }), key, value, ...(headers === undefined ? {} : { headers }) });
  }
  return rounds.map((round) => [...round.values()]);
}

/** Bytes, as near as matters. */
function sizeOf(value: IHeaders[string] | null): number {
  if (value === undefined || value === null) return 0;
  return Array.isArray(value) ? value.reduce((sum, one) => sum + one.length, 0) : value.length;
}
