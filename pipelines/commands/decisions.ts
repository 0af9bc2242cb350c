/** `sluice decisions PIPELINE.yaml`: what the workers have decided, as it is in the decisions topic. */
import { once } from 'node:events';
import { readTopic } from '../../infra/kafka/read-topic.ts';
import { lineOf } from '../../infra/sinks/jsonl.ts';
import { decisionOf } from '../../schemas/records-decision.ts';
import type { DecisionRecord } from '../../schemas/records.ts';
import { interruption } from './interruption.ts';
import { printable } from './printable.ts';
import { connect } from './with-kafka.ts';

export interface DecisionsFlags {
  readonly follow: boolean;
  readonly json: boolean;
}

export async function decisionsCommand(file: string, { follow, json }: DecisionsFlags): Promise<void> {
  const signal = interruption();
  const { config, kafka, codec } = await connect(file);
  const read = codec.reader('decision');
  const { decisions: topic } = config.sinks.kafka;
  await readTopic(
    kafka,
    { topic, follow },
    async (partition, messages) => {
      const lines: string[] = [];
      for (const { key, value } of messages) lines.push(value === null ? forgottenLine(String(key), partition, json) : decisionLine(await read(value), json));
      // Whoever reads slowly is waited for.
      if (!process.stdout.write(lines.map((line) => `${line}\n`).join(''))) await once(process.stdout, 'drain');
    },
    signal,
  );
}

/** Nothing of the sample is to be kept any more. */
function forgottenLine(id: string, partition: number, json: boolean): string {
  return json ? JSON.stringify({ id, partition, forgotten: true }) : printable(`${partition}  ${id}: forgotten`);
}

/** A verdict as a line of an export, or what came to be known of an earlier one; `seq` counts in `partition`. */
export function decisionLine(record: DecisionRecord, json: boolean): string {
  const { id, stream, partition, seq } = record;
  const said = decisionOf(record);
  if ('amend' in said) {
    const { suspicion, review } = said.amend;
    if (json) return JSON.stringify({ id, stream, seq, review, suspicion_now: suspicion, partition });
    return printable(`${partition}/${seq}  ${id}: suspicion ${suspicion.toFixed(3)}${review ? ', to be reviewed' : ''}`);
  }
  const { decision } = said;
  if (json) return JSON.stringify({ ...lineOf({ ...decision, suspicionNow: decision.suspicion }), partition });
  const [reason] = decision.reasons;
  const why = reason === undefined ? '' : ` (${reason.code} ${reason.value.toPrecision(3)}, threshold ${reason.threshold.toPrecision(3)})`;
  return printable(`${partition}/${seq}  ${decision.verdict}  ${id}${why}`);
}
