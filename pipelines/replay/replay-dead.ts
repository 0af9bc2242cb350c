/**
 * Sends dead letters back to the topics they came from. Each code has a consumer group of its own that says how far its letters were sent back, committed with
 * what is sent: so each letter is sent back at most once, whichever codes a run is for. What is dead again is another letter, with one attempt more.
 */
import type { Kafka, KafkaMessage } from 'kafkajs';
import { readTopic } from '../../infra/kafka/read-topic.ts';
import { positionsOf, ReturnLog } from '../../infra/kafka/return-log.ts';
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
  /** Sent back as often as is allowed. */
  readonly given_up: number;
  /** No dead letters of this pipeline. */
  readonly foreign: number;
}

/** @param tell of each letter that is sent back. @throws SluiceError SLUICE_E_TOPICS, SLUICE_E_KAFKA… */
export function replayDead(kafka: Kafka, settings: ReplaySettings, tell: (letter: Letter) => void, signal: AbortSignal): Promise<ReplaySummary> {
  return closing(async (later) => {
    const { name, dead, inputs, code, max, attempts, dryRun } = settings;
    const count = { sent: 0, before: 0, given_up: 0, foreign: 0 };
    const enough = new AbortController();
    const groupOf = (of: string): string => `${name}-replay-dead-${of}`;
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
    const isNew = async ({ code: of, partition, offset }: Letter): Promise<boolean> => {
      const found = positions.get(of) ?? (await positionsOf(kafka, groupOf(of), dead));
      positions.set(of, found);
      return offset >= (found.get(partition) ?? 0n);
    };
    const take = async (partition: number, messages: readonly KafkaMessage[]): Promise<void> => {
      const log = dryRun ? null : await logOf(partition);
      const due: Letter[] = [];
      for (const message of messages) {
        if (count.sent + due.length >= max) break;
        const letter = letterOf(partition, message, inputs);
        if (letter === null) count.foreign += 1;
        else if (code !== null && letter.code !== code) continue;
        else if (!(await isNew(letter))) count.before += 1;
        else if (letter.attempts >= attempts) count.given_up += 1;
        else due.push(letter);
      }
      if (due.length > 0) {
        await log?.write(due.map(({ back }) => back), new Map(due.map((letter) => [groupOf(letter.code), letter.offset + 1n])));
        // The topic is read again from its beginning where the reader has to join anew.
        for (const { code: of, offset } of due) positions.set(of, new Map(positions.get(of)).set(partition, offset + 1n));
      }
      count.sent += due.length;
      due.forEach(tell);
      if (count.sent >= max) enough.abort();
    };
    const from = code === null ? new Map<number, bigint>() : await positionsOf(kafka, groupOf(code), dead);
    await readTopic(kafka, { topic: dead, from, follow: false }, take, AbortSignal.any([signal, enough.signal]));
    return count;
  });
}
