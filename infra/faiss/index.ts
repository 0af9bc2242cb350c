/**
 * The vector index over faiss-node (IndexFlatIP, exact), in one child process; every precondition is checked here, since a FAISS exception ends the
 * process it is raised in. Calls are answered in order; the next ones lie ready with the process while it works on one, since whoever takes its answers
 * may be busy deciding.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Neighbours, VectorIndex } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import type { IndexCall, IndexReply } from './protocol.ts';

/** Rows sent in one message at most: bounds what is copied at once when an index is filled again. */
const ROWS_A_CALL = 1024;
/** Messages sent ahead of their answers at most: bounds what lies ready when an index is filled again. */
const MOST_UNDER_WAY = 4;

interface Waiting {
  readonly call: IndexCall;
  readonly resolve: (reply: IndexReply) => void;
  readonly reject: (error: SluiceError) => void;
}

class FaissIndex implements VectorIndex {
  readonly dimension: number;
  readonly #child: ChildProcess;
  /** Sent, by their ids. */
  readonly #underWay = new Map<number, Waiting>();
  /** To be sent, the first one first. */
  readonly #queue: Waiting[] = [];
  #nextId = 0;
  #count = 0;
  #closed = false;
  #broken: SluiceError | null = null;

  constructor(dimension: number, child: ChildProcess) {
    this.dimension = dimension;
    this.#child = child;
    child.on('message', (message) => {
      const reply = message as IndexReply;
      const answered = this.#underWay.get(reply.id);
      this.#underWay.delete(reply.id);
      this.#sendNext();
      answered?.resolve(reply);
    });
    // Writing to a process that is gone fails before its end is known here.
    child.on('error', (error) => this.#fail(new SluiceError('SLUICE_E_INDEX', `the index process cannot be reached (${error.message})`, { cause: error })));
    child.on('exit', (code, signal) => this.#fail(new SluiceError('SLUICE_E_INDEX', `the index process ended (${signal ?? `code ${code}`})`)));
  }

  get count(): number {
    return this.#count;
  }

  /** `vectors` must not be changed before this has resolved. */
  async add(vectors: Float32Array): Promise<void> {
    this.#check(vectors);
    this.#count += vectors.length / this.dimension;
    const step = ROWS_A_CALL * this.dimension;
    const parts = Array.from({ length: Math.ceil(vectors.length / step) }, (_, i) => vectors.subarray(i * step, (i + 1) * step));
    await Promise.all(parts.map((part) => this.#ask({ id: this.#nextId++, call: 'add', vectors: part })));
  }

  /** `queries` must not be changed before this has resolved. */
  async search(queries: Float32Array, k: number): Promise<Neighbours> {
    this.#check(queries);
    if (!Number.isInteger(k) || k < 1 || k > this.#count) throw new SluiceError('SLUICE_E_INDEX', `search: k must be 1..${this.#count}, not ${k}`);
    if (queries.length === 0) return { rows: new Int32Array(), similarities: new Float32Array() };
    const { rows, similarities } = await this.#ask({ id: this.#nextId++, call: 'search', queries, k });
    return { rows, similarities };
  }

  async reset(): Promise<void> {
    this.#count = 0;
    await this.#ask({ id: this.#nextId++, call: 'reset' });
  }

  #check(rows: Float32Array): void {
    if (rows.length % this.dimension !== 0) throw new SluiceError('SLUICE_E_INDEX', `${rows.length} numbers are no rows of ${this.dimension}`);
    if (!rows.every(Number.isFinite)) throw new SluiceError('SLUICE_E_INDEX', 'a vector has a number that is not finite');
  }

  #ask(call: IndexCall): Promise<IndexReply> {
    if (this.#broken !== null) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#queue.push({ call, resolve, reject });
      this.#sendNext();
    });
  }

  #sendNext(): void {
    while (this.#underWay.size < MOST_UNDER_WAY) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#underWay.set(next.call.id, next);
      this.#child.send(next.call);
    }
  }

  #fail(error: SluiceError): void {
    this.#broken ??= error;
    for (const { reject } of [...this.#underWay.values(), ...this.#queue.splice(0)]) reject(error);
    this.#underWay.clear();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#fail(new SluiceError('SLUICE_E_INTERRUPTED', 'the index was closed'));
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    await ended;
  }
}

/** Starts the index process. @throws SluiceError SLUICE_E_INDEX where faiss-node does not load */
export async function openIndex(dimension: number): Promise<VectorIndex> {
  if (!Number.isInteger(dimension) || dimension < 1) throw new SluiceError('SLUICE_E_INDEX', `a dimension must be a positive whole number, not ${dimension}`);
  const script = fileURLToPath(new URL(`./child${extname(fileURLToPath(import.meta.url))}`, import.meta.url));
  // One thread each for OpenMP and BLAS: the cores belong to the embedders. Both libraries read this only when their process starts.
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  const child = fork(script, [String(dimension)], { serialization: 'advanced', env, execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2000)));
  await new Promise<void>((resolve, reject) => {
    const onExit = (): void => reject(new SluiceError('SLUICE_E_INDEX', `faiss-node could not be loaded: ${complaint.trim().split('\n').at(-1) ?? ''}`));
    const onError = (error: Error): void => reject(new SluiceError('SLUICE_E_INDEX', error.message, { cause: error }));
    child.once('exit', onExit);
    child.once('error', onError);
    child.once('message', () => {
      child.off('exit', onExit);
      child.off('error', onError);
      resolve();
    });
  });
  return new FaissIndex(dimension, child);
}
