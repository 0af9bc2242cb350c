/** A worker process for the fault suite: the real pipeline over the real broker, with samples that carry their embeddings. */
import type { Kafka, Transaction } from 'kafkajs';
import { kafkaClient } from '../../../infra/kafka/client.ts';
import { openCodec } from '../../../infra/registry/codec.ts';
import { runWorker } from '../../../pipelines/stream/run.ts';
import type { WorkerSettings } from '../../../pipelines/stream/session.ts';
import { NO_PICTURES } from '../../support/kafka.ts';

export interface WorkerPlan {
  readonly settings: WorkerSettings;
  readonly brokers: readonly string[];
  /** Before the nth commit of a transaction, from 1: everything is sent, nothing is final. */
  readonly beforeCommit: { readonly nth: number; readonly act: 'SIGKILL' | 'SIGSTOP' } | null;
}

const plan = JSON.parse(process.env['SLUICE_TEST_PLAN'] ?? '') as WorkerPlan;
const kafka = kafkaClient({ brokers: plan.brokers, clientId: plan.settings.name }, (line) => process.stderr.write(`${line}\n`));
if (plan.beforeCommit !== null) interrupt(kafka, plan.beforeCommit);
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
// The one that started it is gone.
let done = false;
process.on('disconnect', () => done || process.exit(1));
const events = {
  assigned: (partitions: readonly number[]) => process.stderr.write(`assigned ${partitions.join(' ')}\n`),
  takingOver: (partition: number) => process.stderr.write(`taking over ${partition}\n`),
  takenOver: (partition: number, decided: number) => process.stderr.write(`taken over ${partition} with ${decided}\n`),
  settled: () => {},
  repeated: () => {},
  lost: (partition: number, error: unknown) => process.stderr.write(`lost ${partition}: ${String(error)}\n`),
  failed: (error: unknown, waitMs: number) => process.stderr.write(`failed, again in ${waitMs} ms: ${String(error)}\n`),
};
await runWorker(plan.settings, { kafka, codec: await openCodec({ registry: null }), ...NO_PICTURES }, events, stop.signal);
done = true;
process.disconnect?.();

function interrupt(client: Kafka, { nth, act }: NonNullable<WorkerPlan['beforeCommit']>): void {
  let commits = 0;
  const make = client.producer.bind(client);
  client.producer = (config) => {
    const producer = make(config);
    const begin = producer.transaction.bind(producer);
    const transaction = async (): Promise<Transaction> => {
      const begun = await begin();
      const commit = async (): Promise<void> => {
        commits += 1;
        if (commits === nth) await end(act);
        await begun.commit();
      };
      return { ...begun, commit };
    };
    return { ...producer, transaction };
  };
}

/** The one that started this process is told first: it sets a frozen one going again. */
async function end(act: 'SIGKILL' | 'SIGSTOP'): Promise<void> {
  await new Promise((resolve) => process.send?.(act, resolve));
  process.kill(process.pid, act);
}
