/** What a micro-batch writes, as records of the output topics. */
import type { Outgoing } from '../../infra/kafka/partition-log.ts';
import type { Batch } from '../../operators/ports.ts';
import type { Change } from '../../schemas/decision.ts';
import { amendRecord, decisionRecord } from '../../schemas/records-decision.ts';
import type { AlertRecord, ChangelogRecord, DecisionRecord } from '../../schemas/records.ts';
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
  for (const decision of batch.decisions) yield { topic: topics.decisions, key: decision.id, value: encode.decision(decisionRecord(decision, partition)) };
  for (const amend of batch.amends) {
    const item = who(amend.seq);
    yield { topic: topics.decisions, key: item.id, value: encode.decision(amendRecord(amend, item, partition)) };
  }
  for (const alert of batch.alerts) yield { topic: topics.alerts, key: String(alert.cluster ?? alert.kind), value: encode.alert({ ...alert, partition }) };
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
      '__connect.errors.topic': topic,
      '__connect.errors.partition': String(partition),
      '__connect.errors.offset': message.offset,
      '__connect.errors.connector.name': pipeline,
      '__connect.errors.stage': 'VALUE_CONVERTER',
      '__connect.errors.exception.class.name': code,
      '__connect.errors.exception.message': cause,
      '__sluice.id': id,
      '__sluice.seq': String(seq),
    };
    yield { topic: to, key: message.key, value: message.value, headers };
  }
}
