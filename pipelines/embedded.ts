/** The embedded host: opens the parts in one process and one folder, runs the pipeline over a finite source, closes everything. */
import { resolve } from 'node:path';
import { openIndex } from '../infra/faiss/index.ts';
import { SharpDecoder } from '../infra/media/sharp-decoder.ts';
import { SharpThumbnails } from '../infra/media/thumbnail.ts';
import { openEmbeddings } from '../infra/embeddings/read.ts';
import type { ModelDescription } from '../infra/onnx/description.ts';
import { openEmbedder } from '../infra/onnx/pool.ts';
import { openSource } from '../infra/sources/open.ts';
import { withEmbeddings } from '../infra/sources/with-embeddings.ts';
import type { OpenedSource } from '../infra/sources/types.ts';
import { MediaFolder } from '../infra/store/media.ts';
import { openStore, type SqliteStore } from '../infra/store/sqlite.ts';
import type { RunConfig } from '../infra/store/types.ts';
import type { Batch, Embedder, Fit, VectorIndex } from '../operators/ports.ts';
import { type Campaign, NO_CAMPAIGNS } from '../operators/state/campaigns.ts';
import type { HealthOf } from '../operators/state/camera/camera.ts';
import { Engine } from '../operators/state/engine.ts';
import type { GateOf } from '../operators/state/gate/gates.ts';
import type { Reveal } from '../operators/state/labels.ts';
import type { Memory } from '../operators/state/memory.ts';
import type { Policy } from '../operators/state/policy.ts';
import type { Rate } from '../operators/state/rate-budget.ts';
import { REJECTED_THUMBNAILS, Reservoir } from '../operators/state/reservoir.ts';
import { SluiceError } from '../schemas/errors.ts';
import { CampaignFile } from './campaigns.ts';
import { closing } from './closing.ts';
import { rateText } from './config/units.ts';
import { curate, type Guarded, type Parts } from './curate.ts';
import { checkModel, readGuard } from './guarded.ts';
import { changeModel } from './reembed/change-model.ts';
import { Intake } from './intake.ts';
import { know, type Known } from './known.ts';
import { givenEmbedder } from './given-embedder.ts';
import { shownObjects } from './prepare.ts';
import { progress } from './progress.ts';
import { checkUnchanged, settingsOf } from './run-config.ts';
import { printable } from './commands/printable.ts';

export interface CurateSettings {
  readonly source: string;
  readonly out: string;
  /** Format of the source, where looking does not tell it. */
  readonly format?: string | undefined;
  readonly root?: string | undefined;
  readonly labels?: string | undefined;
  /** COCO results: what a detector says of the images. */
  readonly predictions?: string | undefined;
  readonly fit?: Fit | undefined;
  /** The embedding model; left out: the one that comes with Sluice. */
  readonly model?: ModelDescription | undefined;
  /** A file with the embedding of each item, in place of a model: then `objects` is 0. */
  readonly embeddings?: string | undefined;
  /** Of a video, so many frames a second; by default every frame. */
  readonly fps?: number | undefined;
  /** File of what people ask for while it runs. */
  readonly campaigns?: string | undefined;
  /** Share of the images to admit, or so many per time. */
  readonly budget: number | Rate;
  /** Whether all streams share the budget, or each has its own. */
  readonly per: 'fleet' | 'stream';
  readonly reveal: Reveal;
  /** Objects of an image that are embedded as crops, at most, where labels are shown with the images; 0: none. */
  readonly objects: number;
  /** Whose camera health is watched; left out: `auto`. Changes no decision. */
  readonly health?: HealthOf;
  /** Whose unchanged frames are rejected unseen; left out: `auto`. */
  readonly gate?: GateOf;
  readonly purpose: 'train' | 'validation';
  /** Part of the clusters of a train run that goes to validation. */
  readonly validationShare: number;
  /** Output folder of another run with which this one must not share pictures. */
  readonly guard?: string | undefined;
  /** A data set that is there already: an output folder, or anything that can be curated. What it holds counts as admitted. */
  readonly known?: string | undefined;
  readonly knownFormat?: string | undefined;
  /** What the paths of a known manifest or annotation file are relative to. */
  readonly knownRoot?: string | undefined;
  readonly policy: Policy;
  readonly seed: number;
  readonly batch: number;
  readonly workers: number;
  /** Rejected images that keep a thumbnail, at most; left out: REJECTED_THUMBNAILS. */
  readonly rejectedThumbnails?: number;
  readonly change: boolean;
  /** Hands out again what has only dead letters. */
  readonly retry: boolean;
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
  /** Crops of their objects, and of what lies beside them, that it embedded. */
  readonly objects: number;
  /** Verdicts and dead letters that were there before. */
  readonly resumed_from: number;
  /** From the first item handed out to the last commit. */
  readonly seconds: number;
  /** Of the whole folder; see AnnotationCounts. */
  readonly annotations: { readonly bad: Readonly<Record<string, number>>; readonly images_without: number };
}

/** @throws SluiceError; SLUICE_E_INTERRUPTED where the signal ended the run before its source did */
export function curateSource(settings: CurateSettings): Promise<CurateSummary> {
  return closing(async (later) => {
    // What costs least fails first: the source, then the folder, then the model and the index.
    if (settings.predictions !== undefined && shownObjects(settings.objects, settings.reveal) === 0) {
      throw new SluiceError('SLUICE_E_CONFIG_INVALID', '--predictions is held against the boxes of labels: it needs --reveal all and --objects other than off');
    }
    const given = settings.embeddings === undefined ? null : await openEmbeddings(settings.embeddings);
    if (given !== null) later(async () => given.close());
    const bare = await openSource(settings.source, { format: settings.format, root: settings.root, labels: settings.labels, predictions: settings.predictions, fit: settings.fit, fps: settings.fps, glimpses: settings.gate !== 'off' });
    later(() => bare.close());
    const source = given === null ? bare : withEmbeddings(bare, given);
    if (typeof settings.budget !== 'number' && !source.timed) {
      throw new SluiceError('SLUICE_E_CONFIG_INVALID', `a budget per time (${rateText(settings.budget)}) needs the times of the images: give a CSV manifest with a column "time", a video that says when it was recorded, or a share such as 0.25`);
    }
    const guarded = settings.guard === undefined ? null : readGuard(settings.guard, settings.out);
    const store = openStore(settings.out);
    later(() => store.close());
    const embedder = given === null ? await openEmbedder(settings.workers, settings.model) : givenEmbedder(given);
    later(() => embedder.close());
    const campaigns = settings.campaigns === undefined ? null : await CampaignFile.open(settings.campaigns, { decoder: new SharpDecoder(embedder.size, source.fit), embedder }, (line) => settings.say.write(`${printable(line)}\n`));
    later(async () => campaigns?.close());
    const asked = (): readonly Campaign[] => campaigns?.current() ?? NO_CAMPAIGNS;
    const index = await openIndex(embedder.dimension);
    later(() => index.close());
    const indexed = async (memory: Memory): Promise<Guarded> => {
      const own = await openIndex(embedder.dimension);
      later(() => own.close());
      return { index: own, memory };
    };
    if (guarded !== null) checkModel(guarded, embedder.identity);
    // What the folder was made with is checked before another data set is embedded for it.
    const [was, config] = [store.lastRun()?.config ?? null, runConfig(settings, source, embedder)];
    checkUnchanged(was, config, settings.change);
    if (was !== null && was.model !== config.model) await changeModel(store, config, { embedder, given, workers: settings.workers, signal: settings.signal, say: settings.say });
    const known = settings.known === undefined ? null : await know({ ...settings, place: settings.known, format: settings.knownFormat, root: settings.knownRoot, fit: source.fit }, embedder);
    const besides = { guarded: guarded === null ? null : await indexed(guarded.memory), known: known === null ? null : await indexed(known.memory) };
    return await run(settings, source, store, embedder, index, asked, besides, known?.counts ?? null);
  });
}

async function run(settings: CurateSettings, source: OpenedSource, store: SqliteStore, embedder: Embedder, index: VectorIndex, campaigns: () => readonly Campaign[], besides: Pick<Parts, 'guarded' | 'known'>, known: Known['counts'] | null): Promise<CurateSummary> {
  const { policy, purpose, validationShare, budget, per, seed, reveal, workers, say } = settings;
  const resumedFrom = store.nextSeq;
  const last = store.lastRun()?.config ?? null;
  const config = runConfig(settings, source, embedder);
  if (typeof last?.labels === 'string' && config.labels === null) say.write(`warning: earlier runs had --labels ${last.labels}, this one has none: new items get no label\n`);
  const engine = new Engine({ policy, purpose, validationShare, budget, per, seed, reveal, lateLabels: true, objects: settings.objects > 0, health: settings.health ?? 'auto', dimension: embedder.dimension, ...(known === null ? {} : { known }) });
  engine.restore(store.state(), (seq) => store.embedding(seq));
  store.recordRun(resumedFrom, config);
  store.recordFaults(source.identity, source.faults);
  if (source.header !== null) store.recordHeader(source.identity, source.header);
  const intake = new Intake(source, resumedFrom, store.onRecord(source.identity), settings.retry);
  const decoder = new SharpDecoder(embedder.size, source.fit);
  const parts = { intake, decoder, thumbnails: new SharpThumbnails(embedder.size), media: new MediaFolder(store.dir), embedder, workers, objects: shownObjects(settings.objects, reveal), index, ...besides, campaigns, rejects: new Reservoir(settings.rejectedThumbnails ?? REJECTED_THUMBNAILS, seed, store.picturedRejects()), store, engine };
  const shown = progress(say, source.total, () => intake.skipped);
  const start = performance.now();
  let repeated = 0;
  const onCommit = (batch: Batch): void => {
    repeated += batch.dead.filter(({ code }) => code === 'SLUICE_E_ID_REPEATED').length;
    shown.add(batch);
  };
  const { images: embedded, objects } = await curate(parts, { batch: settings.batch, signal: settings.signal, onCommit }).finally(() => shown.end());
  const seconds = Number(((performance.now() - start) / 1000).toFixed(3));
  const { decided, admitted, dead, unspent } = store.totals();
  if (intake.skipped > 0 && config.labels !== null && last?.labels !== config.labels) say.write('warning: --labels reaches items that are decided from now on; what was decided before has learned nothing from it\n');
  for (const warning of source.warnings()) say.write(`warning: ${printable(warning)}\n`);
  if (decided + dead === 0 && intake.ended) say.write('warning: the source holds no images\n');
  if (repeated > 0 && 2 * repeated >= store.nextSeq - resumedFrom) {
    say.write(`warning: ${repeated} of ${store.nextSeq - resumedFrom} items have ids that came before; a source that was moved counts as another one: move it back, or give another --out\n`);
  }
  if (decided === 0 && dead > 0) say.write('warning: not one image could be read; `sluice dead DIR` says why (a wrong --root?)\n');
  // A signal during the last batch of all interrupts nothing.
  if (settings.signal.aborted && (!intake.ended || store.nextSeq < intake.nextSeq)) {
    throw new SluiceError('SLUICE_E_INTERRUPTED', `stopped after ${decided + dead} items; all of them are kept`);
  }
  const { bad, imagesWithout } = store.annotations();
  return { decided, admitted, dead, unspent, embedded, objects, resumed_from: resumedFrom, seconds, annotations: { bad, images_without: imagesWithout } };
}

function runConfig(settings: CurateSettings, source: OpenedSource, embedder: Embedder): RunConfig {
  return {
    ...settingsOf(settings, { model: embedder.identity, fit: source.fit, objects: settings.objects }),
    source: source.identity,
    labels: settings.labels === undefined ? null : resolve(settings.labels),
    predictions: settings.predictions === undefined ? null : resolve(settings.predictions),
    guard: settings.guard === undefined ? null : resolve(settings.guard),
    known: settings.known === undefined ? null : resolve(settings.known),
    gate: settings.gate ?? 'auto',
  };
}
