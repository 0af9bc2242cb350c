/** The worker processes of a seed: starts them, interrupts them, sets frozen ones going again, and keeps count of what happened to them. */
import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { WorkerSettings } from '../../../pipelines/stream/session.ts';
import type { Act, Armed, Order, Point, Told, WorkerPlan } from './worker.ts';

/** Longer than the session, so that the others think it gone. */
const FREEZE_MS = 3000;
const PATIENCE_MS = 20_000;

export class Fleet {
  readonly #plan: WorkerPlan;
  readonly #alive = new Set<ChildProcess>();
  readonly #frozen = new Set<ChildProcess>();
  readonly #thawing: Promise<void>[] = [];
  #armed: Armed | null = null;
  #whenReached: () => void = () => {};
  /** Transactions that a newer owner of their partition made fail. */
  fenced = 0;
  /** Items that were skipped because they were decided before, as far as whoever skipped them lived to tell. */
  repeated = 0;
  said = '';

  constructor(settings: WorkerSettings, brokers: readonly string[]) {
    this.#plan = { settings, brokers };
  }

  get size(): number {
    return this.#alive.size;
  }

  /** Resolves when it is a member of the group. */
  async start(): Promise<void> {
    const child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), { env: { ...process.env, SLUICE_TEST_PLAN: JSON.stringify(this.#plan), NODE_NO_WARNINGS: '1' }, execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    child.stderr?.on('data', (text: Buffer) => this.#note(child, text.toString()));
    this.#alive.add(child);
    child.on('exit', (code, signal) => {
      this.#alive.delete(child);
      this.#frozen.delete(child);
      this.#note(child, `ended: ${signal ?? code}\n`);
    });
    this.#order(child, this.#armed);
    const joined = new Promise<void>((resolve) => {
      child.on('exit', () => resolve());
      child.on('message', (told: Told) => {
        if (told.what === 'assigned') resolve();
        else if (told.what === 'lost') this.fenced += told.fenced ? 1 : 0;
        else if (told.what === 'repeated') this.repeated += told.count;
        else this.#reached(child, told);
      });
    });
    await joined;
  }

  #note(child: ChildProcess, text: string): void {
    this.said = (this.said + text.replaceAll(/^(?=.)/gm, `[${child.pid}] `)).slice(-40_000);
  }

  /** One that is not frozen, where there is one. */
  pick(at: number): ChildProcess | undefined {
    const awake = [...this.#alive].filter((child) => !this.#frozen.has(child));
    return awake[Math.floor(at * awake.length)];
  }

  /** The first worker that gets there is interrupted. Resolves when that has happened. */
  async interrupt(point: Point, act: Act): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#armed = { point, act };
      this.#whenReached = resolve;
      for (const child of this.#alive) this.#order(child, this.#armed);
    });
  }

  #reached(child: ChildProcess, { act, point }: Armed): void {
    this.#note(child, `${act} at ${point}\n`);
    // One that freezes itself is set going again as well.
    if (act === 'SIGSTOP') this.#thawLater(child);
    this.#armed = null;
    this.#whenReached();
    for (const other of this.#alive) if (other !== child) this.#order(other, null);
  }

  #order(child: ChildProcess, order: Armed | null): void {
    if (child.connected) child.send({ armed: order } satisfies Order, () => {});
  }

  freeze(child: ChildProcess): boolean {
    const frozen = child.kill('SIGSTOP');
    if (frozen) this.#thawLater(child);
    return frozen;
  }

  #thawLater(child: ChildProcess): void {
    this.#frozen.add(child);
    this.#thawing.push(this.#thaw(child));
  }

  async #thaw(child: ChildProcess): Promise<void> {
    await sleep(FREEZE_MS);
    child.kill('SIGCONT');
    this.#frozen.delete(child);
  }

  async thawed(): Promise<void> {
    await Promise.all(this.#thawing);
  }

  /** Drains one. @returns null, or what went wrong */
  async stop(child: ChildProcess): Promise<string | null> {
    const ended = new Promise<string | null>((resolve) => {
      const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      child.on('exit', (code, signal) => {
        clearTimeout(late);
        resolve(code === 0 ? null : `worker ${child.pid} did not drain: it ended with ${signal ?? code}`);
      });
    });
    child.kill('SIGTERM');
    return await ended;
  }

  /** Drains them all. @returns what went wrong */
  async stopAll(): Promise<readonly string[]> {
    return (await Promise.all([...this.#alive].map((child) => this.stop(child)))).flatMap((wrong) => wrong ?? []);
  }

  /** Resolves when they are gone. */
  async kill(children: Iterable<ChildProcess> = this.#alive): Promise<number> {
    const gone = [...children].filter((child) => child.exitCode === null && child.signalCode === null).map((child) => new Promise((resolve) => {
      child.once('exit', (_, signal) => resolve(signal));
      child.kill('SIGKILL');
    }));
    return (await Promise.all(gone)).filter((signal) => signal === 'SIGKILL').length;
  }
}
