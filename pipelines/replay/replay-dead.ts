/**
 * Sends dead letters back to the topics they came from. The letters of a code that were sent back equally often have a consumer group of their own that says how
 * far they were sent back, committed with what is sent: a run sends all of these or none, so each letter is sent back at most once, whichever codes and attempts
 * a run is for, and none is passed over. What is dead again is another letter, with one attempt more.
 */
import type { Kafka, KafkaMessage } from 'kafkajs';
import { batchBytes } from '../../infra/kafka/produce-request.ts';
import { readTopic } from '../../infra/kafka/read-topic.ts';
import { positionsOf, ReturnLog } from '../../infra/kafka/return-log.ts';
import { inputTopic, withAdmin } from '../../infra/kafka/topics.ts';
import { closing } from '../closing.ts';
import { letterOf, type Letter } from './letter.ts';

export interface ReplaySettings {
  /** Of the pipeline: the groups and transactional ids begin with it. */
  readonly name: string;
  readonly dead: string;
  /** Topics that letters may go back to. */
  readonly inputs: readonly string[];
  /** Letters with this code; null: all. */
  readonly code: string | null;
  /** Letters in all, at most. */
  readonly max: number;
  /** A message that was sent back so often is not sent again. */
  readonly attempts: number;
  /** Nothing is sent. */
  readonly dryRun: boolean;
}

export interface ReplaySummary {
  /** Letters sent back; in a dry run, those that would be. */
  readonly sent: number;
  /** Sent back by an earlier run. */
  readonly before: number;
  /** Sent back as often as is allowed, or too large with the count of attempts. */
  readonly given_up: number;
  /** No dead letters of this pipeline. */
  readonly foreign: number;
}

export interface ReplayEvents {
  sent(letter: Letter): void;
  /** Its topic would refuse it. */
  unfit(letter: Letter, cause: string): void;
}

/** @throws SluiceError SLUICE_E_TOPICS, SLUICE_E_KAFKA… */
export function replayDead(kafka: Kafka, settings: ReplaySettings, events: ReplayEvents, signal: AbortSignal): Promise<ReplaySummary> {
  return closing(async (later) => {
    const { name, dead, inputs, code, max, attempts, dryRun } = settings;
    const count = { sent: 0, before: 0, given_up: 0, foreign: 0 };
    const enough = new AbortController();
    const limits = new Map(await withAdmin(kafka, (admin) => Promise.all(inputs.map(async (topic) => [topic, (await inputTopic(admin, topic, [])).largest] as const))));
    const groupOf = ({ code: of, attempts: before }: Letter): string => `${name}-replay-dead-${of}-${before}`;
    const logs = new Map<number, ReturnLog>();
    const positions = new Map<string, ReadonlyMap<number, bigint>>();
    const logOf = async (partition: number): Promise<ReturnLog> => {
      const log = logs.get(partition) ?? (await ReturnLog.own(kafka, `${name}-replay-dead-${partition}`, { topic: dead, partition }));
      if (!logs.has(partition)) {
        logs.set(partition, log);
        later(() => log.close());
        // Asked again now that nobody else can move them.
        positions.clear();
      }
      return log;
    };
    const isNew = async (letter: Letter): Promise<boolean> => {
      const group = groupOf(letter);
      const found = positions.get(group) ?? (await positionsOf(kafka, group, dead));
      positions.set(group, found);
      return letter.offset >= (found.get(letter.partition) ?? 0n);
    };
    const fits = (letter: Letter): boolean => {
      const { topic } = letter.back;
      const [bytes, limit] = [batchBytes(letter.back), limits.get(topic) ?? 0];
      if (bytes > limit) events.unfit(letter, `with its count of attempts it has ${bytes} bytes, and the topic ${topic} takes ${limit}`);
      return bytes <= limit;
    };
    const take = async (partition: number, messages: readonly KafkaMessage[]): Promise<void> => {
      const log = dryRun ? null : await logOf(partition);
      const due: Letter[] = [];
      for (const message of messages) {
        if (count.sent + due.length >= max) break;
        const letter = letterOf(partition, message, inputs);
        if (letter === null) count.foreign += 1;
        else if (code !== null && letter.code !== code) continue;
        // None of these was ever sent.
        else if (!fits(letter)) count.given_up += 1;
        else if (!(await isNew(letter))) count.before += 1;
        else if (letter.attempts >= attempts) count.given_up += 1;
        else due.push(letter);
      }
      if (due.length > 0) await log?.write(due.map(({ back }) => back), new Map(due.map((letter) => [groupOf(letter), letter.offset + 1n])));
      count.sent += due.length;
      due.forEach((letter) => events.sent(letter));
      if (count.sent >= max) enough.abort();
    };
    await readTopic(kafka, { topic: dead, follow: false }, take, AbortSignal.any([signal, enough.signal]));
    return count;
  });
}
