/** A worker process for the fault suite: the real pipeline over the real broker, with samples that carry their embeddings. */
import type { Admin, Consumer, Kafka, Producer, Transaction } from 'kafkajs';
import { kafkaClient } from '../../../infra/kafka/client.ts';
import { openCodec } from '../../../infra/registry/codec.ts';
import { runWorker } from '../../../pipelines/stream/run.ts';
import type { WorkerEvents, WorkerSettings } from '../../../pipelines/stream/session.ts';
import { NO_PICTURES } from '../../support/kafka.ts';

export interface WorkerPlan {
  readonly settings: WorkerSettings;
  readonly brokers: readonly string[];
}

/**
 * Where a worker can be interrupted. `barrier`: taking a partition over, the earlier owner is fenced and the barrier not yet committed. `restoring`: reading the
 * changelog. `restored`: the state is there, the positions are not. `sent`: a micro-batch and its offsets are sent and not committed.
 * `committed`: the broker has committed them, and nothing here knows.
 */
export const POINTS = ['barrier', 'restoring', 'restored', 'sent', 'committed'] as const;
export type Point = (typeof POINTS)[number];
export type Act = 'SIGKILL' | 'SIGSTOP';

export interface Armed {
  readonly point: Point;
  readonly act: Act;
}

export interface Order {
  readonly armed: Armed | null;
}

/** What a worker tells the one that started it. */
export type Told = { readonly what: 'reached' } & Armed | { readonly what: 'assigned' } | { readonly what: 'lost'; readonly fenced: boolean } | { readonly what: 'repeated'; readonly count: number };

const plan = JSON.parse(process.env['SLUICE_TEST_PLAN'] ?? '') as WorkerPlan;
const kafka = kafkaClient({ brokers: plan.brokers, clientId: plan.settings.name }, say);
let armed: Armed | null = null;
interrupt(kafka);
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
process.on('message', (order: Order) => (armed = order.armed));
// The one that started it is gone.
let done = false;
process.on('disconnect', () => done || process.exit(1));
const events: WorkerEvents = {
  assigned(partitions) {
    say(`assigned ${partitions.join(' ')}`);
    void tell({ what: 'assigned' });
  },
  takingOver: (partition) => say(`taking over ${partition}`),
  takenOver: (partition, decided) => say(`taken over ${partition} with ${decided}`),
  settled: () => {},
  repeated: (_, count) => void tell({ what: 'repeated', count }),
  unread: (topic, partition, offset, error) => say(`unread ${topic}/${partition}/${offset}: ${String(error)}`),
  flow: () => {},
  lost(partition, error) {
    say(`lost ${partition}: ${String(error)}`);
    void tell({ what: 'lost', fenced: /old epoch|fenced/i.test(String(error)) });
  },
  failed: (error, waitMs) => say(`failed, again in ${waitMs} ms: ${String(error)}`),
};
await runWorker(plan.settings, { kafka, codec: await openCodec({ registry: null }), ...NO_PICTURES }, events, stop.signal);
done = true;
process.disconnect?.();

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function tell(told: Told): Promise<void> {
  return new Promise((resolve) => process.send?.(told, () => resolve()));
}

/** The one that started this process is told first: it sets a frozen one going again. */
async function reach(point: Point): Promise<void> {
  if (armed?.point !== point) return;
  const { act } = armed;
  armed = null;
  await tell({ what: 'reached', point, act });
  process.kill(process.pid, act);
}

function interrupt(client: Kafka): void {
  const producer = client.producer.bind(client);
  const admin = client.admin.bind(client);
  const consumer = client.consumer.bind(client);
  client.producer = (config) => watchedProducer(producer(config));
  client.admin = (config) => watchedAdmin(admin(config));
  client.consumer = (config) => (config.groupId.includes('-reader-') ? watchedReader(consumer(config)) : consumer(config));
}

/** The first transaction of a producer is the barrier. */
function watchedProducer(producer: Producer): Producer {
  let before: Point = 'barrier';
  const begin = producer.transaction.bind(producer);
  const transaction = async (): Promise<Transaction> => {
    const begun = await begin();
    const commit = async (): Promise<void> => {
      await reach(before);
      await begun.commit();
      if (before === 'sent') await reach('committed');
      before = 'sent';
    };
    return { ...begun, commit };
  };
  return { ...producer, transaction };
}

function watchedAdmin(admin: Admin): Admin {
  const fetchOffsets: Admin['fetchOffsets'] = async (options) => {
    await reach('restored');
    return await admin.fetchOffsets(options);
  };
  return { ...admin, fetchOffsets };
}

function watchedReader(consumer: Consumer): Consumer {
  const run: Consumer['run'] = async ({ eachBatch, ...config } = {}) => {
    await consumer.run({
      ...config,
      async eachBatch(payload) {
        await reach('restoring');
        await eachBatch?.(payload);
      },
    });
  };
  return { ...consumer, run };
}
