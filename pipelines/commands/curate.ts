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
import type { Embedder, Fit, VectorIndex } from '../../operators/ports.ts';
import { Engine } from '../../operators/state/engine.ts';
import type { Reveal } from '../../operators/state/labels.ts';
import type { Policy } from '../../operators/state/policy.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { closing } from '../closing.ts';
import { curate } from '../curate.ts';
import { Intake } from '../intake.ts';
import { progress } from '../progress.ts';
import { checkUnchanged } from '../run-config.ts';
import { printable } from './printable.ts';

export interface CurateCommand {
  readonly source: string;
  readonly out: string;
  readonly root?: string | undefined;
  readonly labels?: string | undefined;
  readonly fit?: Fit | undefined;
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
export function curateCommand(command: CurateCommand): Promise<CurateSummary> {
  return closing(async (later) => {
    // What costs least fails first: the source, then the folder, then the model and the index.
    const source = await openSource(command.source, { root: command.root, labels: command.labels, fit: command.fit });
    later(() => source.close());
    const store = openStore(command.out);
    later(() => store.close());
    const embedder = await openEmbedder(command.workers);
    later(() => embedder.close());
    const index = await openIndex(embedder.dimension);
    later(() => index.close());
    return await run(command, source, store, embedder, index);
  });
}

async function run(command: CurateCommand, source: OpenedSource, store: SqliteStore, embedder: Embedder, index: VectorIndex): Promise<CurateSummary> {
  const { policy, purpose, budget, seed, reveal, workers, say } = command;
  const resumedFrom = store.nextSeq;
  const last = store.lastRun()?.config ?? null;
  const config = runConfig(command, source, embedder);
  checkUnchanged(last, config, command.change);
  if (typeof last?.labels === 'string' && config.labels === null) say.write(`warning: earlier runs had --labels ${last.labels}, this one has none: new items get no label\n`);
  const engine = new Engine({ policy, purpose, budget, seed, reveal, dimension: embedder.dimension });
  engine.restore(store.state(), (seq) => store.embedding(seq));
  store.recordRun(resumedFrom, config);
  if (source.header !== null) store.recordHeader(source.identity, source.header);
  const intake = new Intake(source, resumedFrom, store.onRecord(source.identity));
  const decoder = new SharpDecoder(embedder.size, source.fit);
  const parts = { intake, decoder, thumbnails: thumbnailEncoder(embedder.size / 2), embedder, workers, index, store, engine };
  const shown = progress(say, source.total, () => intake.skipped);
  const start = performance.now();
  const embedded = await curate(parts, { batch: command.batch, signal: command.signal, onCommit: (batch) => shown.add(batch) }).finally(() => shown.end());
  const seconds = Number(((performance.now() - start) / 1000).toFixed(3));
  const { decided, admitted, dead, unspent } = store.totals();
  for (const warning of source.warnings()) say.write(`warning: ${printable(warning)}\n`);
  if (decided + dead === 0 && intake.ended) say.write('warning: the source holds no images\n');
  if (decided === 0 && dead > 0) say.write('warning: not one image could be read; `sluice dead DIR` says why (a wrong --root?)\n');
  // A signal during the last batch of all interrupts nothing.
  if (command.signal.aborted && (!intake.ended || store.nextSeq < intake.nextSeq)) {
    throw new SluiceError('SLUICE_E_INTERRUPTED', `stopped after ${decided + dead} items; all of them are kept`);
  }
  return { decided, admitted, dead, unspent, embedded, resumed_from: resumedFrom, seconds };
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
    labels: command.labels === undefined ? null : resolve(command.labels),
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
