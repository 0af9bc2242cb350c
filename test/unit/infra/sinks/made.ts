/** Folders with verdicts in them, for tests of exports. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Decision } from '../../../../schemas/decision.ts';
import { exportTo } from '../../../../infra/sinks/export.ts';
import type { TextFormat } from '../../../../infra/sinks/types.ts';
import { openReader } from '../../../../infra/store/reader.ts';
import { openStore } from '../../../../infra/store/sqlite.ts';
import type { Reader, RunEntry } from '../../../../infra/store/types.ts';
import { SluiceError } from '../../../../schemas/errors.ts';
import { batchOf, CONFIG, decisionAt } from '../store/decisions.ts';
import { temporaryFolder } from '../store/world.ts';

export interface Part {
  /** Identity of the source, and its header: a value, or JSON as it is spelled. */
  readonly source?: string;
  readonly header?: unknown;
  /** The file of --labels. */
  readonly labels?: string;
  readonly items: readonly Partial<Decision>[];
}

/** What one source after the other left in a folder, written and read by the real store. */
export function storedReader(...parts: readonly Part[]): Reader {
  const dir = join(temporaryFolder(), 'run');
  const store = openStore(dir);
  for (const { source = SOURCE, header, labels = null, items } of parts) {
    const first = store.nextSeq;
    store.recordRun(first, { ...CONFIG, source, labels });
    if (header !== undefined) store.recordHeader(source, spelled(header));
    store.commit(batchOf({ decisions: decisionsOf(items, first) }));
  }
  store.close();
  const reader = openReader(dir);
  onTestFinished(() => reader.close());
  return reader;
}

/** The same without a disk, for tests that need many. */
export function readerOf(...parts: readonly Part[]): Reader {
  const all: Decision[] = [];
  const runs: RunEntry[] = [];
  for (const { source = SOURCE, items } of parts) {
    runs.push({ seq: all.length, config: { ...CONFIG, source } });
    all.push(...decisionsOf(items, all.length));
  }
  const admitted = all.filter((d) => d.verdict === 'admit');
  const none = (): never => {
    throw new Error('an export needs no such thing');
  };
  return {
    dir: '/nowhere',
    runs: () => runs,
    headers: () => parts.flatMap(({ source = SOURCE, header }) => (header === undefined ? [] : [{ source, header: spelled(header) }])),
    totals: () => ({ decided: all.length, admitted: admitted.length, dead: 0, unspent: 0, transactions: parts.length }),
    decisions: (verdict) => all.filter((d) => verdict === undefined || d.verdict === verdict).map((d) => ({ ...d, suspicionNow: d.suspicion })),
    origin: (seq) => all[seq]?.origin ?? null,
    decisionsFrom: none,
    decision: none,
    earlierLabels: none,
    goneOf: none,
    gone: () => ({ admit: 0, reject: 0, dead: 0 }),
    dead: none,
    deadOf: none,
    faults: none,
    faultsOf: none,
    state: () => [],
    versions: none,
    asOf: none,
    annotations: none,
    targets: none,
    campaigns: none,
    alerts: none,
    embedding: none,
    pictured: none,
    thumbnails: none,
    refresh: none,
    close: none,
  };
}

const SOURCE = 'folder:/photos';

function decisionsOf(items: Part['items'], first: number): Decision[] {
  return items.map((item, i) => decisionAt(first + i, { id: `${first + i}.jpg`, ...item }));
}

function spelled(header: unknown): string {
  return typeof header === 'string' ? header : JSON.stringify(header);
}

export function textOf(format: TextFormat, reader: Reader): string {
  return [...format.text(reader, 'all')].join('');
}

/** The code of the error an export ends with, or what it resolved with. */
export async function outcome(reader: Reader, format: string, to: string): Promise<string | number> {
  const ended = await tried(reader, format, to);
  return typeof ended === 'number' ? ended : ended.code;
}

/** The error an export ends with. */
export async function faultOf(reader: Reader, format: string, to: string): Promise<SluiceError> {
  const ended = await tried(reader, format, to);
  if (typeof ended === 'number') throw new Error(`${ended} items were written`);
  return ended;
}

async function tried(reader: Reader, format: string, to: string): Promise<number | SluiceError> {
  try {
    return await exportTo(reader, { format, to, verdict: 'all' }, () => {});
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown;
    throw thrown;
  }
}
