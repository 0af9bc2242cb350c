/**
 * Loaded into the command line before it starts (`node --import`), by tests only: stops or kills the process at a chosen point of its work, and counts
 * the pictures that go to the model. A point is named by what is about to happen or has just happened:
 *
 *     before SQL…   after SQL…      a statement given to SQLite as text, such as COMMIT
 *     write                         a row about to be written
 *     embed                         a call of the model
 *     index                         a call of the vector index
 *     spawned                       the process of the index has been started
 *     rename PATH                   a file about to be put into its place
 */
import { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { isMainThread, Worker } from 'node:worker_threads';

export interface Point {
  /** Part of the name. */
  readonly at: string;
  /** The nth time it is reached, from 1. */
  readonly nth: number;
  /** `kill` sends SIGKILL to the whole process group, `stop` SIGSTOP to this process. */
  readonly act: 'kill' | 'stop';
}

if (isMainThread) watch(JSON.parse(process.env['SLUICE_TEST_POINTS'] ?? '[]') as Point[], process.env['SLUICE_TEST_EMBEDDED'] ?? '');

function watch(points: readonly Point[], embedded: string): void {
  const times = points.map(() => 0);
  const reached = (name: string): void => {
    points.forEach(({ at, nth, act }, i) => {
      if (!name.includes(at)) return;
      const now = (times[i] ?? 0) + 1;
      times[i] = now;
      if (now !== nth) return;
      if (act === 'kill') process.kill(0, 'SIGKILL');
      else process.kill(process.pid, 'SIGSTOP');
    });
  };
  wrap(DatabaseSync.prototype, 'exec', ([sql], call) => {
    reached(`before ${String(sql)}`);
    call();
    reached(`after ${String(sql)}`);
  });
  wrap(StatementSync.prototype, 'run', (_, call) => {
    reached('write');
    return call();
  });
  wrap(Worker.prototype, 'postMessage', ([message], call) => {
    const n = (message as { readonly n?: number } | null)?.n;
    if (n === undefined) return call();
    if (embedded !== '') fs.appendFileSync(embedded, `${n}\n`);
    reached('embed');
    return call();
  });
  wrap(ChildProcess.prototype, 'spawn', (_, call, child) => {
    const result = call();
    reached('spawned');
    wrap(child as ChildProcess, 'send', (__, send) => {
      reached('index');
      return send();
    });
    return result;
  });
  wrap(fs, 'renameSync', ([, to], call) => {
    reached(`rename ${String(to)}`);
    return call();
  });
  syncBuiltinESMExports();
}

function wrap(owner: object, name: string, around: (values: readonly unknown[], call: () => unknown, self: unknown) => unknown): void {
  const method = Reflect.get(owner, name) as (...values: unknown[]) => unknown;
  Reflect.set(owner, name, function (this: unknown, ...values: unknown[]): unknown {
    return around(values, () => Reflect.apply(method, this, values), this);
  });
}
