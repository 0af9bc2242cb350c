/** Runs the command line as a process of its own, as a shell does, and reads what a run left in its folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import { openStore } from '../../infra/store/sqlite.ts';
import { curateSource, type CurateSettings, type CurateSummary } from '../../pipelines/embedded.ts';
import { DEFAULT_POLICY } from '../../pipelines/config/policy.ts';
import type { DeadLetter } from '../../schemas/decision.ts';
import type { Point } from '../faults/points.ts';

const CLI = fileURLToPath(new URL('../../pipelines/cli.ts', import.meta.url));
const POINTS = new URL('../faults/points.ts', import.meta.url).href;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  /** Where the process stops or is killed; see test/faults/points.ts. */
  readonly points?: readonly Point[];
  /** The user's home folder. */
  readonly home?: string;
  /** A file to which the number of pictures of each call of the model is appended, before the call. */
  readonly embedded?: string;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Running {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
  /** To the process alone, or to its group as a terminal does. */
  signal(name: NodeJS.Signals, to: 'alone' | 'group'): void;
}

const children = new Set<ChildProcess>();
// What a failed test leaves behind, stopped ones too.
afterAll(() => {
  for (const { pid } of children) if (pid !== undefined) signalGroup(pid, 'SIGKILL');
});

/** Starts `sluice ...args` in a process group of its own. */
export function start(args: readonly string[], { points, embedded, home, env: own }: StartOptions = {}): Running {
  const watched = points !== undefined || embedded !== undefined;
  const env = { ...process.env, ...own, ...(home === undefined ? {} : { HOME: home }), SLUICE_TEST_POINTS: JSON.stringify(points ?? []), SLUICE_TEST_EMBEDDED: embedded ?? '' };
  const child = spawn(process.execPath, [...(watched ? ['--import', POINTS] : []), CLI, ...args], { detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      children.delete(child);
      resolve({ code, signal, stdout, stderr });
    });
  });
  const pid = child.pid ?? 0;
  return { pid, ended, stdout: () => stdout, stderr: () => stderr, signal: (name, to) => (to === 'group' ? signalGroup(pid, name) : void process.kill(pid, name)) };
}

/** Runs `sluice ...args` to its end. */
export function sluice(...args: readonly string[]): Promise<Ended> {
  return start(args).ended;
}

/** Runs a line of bash in which `$SLUICE` is the command. */
export function shell(line: string): Promise<Ended> {
  const child = spawn('bash', ['-c', line], { env: { ...process.env, SLUICE: `${process.execPath} ${CLI}` }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })));
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // All of it is gone already.
  }
}

/** Resolves with what `look` finds as soon as it finds something. */
export async function until<T>(what: string, look: () => T | false | null | undefined): Promise<T> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const found = look();
    if (found !== false && found !== null && found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`waited 60 s in vain: ${what}`);
    await setTimeout(5);
  }
}

/** State of a process as the kernel has it (R, S, T: stopped, Z: ended), or null where there is none. */
export function stateOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).charAt(0);
  } catch {
    return null;
  }
}

/** Resolves when the process has stopped at a point of it; fails where it ends before. */
export async function stopped(running: Running): Promise<void> {
  await until(`process ${running.pid} was to stop`, () => {
    const state = stateOf(running.pid);
    if (state === null || state === 'Z') throw new Error(`it ended before it was to stop: ${running.stderr()}`);
    return state === 'T';
  });
}

/** The JSON objects of a text with one on each line. */
/** A second signal, as soon as the first was answered. The process is held until it counts as another one: what is under way must not be done by then. */
export async function signalAgain(running: Running, name: NodeJS.Signals): Promise<void> {
  await until('the signal to be answered', () => running.stderr().includes('stopping when what is under way is written'));
  running.signal('SIGSTOP', 'alone');
  await setTimeout(300);
  running.signal(name, 'alone');
  running.signal('SIGCONT', 'alone');
}

export function jsonLines(text: string): Record<string, unknown>[] {
  return text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
}

export interface Curated extends CurateSummary {
  /** What was written as progress and warnings. */
  readonly said: string;
}

/** `curate` within this process, with the real parts and the defaults of the command line but for one worker. */
export async function curated(source: string, out: string, part: Partial<CurateSettings> = {}): Promise<Curated> {
  let said = '';
  const say = new Writable({
    write(chunk: Buffer, _encoding, done) {
      said += chunk.toString();
      done();
    },
  }) as NodeJS.WritableStream as NodeJS.WriteStream;
  const defaults = { budget: 0.25, reveal: { when: 'all' }, purpose: 'train', per: 'fleet', validationShare: 0, objects: 0, policy: DEFAULT_POLICY, seed: 0, batch: 64, workers: 1, change: false, retry: false } as const;
  const summary = await curateSource({ source, out, ...defaults, signal: new AbortController().signal, say, ...part });
  return { ...summary, said };
}

/**
 * Everything a folder holds but the number of transactions, in order. Two runs that decided alike have equal ones.
 * The words of libvips are left out of causes: its one buffer for messages is shared by all threads.
 */
export function contentsOf(dir: string): Record<string, unknown> {
  const reader = openReader(dir);
  try {
    const { transactions: _, ...totals } = reader.totals();
    const decisions = [...reader.decisions()];
    const bytes = decisions.map(({ seq }) => digest(Buffer.from(reader.embedding(seq).buffer)));
    return { totals, decisions, bytes, dead: [...reader.dead()].map(withoutWords), faults: [...reader.faults()], alerts: [...reader.alerts()], runs: reader.runs(), state: stateIn(dir) };
  } finally {
    reader.close();
  }
}

function withoutWords(letter: DeadLetter): DeadLetter {
  return { ...letter, cause: letter.cause.replace(/(could not be decoded): .*/, '$1') };
}

/** The engine's state, from which a later run goes on. */
function stateIn(dir: string): string[] {
  const store = openStore(dir);
  try {
    return [...store.state()].map(({ kind, key, value }) => `${kind} ${key} ${digest(value ?? new Uint8Array())}`);
  } finally {
    store.close();
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
