/**
 * kafkajs 2.2.4 with three faults mended; it gets no more releases. Nothing else may import its values (.dependency-cruiser.cjs).
 *
 * - Of aborted transactions that begin before the same record it enters only the first, so that records of the others pass as committed; and data with the
 *   key 00000000 passes for the end of one.
 * - It takes the offset of the last record for the end of a batch. Of a batch that compaction has emptied there is none: where a fetch finds nothing else, it
 *   asks for the same batch for ever.
 * - Each idle connection asks for a timer in the past, over and over: a thousand wake-ups a second, and a warning of Node 24.
 */
import { createRequire } from 'node:module';
import type * as Kafkajs from 'kafkajs';
import { committedOnly } from './committed-only.ts';
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

export const { AssignerProtocol, ConfigResourceTypes, Kafka, logLevel, Partitioners } = require('kafkajs') as typeof Kafkajs;
