/** The worker of the soak: all of the pipeline, its metrics and its HTTP server are those of `sluice run`; the model alone is made up, and slow. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openHttp } from '../../infra/http/server.ts';
import { kafkaClient } from '../../infra/kafka/client.ts';
import { SharpDecoder } from '../../infra/media/sharp-decoder.ts';
import { SharpThumbnails } from '../../infra/media/thumbnail.ts';
import { openMetrics } from '../../infra/metrics/metrics.ts';
import { openCodec } from '../../infra/registry/codec.ts';
import type { EmbedCall, Embedder, ImageDecoder } from '../../operators/ports.ts';
import { NO_CAMPAIGNS } from '../../operators/state/campaigns.ts';
import { newState, workerEvents } from '../../pipelines/commands/run.ts';
import { runWorker } from '../../pipelines/stream/run.ts';
import type { WorkerSettings } from '../../pipelines/stream/session.ts';

export interface SoakPlan {
  readonly settings: WorkerSettings;
  readonly brokers: readonly string[];
  /** Of a call of the model. */
  readonly callMs: number;
}

const SIZE = 32;
const PER_CALL = 16;
const { settings, brokers, callMs } = JSON.parse(process.env['SLUICE_TEST_PLAN'] ?? '') as SoakPlan;
const { dimension } = settings.engine;

/** The means of `dimension` parts of a picture, about their own mean, at unit length. */
function vectorOf(picture: Uint8Array): Float32Array {
  const part = picture.length / dimension;
  const means = Float32Array.from({ length: dimension }, (_, i) => picture.subarray(i * part, (i + 1) * part).reduce((sum, x) => sum + x, 0) / part);
  const mean = means.reduce((sum, x) => sum + x, 0) / dimension;
  const length = Math.hypot(...means.map((x) => x - mean)) || 1;
  return means.map((x) => (x - mean) / length);
}

function call(): EmbedCall {
  const vectors: Float32Array[] = [];
  return {
    get full() {
      return vectors.length === PER_CALL;
    },
    add: (picture) => void vectors.push(vectorOf(picture)),
    async run() {
      await sleep(callMs);
      return Float32Array.from(vectors.flatMap((vector) => [...vector]));
    },
  };
}

const embedder: Embedder = { size: SIZE, dimension, identity: 'slow', begin: call, close: async () => {} };
const thumbnails = new SharpThumbnails(SIZE);
const measured = { halve: (rgb: Uint8Array) => thumbnails.halve(rgb), encode: async (pictures: readonly Uint8Array<ArrayBuffer>[]) => thumbnails.drop(pictures) };
const sharp = new SharpDecoder(SIZE, 'squash');
const decoder: ImageDecoder = { decode: (image, regionsOf) => ('reference' in image ? Promise.reject(new Error('there are no references')) : sharp.decode(image, regionsOf)) };
const metrics = openMetrics(settings.name, 'soak');
const http = await openHttp({ host: '127.0.0.1', port: 0, version: 'soak', waitingFor: () => [], metrics });
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
process.on('disconnect', () => stop.abort());
process.send?.(http.url);
await runWorker(settings, { kafka: kafkaClient({ brokers, clientId: settings.name }, say), codec: await openCodec({ registry: null }), decoder, thumbnails: measured, embedder, workers: 2, objects: 0, campaigns: () => NO_CAMPAIGNS }, workerEvents(metrics, say, newState()), stop.signal);
await http.close();
metrics.close();
process.disconnect?.();
