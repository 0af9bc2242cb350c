/** What a micro-batch writes, as records of the output topics. */
import { createHash } from 'node:crypto';
import type { IHeaders } from 'kafkajs';
import type { Outgoing } from '../../infra/kafka/partition-log.ts';
import type { Batch } from '../../operators/ports.ts';
import type { Change } from '../../schemas/decision.ts';
import { amendRecord, decisionRecord } from '../../schemas/records-decision.ts';
import type { AlertRecord, ChangelogRecord, DecisionRecord } from '../../schemas/records.ts';
import { CAUSE, CODE, ERRORS, EVENT, ID, PARTITION, SEQ, TOPIC } from './headers.ts';
import type { Known } from './journal.ts';
import type { Place, Placed } from './samples.ts';

export interface OutputTopics {
  readonly decisions: string;
  readonly alerts: string;
  readonly changelog: string;
  readonly dead: string;
}

export interface Encoders {
  readonly decision: (record: DecisionRecord) => Buffer;
  readonly alert: (record: AlertRecord) => Buffer;
  readonly changelog: (record: ChangelogRecord) => Buffer;
}

export interface Outputs {
  readonly batch: Batch;
  /** Its changelog records; see journal.ts. */
  readonly changes: Iterable<Change>;
  readonly placed: readonly Placed[];
  readonly from: Place;
  /** Name of the pipeline, for the dead letters. */
  readonly pipeline: string;
  /** Who the item with this seq is. */
  readonly who: (seq: number) => Known;
}

export function* outgoing({ batch, changes, placed, from, pipeline, who }: Outputs, topics: OutputTopics, encode: Encoders): Iterable<Outgoing> {
  const { partition } = from;
  const event = (seq: number, what: string): IHeaders => ({ [EVENT]: `${pipeline}/${partition}/${seq}/${what}` });
  for (const decision of batch.decisions) yield { topic: topics.decisions, key: decision.id, value: encode.decision(decisionRecord(decision, partition)), headers: event(decision.seq, 'decision') };
  for (const amend of batch.amends) {
    const item = who(amend.seq);
    const value = encode.decision(amendRecord(amend, item, partition));
    // An item may be amended more than once.
    yield { topic: topics.decisions, key: item.id, value, headers: event(amend.seq, `amend-${createHash('sha256').update(value).digest('hex').slice(0, 16)}`) };
  }
  for (const alert of batch.alerts) yield { topic: topics.alerts, key: String(alert.cluster ?? alert.kind), value: encode.alert({ ...alert, partition }), headers: event(alert.seq, `${alert.kind}-${alert.cluster ?? ''}`) };
  yield* deadLetters(batch, placed, from, pipeline, topics.dead);
  for (const { kind, key, value } of changes) {
    const name = `${kind}/${key}`;
    const record = value === null ? null : encode.changelog({ kind, key: String(key), value: Buffer.from(value.buffer, value.byteOffset, value.length), seq: batch.decisions.at(-1)?.seq ?? 0 });
    yield { topic: topics.changelog, key: name, value: record };
  }
}

/** Key, value and headers as they came, and beside them where from and why, under the names Kafka Connect gives them. */
function* deadLetters({ dead }: Batch, placed: readonly Placed[], { topic, partition }: Place, pipeline: string, to: string): Iterable<Outgoing> {
  const messages = new Map(placed.map(({ seq, arrival }) => [seq, arrival.message]));
  for (const { seq, id, code, cause } of dead) {
    const message = messages.get(seq);
    if (message === undefined) continue;
    const headers = {
      ...message.headers,
      [TOPIC]: topic,
      [PARTITION]: String(partition),
      [`${ERRORS}offset`]: message.offset,
      [`${ERRORS}connector.name`]: pipeline,
      [`${ERRORS}stage`]: 'VALUE_CONVERTER',
      [CODE]: code,
      [CAUSE]: cause,
      [ID]: id,
      [SEQ]: String(seq),
      [EVENT]: `${pipeline}/${partition}/${seq}/dead`,
    };
    yield { topic: to, key: message.key, value: message.value, headers };
  }
}
