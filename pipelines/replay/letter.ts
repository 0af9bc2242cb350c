/** A message of the dead letter topic, and the message it was before. */
import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { Outgoing } from '../../infra/kafka/partition-log.ts';
import { ERRORS as CATALOGUE } from '../../schemas/errors.ts';
import { ATTEMPT, CAUSE, CODE, ERRORS, EVENT, ID, PARTITION, SEQ, TOPIC } from '../stream/headers.ts';

export interface Letter {
  readonly partition: number;
  readonly offset: bigint;
  readonly id: string;
  /** Of the catalogue. */
  readonly code: string;
  readonly cause: string;
  /** How often the message was sent back before. */
  readonly attempts: number;
  /** The message as it came, but for a count of attempts that is one higher. */
  readonly back: Outgoing;
}

const OURS: ReadonlySet<string> = new Set([ID, SEQ, EVENT]);

/**
 * @param inputs topics that messages may be sent back to: whoever can write dead letters may not choose another
 * @returns null for what is no dead letter of a worker of this pipeline
 */
export function letterOf(partition: number, { offset, key, value, headers = {} }: KafkaMessage, inputs: readonly string[]): Letter | null {
  const said = (name: string): string | undefined => headers[name]?.toString();
  const [topic, code] = [said(TOPIC), said(CODE)];
  if (topic === undefined || !inputs.includes(topic) || said(PARTITION) !== String(partition)) return null;
  if (code === undefined || !Object.hasOwn(CATALOGUE, code)) return null;
  const counted = Number(said(ATTEMPT) ?? 0);
  const attempts = Number.isSafeInteger(counted) && counted > 0 ? counted : 0;
  const kept: IHeaders = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(ERRORS) && !OURS.has(name)));
  const back = { topic, key, value, headers: { ...kept, [ATTEMPT]: String(attempts + 1) } };
  return { partition, offset: BigInt(offset), id: said(ID) ?? '', code, cause: said(CAUSE) ?? '', attempts, back };
}
