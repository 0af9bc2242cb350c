/**
 * kafkajs 2.2.4 with six faults mended; it gets no more releases. Nothing else may import its values (.dependency-cruiser.cjs).
 *
 * - Of aborted transactions that begin before the same record it enters only the first, so that records of the others pass as committed; and data with the
 *   key 00000000 passes for the end of one.
 * - It takes the offset of the last record for the end of a batch. Of a batch that compaction has emptied there is none: where a fetch finds nothing else, it
 *   asks for the same batch for ever.
 * - It gives up where a coordinator that has just started is still loading the group, though that is over in a moment.
 * - What still goes on when a consumer is disconnected, or has crashed, connects again, or to a broker that was replaced, and nobody ends that connection: the
 *   process cannot end either.
 * - It finds a request's messages their partitions in time squared, and copies what it sends nine times, half of them into memory it has just filled with
 *   zeros: half of what a worker did was that.
 * - Each idle connection asks for a timer in the past, over and over: a thousand wake-ups a second, and a warning of Node 24.
 */
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as Kafkajs from 'kafkajs';
import { committedOnly } from './committed-only.ts';
import { oneLife, type EndingBuilder, type PoolBuilder } from './one-life.ts';
import { isPlain, produceBody, withHeader, type Produced } from './produce-request.ts';
import { wholeBatch, type DecodedBatch } from './whole-batch.ts';

const require = createRequire(import.meta.url);

/** In what loads the module from now on. */
function replace<T>(name: string, by: (original: T) => unknown): void {
  const file = require.resolve(name);
  const original = require(file) as T;
  const loaded = require.cache[file];
  if (loaded === undefined) throw new Error('kafkajs is not laid out as that of version 2.2.4');
  loaded.exports = by(original);
}

type DecodeBatch = (from: unknown) => Promise<DecodedBatch<{ readonly offset: string }>>;

replace('kafkajs/src/consumer/filterAbortedMessages', () => committedOnly);
replace<DecodeBatch>('kafkajs/src/protocol/recordBatch/v0/decoder', (decode) => async (from: unknown) => wholeBatch(await decode(from)));

interface Grouping {
  readonly topic: string;
  readonly partitionMetadata: readonly unknown[];
  readonly messages: readonly object[];
  readonly partitioner: (about: object) => number;
}

replace('kafkajs/src/producer/groupMessagesPerPartition', () => ({ topic, partitionMetadata, messages, partitioner }: Grouping) =>
  partitionMetadata.length === 0 ? {} : Object.groupBy(messages, (message) => partitioner({ topic, partitionMetadata, message })),
);

interface Request {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly encode: () => Promise<{ readonly buffer: Buffer }>;
}

replace<(produced: Produced) => Request>('kafkajs/src/protocol/requests/produce/v3/request', (request) => (produced: Produced) => ({
  ...request(produced),
  ...(isPlain(produced) ? { encode: async () => ({ buffer: produceBody(produced, Date.now()) }) } : {}),
}));
replace('kafkajs/src/protocol/request', () => async ({ correlationId, clientId, request }: { readonly correlationId: number; readonly clientId: string; readonly request: Request }) => {
  const { buffer } = await request.encode();
  return { buffer: withHeader({ ...request, correlationId, clientId }, buffer) };
});

replace<(options: object) => PoolBuilder>('kafkajs/src/cluster/connectionPoolBuilder', (original) => (options: object) => oneLife(original(options)));

interface Cluster {
  readonly connectionPoolBuilder: EndingBuilder;
  disconnect: (this: Cluster) => Promise<void>;
}

const cluster = require('kafkajs/src/cluster') as { readonly prototype: Cluster };
const { disconnect } = cluster.prototype;
// Each producer, consumer and admin has a cluster of its own; none here is connected a second time.
cluster.prototype.disconnect = async function end(): Promise<void> {
  const ended = this.connectionPoolBuilder.end();
  await disconnect.call(this);
  await ended;
};

/** What the queue of a connection holds that matters here. */
interface RequestQueue {
  throttledUntil: number;
  readonly pending: readonly unknown[];
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

/** How long a request waits before it is tried again where too many are under way, in milliseconds; as in kafkajs. */
const PENDING_MS = 10;

const queue = require('kafkajs/src/network/requestQueue') as { readonly prototype: RequestQueue };
queue.prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(): void {
  if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
  const throttled = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(() => {
    this.throttleCheckTimeoutId = null;
    this.checkPendingRequests();
  }, throttled > 0 ? throttled : PENDING_MS);
};

interface Group {
  joinAndSync: (this: Group) => Promise<void>;
}

/** How long a coordinator may take to load a group, and how often it is asked meanwhile, in milliseconds. */
const [LOADING_MS, ASK_MS] = [15_000, 200];

const group = require('kafkajs/src/consumer/consumerGroup') as { readonly prototype: Group };
const { joinAndSync } = group.prototype;
group.prototype.joinAndSync = async function join(): Promise<void> {
  for (let waited = 0; ; waited += ASK_MS) {
    try {
      return await joinAndSync.call(this);
    } catch (thrown) {
      if (waited >= LOADING_MS || (thrown as { type?: unknown }).type !== 'GROUP_LOAD_IN_PROGRESS') throw thrown;
      await sleep(ASK_MS);
    }
  }
};

export const { AssignerProtocol, ConfigResourceTypes, Kafka, logLevel, Partitioners } = require('kafkajs') as typeof Kafkajs;
