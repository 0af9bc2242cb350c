/** The embedder over a small pool of worker threads, one ONNX session each. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { EmbedCall, Embedder } from '../../operators/ports.ts';
import { asSluiceError, SluiceError } from '../../schemas/errors.ts';
import { Spare } from '../spare.ts';
import type { ModelDescription } from './description.ts';
import type { EmbedReply, EmbedRequest, Loaded, WorkerSettings } from './protocol.ts';

/** The default model; its card is models/README.md. */
export const DEFAULT_MODEL = fileURLToPath(new URL('../../models/efficientnet-lite0-256-int8.onnx', import.meta.url));
/** Pictures in one call at most: bounds its memory. */
const MOST = 16;

interface Waiting {
  readonly resolve: (embedding: Float32Array) => void;
  readonly reject: (error: SluiceError) => void;
}

/** A worker and the end of it. */
interface Thread {
  readonly worker: Worker;
  readonly ended: Promise<unknown>;
}

class OnnxPool implements Embedder {
  readonly size: number;
  readonly dimension: number;
  readonly identity: string;
  readonly #threads: readonly Thread[];
  readonly #closing: Int32Array;
  readonly #load: number[];
  readonly #waiting = new Map<number, Waiting>();
  readonly #spare = new Spare();
  #nextId = 0;
  #broken: SluiceError | null = null;
  #closed = false;

  constructor(identity: string, { size, dimension }: Loaded, threads: readonly Thread[], closing: Int32Array) {
    this.identity = identity;
    this.size = size;
    this.dimension = dimension;
    this.#threads = threads;
    this.#closing = closing;
    this.#load = threads.map(() => 0);
    threads.forEach(({ worker }, i) => {
      worker.on('message', (reply: EmbedReply) => this.#settle(i, reply));
      worker.on('error', (error) => this.#fail(asSluiceError(error, 'SLUICE_E_MODEL')));
      worker.on('exit', (code) => this.#closed || this.#fail(new SluiceError('SLUICE_E_MODEL', `an embedding worker ended with code ${code}`)));
    });
  }

  begin(): EmbedCall {
    const bytes = this.size * this.size * 3;
    const pixels = this.#spare.take(MOST * bytes);
    let n = 0;
    return {
      get full() {
        return n === MOST;
      },
      add(picture) {
        if (picture.length !== bytes || n === MOST) throw new SluiceError('SLUICE_E_INTERNAL', `embed: ${picture.length} bytes as picture ${n + 1} of at most ${MOST}`);
        pixels.set(picture, n * bytes);
        n += 1;
      },
      run: () => this.#run(pixels, n),
    };
  }

  #run(pixels: Uint8Array<ArrayBuffer>, n: number): Promise<Float32Array> {
    if (this.#broken !== null) return Promise.reject(this.#broken);
    if (n === 0) return Promise.reject(new SluiceError('SLUICE_E_INTERNAL', 'embed: no picture'));
    const id = this.#nextId++;
    const least = this.#load.indexOf(Math.min(...this.#load));
    this.#load[least] = (this.#load[least] ?? 0) + 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const request: EmbedRequest = { id, pixels, n };
      this.#threads[least]?.worker.postMessage(request, [pixels.buffer]);
    });
  }

  #settle(worker: number, reply: EmbedReply): void {
    this.#load[worker] = (this.#load[worker] ?? 1) - 1;
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    this.#spare.give(reply.pixels);
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
    await end(this.#threads, this.#closing);
  }
}

/**
 * Loads the model on `workers` threads.
 * @throws SluiceError SLUICE_E_MODEL where it cannot be loaded or does not fit
 */
export async function openEmbedder(workers: number, model: string | ModelDescription = DEFAULT_MODEL): Promise<Embedder> {
  if (!Number.isInteger(workers) || workers < 1) throw new SluiceError('SLUICE_E_INTERNAL', `an embedder needs at least one worker, not ${workers}`);
  const description = typeof model === 'string' ? { file: model } : model;
  const identity = `${basename(description.file)}#${await contentHash(description)}`;
  const closing = new Int32Array(new SharedArrayBuffer(4));
  const settings: WorkerSettings = { model: description, closing };
  // The file's own extension: .ts in development, .js when built.
  const script = new URL(`./worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
  const threads = Array.from({ length: workers }, () => startThread(script, settings));
  const outcomes = await Promise.allSettled(threads.map(({ worker }) => loaded(worker)));
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') continue;
    await end(threads, closing);
    throw failureOf(description.file, outcome.reason);
  }
  const [first] = outcomes;
  if (first?.status !== 'fulfilled') throw new SluiceError('SLUICE_E_INTERNAL', 'no worker has loaded the model');
  return new OnnxPool(identity, first.value, threads, closing);
}

function startThread(script: URL, settings: WorkerSettings): Thread {
  // The runtime would gather figures of its use, in the home folder too, and send them to its maker. It reads this when it is loaded, from the
  // environment of the process, which a thread cannot change.
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  const worker = new Worker(script, { workerData: settings });
  return { worker, ended: new Promise((resolve) => worker.once('exit', resolve)) };
}

/** Asks all threads to end and waits for them. Never terminate(): the runtime aborts the process when its thread is stopped inside it. */
async function end(threads: readonly Thread[], closing: Int32Array): Promise<void> {
  Atomics.store(closing, 0, 1);
  const request: EmbedRequest = null;
  for (const { worker } of threads) worker.postMessage(request, []);
  await Promise.all(threads.map(({ ended }) => ended));
}

function failureOf(file: string, reason: unknown): SluiceError {
  // Errors of a thread come as copies, without their class.
  return reason instanceof Error && reason.name === 'Misfit' ? new SluiceError('SLUICE_E_MODEL', `the model ${basename(file)} does not fit: ${reason.message}`, { cause: reason }) : asSluiceError(reason, 'SLUICE_E_MODEL');
}

function loaded(worker: Worker): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number): void => reject(new SluiceError('SLUICE_E_MODEL', `the embedding worker ended with code ${code} while loading the model`));
    worker.once('exit', onExit);
    worker.once('error', reject);
    worker.once('message', (message: Loaded) => {
      worker.off('exit', onExit);
      worker.off('error', reject);
      resolve(message);
    });
  });
}

/** Of the file, and of what is said of it: another scaling gives other embeddings. */
async function contentHash({ file, ...said }: ModelDescription): Promise<string> {
  try {
    const hash = createHash('sha256').update(await readFile(file));
    if (Object.values(said).some((value) => value !== undefined)) hash.update(JSON.stringify(Object.entries(said).sort(([a], [b]) => (a < b ? -1 : 1))));
    return hash.digest('hex').slice(0, 16);
  } catch (thrown) {
    throw new SluiceError('SLUICE_E_MODEL', `the model ${basename(file)} could not be read`, { cause: thrown });
  }
}
