/**
 * kafkajs 2.2.4 with two faults mended; it gets no more releases. Nothing else may import its values (.dependency-cruiser.cjs).
 *
 * - Of aborted transactions that begin before the same record it enters only the first, so that records of the others pass as committed; and data with the
 *   key 00000000 passes for the end of one.
 * - Each idle connection asks for a timer in the past, over and over: a thousand wake-ups a second, and a warning of Node 24.
 */
import { createRequire } from 'node:module';
import type * as Kafkajs from 'kafkajs';
import { committedOnly } from './committed-only.ts';

const require = createRequire(import.meta.url);

const filter = require.resolve('kafkajs/src/consumer/filterAbortedMessages');
require(filter);
const loaded = require.cache[filter];
if (loaded === undefined) throw new Error('kafkajs is not laid out as that of version 2.2.4');
loaded.exports = committedOnly;

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
