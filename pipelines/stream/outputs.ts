/** What a micro-batch writes, as records of the output topics. */
import { createHash } from 'node:crypto';
import type { IHeaders } from 'kafkajs';
import type { Outgoing } from '../../infra/kafka/partition-log.ts';
import type { Batch } from '../../operators/ports.ts';
import type { Change } from '../../schemas/decision.ts';
import { alertRecord } from '../../schemas/records-alert.ts';
import { amendRecord, decisionRecord } from '../../schemas/records-decision.ts';
import { toldRecord } from '../../schemas/records-cluster.ts';
import type { AlertRecord, ChangelogRecord, ClusterRecord, DecisionRecord } from '../../schemas/records.ts';
import { CAUSE, CODE, ERRORS, EVENT, ID, PARTITION, SEQ, TOPIC } from './headers.ts';
import type { Known } from './journal.ts';
import { unpackLetter } from './letters.ts';
import type { Place, Placed } from './samples.ts';

export interface OutputTopics {
  readonly decisions: string;
  readonly alerts: string;
  /** Left out where partitions tell each other nothing. */
  readonly clusters?: string;
  readonly changelog: string;
  readonly dead: string;
}

export interface Encoders {
  readonly decision: (record: DecisionRecord) => Buffer;
  readonly alert: (record: AlertRecord) => Buffer;
  /** Null where there is no such topic. */
  readonly cluster: ((record: ClusterRecord) => Buffer) | null;
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
  const event = (seq: number, what: string): IHeaders => ({ [EVENT]: `${pipeline}/${partition}/${seq}/${what}` });
  for (const decision of batch.decisions) yield { topic: topics.decisions, key: decision.id, value: encode.decision(decisionRecord(decision, partition)), headers: event(decision.seq, 'decision') };
  for (const amend of batch.amends) {
    const item = who(amend.seq);
    const value = encode.decision(amendRecord(amend, item, partition));
    // An item may be amended more than once.
    yield { topic: topics.decisions, key: item.id, value, headers: event(amend.seq, `amend-${createHash('sha256').update(value).digest('hex').slice(0, 16)}`) };
  }
  // For whoever keeps decisions by the id of the sample: it is to go there too.
  for (const id of batch.forgotten ?? []) yield { topic: topics.decisions, key: id, value: null, headers: { [EVENT]: `${pipeline}/${partition}/forget-${createHash('sha256').update(id).digest('hex').slice(0, 16)}` } };
  for (const alert of batch.alerts) yield { topic: topics.alerts, key: String(alert.cluster ?? alert.kind), value: encode.alert(alertRecord(alert, partition)), headers: event(alert.seq, `${alert.kind}-${alert.cluster ?? ''}`) };
  yield* tellings(batch, topics, encode);
  yield* deadLetters(batch, placed, from, pipeline, topics.dead);
  for (const { kind, key, value } of changes) {
    const name = `${kind}/${key}`;
    const record = value === null ? null : encode.changelog({ kind, key: String(key), value: Buffer.from(value.buffer, value.byteOffset, value.length), seq: last });
    yield { topic: topics.changelog, key: name, value: record };
  }
}

function* tellings({ told }: Batch, { clusters: topic }: OutputTopics, { cluster: encode }: Encoders): Iterable<Outgoing> {
  if (topic === undefined || encode === null) return;
  for (const { key, record } of told.map(toldRecord)) yield { topic, key, value: record === null ? null : encode(record) };
}

/** Key, value and headers as they came, and beside them where from and why. */
function* deadLetters({ dead, unused }: Batch, placed: readonly Placed[], { topic, partition }: Place, pipeline: string, to: string): Iterable<Outgoing> {
  const messages = new Map(placed.map(({ seq, arrival }) => [seq, arrival.message]));
  for (const { seq, id, code, cause } of dead) {
    const message = messages.get(seq);
    if (message === undefined) continue;
    const { offset, key, value } = message;
    yield { topic: to, key, value, headers: { ...message.headers, ...causeHeaders({ topic, partition, offset, pipeline, code, cause, id }), [SEQ]: String(seq), [EVENT]: `${pipeline}/${partition}/${seq}/dead` } };
  }
  // A label takes no seq: it is no item.
  for (const { letter, id, code, cause } of unused) {
    const { key, value, headers, ...stood } = unpackLetter(letter);
    yield { topic: to, key, value, headers: { ...headers, ...causeHeaders({ ...stood, partition, pipeline, code, cause, id }), [EVENT]: `${pipeline}/${partition}/label-${stood.offset}/dead` } };
  }
}

/** Under the names Kafka Connect gives them. */
function causeHeaders(of: { readonly topic: string; readonly partition: number; readonly offset: string; readonly pipeline: string; readonly code: string; readonly cause: string; readonly id: string }): IHeaders {
  return {
    [TOPIC]: of.topic,
    [PARTITION]: String(of.partition),
    [`${ERRORS}offset`]: of.offset,
    [`${ERRORS}connector.name`]: of.pipeline,
    [`${ERRORS}stage`]: 'VALUE_CONVERTER',
    [CODE]: of.code,
    [CAUSE]: of.cause,
    [ID]: of.id,
  };
}
