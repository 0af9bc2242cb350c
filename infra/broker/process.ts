/** A broker as a process of this machine's Java. It ends with the process that started it, also when that one is killed. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { CACHE, JAR_FOLDER, jdkProgram, STARTED, startCommand } from './places.mjs';
import { freePorts } from './ports.ts';
import { type Plan, scramUsers, serverProperties } from './properties.ts';

/** A broker that runs, whatever in. */
export interface Engine {
  readonly port: number;
  /** Ends it as an administrator would, and starts it again with its data and its port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const LIMIT_MS = 45_000;
const TAIL = 4000;

/**
 * Runs the command and waits for a line on how to end it; the end of the input, which comes with the end of the one who
 * writes it, kills the broker and removes its folder. The shell keeps no copy of the output, so its end is the broker's.
 */
const KEEPER = `folder=$1; shift
"$@" </dev/null 2>&1 & broker=$!
exec >/dev/null 2>&1
if read -r signal; then kill -"$signal" $broker; wait $broker; else kill -KILL $broker; wait $broker; rm -rf "$folder"; fi`;

type Keeper = ChildProcessByStdio<Writable, Readable, null>;

/** @param wanted port for clients; by default any that is free */
export async function startProcess(plan: Plan, files: ReadonlyMap<string, string>, wanted?: number): Promise<Engine> {
  const java = jdkProgram('java');
  if (java === null) throw new Error('There is no java on PATH.');
  const folder = join(CACHE, 'run', randomUUID());
  const [free = 0, internal = 0, controller = 0] = await freePorts(3);
  const port = wanted ?? free;
  const address = `127.0.0.1:${port}`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'server.properties'), serverProperties(plan, { folder, listen: address, advertise: address, internal, controller }));
  for (const [name, text] of files) await writeFile(join(folder, name), text);
  const command = startCommand({ java, jars: JAR_FOLDER, folder, users: scramUsers(plan) });

  let keeper = await launch(folder, command);
  const end = async (signal: string): Promise<void> => {
    const ended = new Promise((resolve) => keeper.once('close', resolve));
    if (keeper.exitCode !== null) return;
    keeper.stdin.end(`${signal}\n`);
    await ended;
  };
  return {
    port,
    async restart() {
      await end('TERM');
      keeper = await launch(folder, command);
    },
    async stop() {
      await end('KILL'); // nothing of it is needed any more
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when the broker serves; otherwise it is ended and the error has the end of what it said. */
async function launch(folder: string, command: readonly string[]): Promise<Keeper> {
  // A group of its own: the Ctrl-C that ends the tests must not reach it before they have closed their clients.
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'sluice-keeper', folder, ...command], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
  keeper.stdin.on('error', () => {}); // it has ended by itself
  try {
    await started(keeper);
    return keeper;
  } catch (error) {
    keeper.stdin.end();
    throw error;
  }
}

async function started(keeper: Keeper): Promise<void> {
  let said = '';
  let timer: NodeJS.Timeout | undefined;
  const ready = new Promise<void>((resolve, reject) => {
    const fail = (what: string): void => reject(new Error(`The broker ${what}:\n${said}`));
    timer = setTimeout(() => fail(`was not ready within ${LIMIT_MS / 1000} s`), LIMIT_MS);
    keeper.once('error', reject);
    keeper.stdout.once('end', () => fail('has ended'));
    keeper.stdout.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-TAIL);
      if (STARTED.test(said)) resolve();
      // It does not end then.
      if (/Unable to start acceptor/.test(said)) fail('cannot have its port');
    });
  });
  await ready.finally(() => clearTimeout(timer));
}
