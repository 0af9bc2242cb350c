/** `sluice curate`: opens the parts, runs the pipeline, closes everything, writes the report. */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { openIndex } from '../../infra/faiss/index.ts';
import { SharpDecoder } from '../../infra/media/sharp-decoder.ts';
import { thumbnailEncoder } from '../../infra/media/thumbnail.ts';
import { openEmbedder } from '../../infra/onnx/pool.ts';
import { writeReport } from '../../infra/sinks/report/report.ts';
import { openSource } from '../../infra/sources/open.ts';
import type { OpenedSource } from '../../infra/sources/types.ts';
import { openReader } from '../../infra/store/reader.ts';
import { openStore, type SqliteStore } from '../../infra/store/sqlite.ts';
import type { RunConfig } from '../../infra/store/types.ts';
import type { Embedder, Fit } from '../../operators/ports.ts';
import { Engine } from '../../operators/state/engine.ts';
import type { Reveal } from '../../operators/state/labels.ts';
import type { Policy } from '../../operators/state/policy.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { curate } from '../curate.ts';
import { Intake } from '../intake.ts';
import { progress } from '../progress.ts';
import { checkUnchanged } from '../run-config.ts';

export interface CurateCommand {
  readonly source: string;
  readonly out: string;
  readonly root?: string;
  readonly labels?: string;
  readonly fit?: Fit;
  readonly budget: number;
  readonly reveal: Reveal;
  readonly purpose: 'train' | 'validation';
  readonly policy: Policy;
  readonly seed: number;
  readonly batch: number;
  readonly workers: number;
  readonly change: boolean;
  readonly signal: AbortSignal;
  /** Progress and warnings. */
  readonly say: NodeJS.WriteStream;
}

export interface CurateSummary {
  readonly decided: number;
  readonly admitted: number;
  readonly dead: number;
  readonly unspent: number;
  /** Images this process embedded. */
  readonly embedded: number;
  /** Verdicts and dead letters that were there before. */
  readonly resumed_from: number;
  /** From the first item handed out to the last commit. */
  readonly seconds: number;
}

export const DEFAULT_WORKERS = Math.min(4, availableParallelism());

/** @throws SluiceError; SLUICE_E_INTERRUPTED where the signal ended the run before its source did */
export async function curateCommand(command: CurateCommand): Promise<CurateSummary> {
  // What costs least fails first: the source, then the folder, then the model.
  const source = await openSource(command.source, sourceOptions(command));
  let store: SqliteStore | null = null;
  let embedder: Embedder | null = null;
  try {
    store = openStore(command.out);
    embedder = await openEmbedder(command.workers);
    const summary = await run(command, source, store, embedder);
    for (const warning of source.warnings()) command.say.write(`warning: ${warning}\n`);
    if (command.signal.aborted) throw new SluiceError('SLUICE_E_INTERRUPTED', `stopped after ${summary.decided + summary.dead} items; all of them are kept`);
    return summary;
  } finally {
    await embedder?.close();
    await source.close();
    store?.close();
  }
}

function sourceOptions({ root, labels, fit }: CurateCommand): { root?: string; labels?: string; fit?: Fit } {
  return { ...(root === undefined ? {} : { root }), ...(labels === undefined ? {} : { labels }), ...(fit === undefined ? {} : { fit }) };
}

async function run(command: CurateCommand, source: OpenedSource, store: SqliteStore, embedder: Embedder): Promise<CurateSummary> {
  const { policy, purpose, budget, seed, reveal } = command;
  const resumedFrom = store.nextSeq;
  const config = runConfig(command, source, embedder);
  checkUnchanged(store.lastRun()?.config ?? null, config, command.change);
  const engine = new Engine({ policy, purpose, budget, seed, reveal, dimension: embedder.dimension });
  engine.restore(store.state(), (seq) => store.embedding(seq));
  store.recordRun(resumedFrom, config);
  if (source.header !== null) store.recordHeader(source.identity, source.header);
  const intake = new Intake(source, resumedFrom, store.onRecord(source.identity));
  const index = await openIndex(embedder.dimension);
  const shown = progress(command.say, source.total, () => intake.skipped);
  const start = performance.now();
  try {
    const decoder = new SharpDecoder(embedder.size, source.fit);
    const thumbnails = thumbnailEncoder(embedder.size / 2);
    const parts = { intake, decoder, thumbnails, embedder, workers: command.workers, decoders: command.workers + 1, index, store, engine };
    const embedded = await curate(parts, { batch: command.batch, signal: command.signal, onCommit: (batch) => shown.add(batch) });
    const seconds = Number(((performance.now() - start) / 1000).toFixed(3));
    const { decided, admitted, dead, unspent } = store.totals();
    return { decided, admitted, dead, unspent, embedded, resumed_from: resumedFrom, seconds };
  } finally {
    shown.end();
    await index.close();
  }
}

function runConfig(command: CurateCommand, source: OpenedSource, embedder: Embedder): RunConfig {
  const { policy, seed, purpose, budget, reveal } = command;
  return {
    source: source.identity,
    policy: JSON.stringify(policy),
    seed,
    model: embedder.identity,
    purpose,
    budget: String(budget),
    fit: source.fit,
    reveal: reveal.when === 'admitted' ? `admitted:${reveal.after}` : reveal.when,
  };
}

/** Writes DIR/report.html from what is stored. @returns its path */
export async function reportCommand(dir: string): Promise<string> {
  const reader = openReader(dir);
  try {
    const file = resolve(join(dir, 'report.html'));
    await writeReport(reader, file);
    return file;
  } finally {
    reader.close();
  }
}
