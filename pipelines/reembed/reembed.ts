/** `sluice reembed`, without its words: a change of the model of a folder, prepared beside whatever writes to it, and made where nothing does. */
import { openEmbeddings } from '../../infra/embeddings/read.ts';
import type { ModelDescription } from '../../infra/onnx/description.ts';
import { openEmbedder } from '../../infra/onnx/pool.ts';
import { openReader } from '../../infra/store/reader.ts';
import { openStore, type SqliteStore } from '../../infra/store/sqlite.ts';
import type { RunConfig } from '../../infra/store/types.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { closing } from '../closing.ts';
import { givenEmbedder } from '../given-embedder.ts';
import { changeModel, type NewModel, prepareChange, type Prepared } from './change-model.ts';
import type { SwapSummary } from './swap.ts';

export interface ReembedSettings {
  readonly dir: string;
  /** Left out: the one that comes with Sluice. */
  readonly model?: ModelDescription | undefined;
  /** A file of embeddings in place of a model. */
  readonly embeddings?: string | undefined;
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly say: NodeJS.WriteStream;
}

export type ReembedSummary = Prepared & {
  readonly model: string;
  /** `changed`; `prepared`, where a run holds the folder; `same`, where it had the model. */
  readonly state: 'changed' | 'prepared' | 'same';
} & Partial<SwapSummary>;

/** @throws SluiceError SLUICE_E_NOT_FOUND (no run in DIR), and as `changeModel` does */
export function reembed({ dir, model, embeddings, workers, signal, say }: ReembedSettings): Promise<ReembedSummary> {
  return closing(async (later) => {
    const was = lastConfig(dir);
    const given = embeddings === undefined ? null : await openEmbeddings(embeddings);
    if (given !== null) later(() => given.close());
    const embedder = given === null ? await openEmbedder(workers, model) : givenEmbedder(given);
    later(() => embedder.close());
    const { identity } = embedder;
    if (was.model === identity) return { state: 'same', model: identity, embedded: 0, gone: 0 };
    const by: NewModel = { embedder, given, workers, signal, say };
    // Crops of objects cannot be embedded as the given embeddings were.
    const now = (config: RunConfig): RunConfig => ({ ...config, model: identity, ...(given === null ? {} : { objects: 'off' }) });
    const prepared = await prepareChange(dir, now(was), by);
    const store = openFree(dir);
    if (store === null) return { state: 'prepared', model: identity, ...prepared };
    later(() => store.close());
    const { embedded, gone, ...swapped } = await changeModel(store, now(store.lastRun()?.config ?? was), by);
    return { state: 'changed', model: identity, ...swapped, embedded: prepared.embedded + embedded, gone: prepared.gone + gone };
  });
}

/** @throws SluiceError SLUICE_E_NOT_FOUND */
function lastConfig(dir: string): RunConfig {
  const reader = openReader(dir);
  try {
    const config = reader.runs().at(-1)?.config;
    if (config === undefined) throw new SluiceError('SLUICE_E_NOT_FOUND', `${dir} holds no run.`);
    return config;
  } finally {
    reader.close();
  }
}

/** Null where a run holds it. */
function openFree(dir: string): SqliteStore | null {
  try {
    return openStore(dir);
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.code === 'SLUICE_E_BUSY') return null;
    throw thrown;
  }
}
