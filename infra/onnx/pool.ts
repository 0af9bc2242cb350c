/** The embedder over a small pool of worker threads, one ONNX session each. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Embedder } from '../../operators/ports.ts';
import { asSluiceError, SluiceError } from '../../schemas/errors.ts';
import type { EmbedReply, EmbedRequest, WorkerSettings } from './protocol.ts';

/** The default model; its card is models/README.md. */
export const DEFAULT_MODEL = fileURLToPath(new URL('../../models/efficientnet-lite0-256-int8.onnx', import.meta.url));
const SIZE = 224;
const DIMENSION = 256;

interface Waiting {
  readonly resolve: (embedding: Float32Array) => void;
  readonly reject: (error: SluiceError) => void;
}

class OnnxPool implements Embedder {
  readonly size = SIZE;
  readonly dimension = DIMENSION;
  readonly identity: string;
  readonly #workers: readonly Worker[];
  readonly #load: number[];
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #broken: SluiceError | null = null;
  #closed = false;

  constructor(identity: string, workers: readonly Worker[]) {
    this.identity = identity;
    this.#workers = workers;
    this.#load = workers.map(() => 0);
    workers.forEach((worker, i) => {
      worker.on('message', (reply: EmbedReply) => this.#settle(i, reply));
      worker.on('error', (error) => this.#fail(asSluiceError(error, 'SLUICE_E_MODEL')));
      worker.on('exit', (code) => this.#closed || this.#fail(new SluiceError('SLUICE_E_MODEL', `an embedding worker ended with code ${code}`)));
    });
  }

  embed(pixels: Uint8Array, n: number): Promise<Float32Array> {
    if (this.#broken !== null) return Promise.reject(this.#broken);
    if (!Number.isInteger(n) || n < 1 || pixels.length !== n * SIZE * SIZE * 3) return Promise.reject(new SluiceError('SLUICE_E_INTERNAL', `embed: ${pixels.length} bytes are not ${n} pictures`));
    const id = this.#nextId++;
    const least = this.#load.indexOf(Math.min(...this.#load));
    this.#load[least] = (this.#load[least] ?? 0) + 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // The worker takes the memory over. A Buffer's may not be transferable, and a view's holds more than these pixels: they are copied.
      const own = Buffer.isBuffer(pixels) || pixels.byteLength < pixels.buffer.byteLength ? new Uint8Array(pixels) : pixels;
      const request: EmbedRequest = { id, pixels: own, n };
      this.#workers[least]?.postMessage(request, [own.buffer as ArrayBuffer]);
    });
  }

  #settle(worker: number, reply: EmbedReply): void {
    this.#load[worker] = (this.#load[worker] ?? 1) - 1;
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(new SluiceError('SLUICE_E_MODEL', reply.error));
    else waiting?.resolve(reply.embedding);
  }

  #fail(error: SluiceError): void {
    this.#broken ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#fail(new SluiceError('SLUICE_E_INTERRUPTED', 'the embedder was closed'));
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** Loads the model on `workers` threads. @throws SluiceError SLUICE_E_MODEL where it cannot be loaded or does not fit */
export async function openEmbedder(workers: number, model: string = DEFAULT_MODEL): Promise<Embedder> {
  const identity = `${basename(model)}#${await contentHash(model)}`;
  const settings: WorkerSettings = { model, size: SIZE, dimension: DIMENSION, input: 'pixels', output: 'embedding' };
  // The file's own extension: .ts in development, .js when built.
  const script = new URL(`./worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
  const threads = Array.from({ length: workers }, () => new Worker(script, { workerData: settings }));
  try {
    await Promise.all(threads.map(loaded));
  } catch (thrown) {
    await Promise.all(threads.map((thread) => thread.terminate()));
    throw asSluiceError(thrown, 'SLUICE_E_MODEL');
  }
  return new OnnxPool(identity, threads);
}

function loaded(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number): void => reject(new SluiceError('SLUICE_E_MODEL', `the embedding worker ended with code ${code} while loading the model`));
    worker.once('exit', onExit);
    worker.once('error', reject);
    worker.once('message', () => {
      worker.off('exit', onExit);
      worker.off('error', reject);
      resolve();
    });
  });
}

async function contentHash(file: string): Promise<string> {
  try {
    return createHash('sha256').update(await readFile(file)).digest('hex').slice(0, 16);
  } catch (thrown) {
    throw new SluiceError('SLUICE_E_MODEL', `the model ${basename(file)} could not be read`, { cause: thrown });
  }
}
