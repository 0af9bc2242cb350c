/** What a micro-batch writes, as records of the output topics. */
import type { IHeaders } from 'kafkajs';
import type { Outgoing } from '../../infra/kafka/partition-log.ts';
import type { Batch } from '../../operators/ports.ts';
import type { Change } from '../../schemas/decision.ts';
import { amendRecord, decisionRecord } from '../../schemas/records-decision.ts';
import type { AlertRecord, ChangelogRecord, DecisionRecord } from '../../schemas/records.ts';
import type { Known } from './journal.ts';
import { unpackLetter } from './letters.ts';
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
  /** Seq of the last item of the partition. */
  readonly last: number;
  readonly placed: readonly Placed[];
  readonly from: Place;
  /** Name of the pipeline, for the dead letters. */
  readonly pipeline: string;
  /** Who the item with this seq is. */
  readonly who: (seq: number) => Known;
}

export function* outgoing({ batch, changes, last, placed, from, pipeline, who }: Outputs, topics: OutputTopics, encode: Encoders): Iterable<Outgoing> {
  const { partition } = from;
  for (const decision of batch.decisions) yield { topic: topics.decisions, key: decision.id, value: encode.decision(decisionRecord(decision, partition)) };
  for (const amend of batch.amends) {
    const item = who(amend.seq);
    yield { topic: topics.decisions, key: item.id, value: encode.decision(amendRecord(amend, item, partition)) };
  }
  for (const alert of batch.alerts) yield { topic: topics.alerts, key: String(alert.cluster ?? alert.kind), value: encode.alert({ ...alert, partition }) };
  yield* deadLetters(batch, placed, from, pipeline, topics.dead);
  for (const { kind, key, value } of changes) {
    const name = `${kind}/${key}`;
    const record = value === null ? null : encode.changelog({ kind, key: String(key), value: Buffer.from(value.buffer, value.byteOffset, value.length), seq: last });
    yield { topic: topics.changelog, key: name, value: record };
  }
}

/** Key, value and headers as they came, and beside them where from and why. */
function* deadLetters({ dead, unused }: Batch, placed: readonly Placed[], { topic, partition }: Place, pipeline: string, to: string): Iterable<Outgoing> {
  const messages = new Map(placed.map(({ seq, arrival }) => [seq, arrival.message]));
  for (const { seq, id, code, cause } of dead) {
    const message = messages.get(seq);
    if (message === undefined) continue;
    const { offset, key, value } = message;
    yield { topic: to, key, value, headers: { ...message.headers, ...causeHeaders({ topic, partition, offset, pipeline, code, cause, id }), '__sluice.seq': String(seq) } };
  }
  // A label takes no seq: it is no item.
  for (const { letter, id, code, cause } of unused) {
    const { key, value, headers, ...stood } = unpackLetter(letter);
    yield { topic: to, key, value, headers: { ...headers, ...causeHeaders({ ...stood, partition, pipeline, code, cause, id }) } };
  }
}

/** Under the names Kafka Connect gives them. */
function causeHeaders(of: { readonly topic: string; readonly partition: number; readonly offset: string; readonly pipeline: string; readonly code: string; readonly cause: string; readonly id: string }): IHeaders {
  return {
    '__connect.errors.topic': of.topic,
    '__connect.errors.partition': String(of.partition),
    '__connect.errors.offset': of.offset,
    '__connect.errors.connector.name': of.pipeline,
    '__connect.errors.stage': 'VALUE_CONVERTER',
    '__connect.errors.exception.class.name': of.code,
    '__connect.errors.exception.message': of.cause,
    '__sluice.id': of.id,
  };
}
