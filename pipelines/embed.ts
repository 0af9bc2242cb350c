/** `sluice embed`, without its words: the embeddings of a source, in its order, into a file. */
import { embeddingWriter } from '../infra/embeddings/write.ts';
import { SharpDecoder } from '../infra/media/sharp-decoder.ts';
import { SharpThumbnails } from '../infra/media/thumbnail.ts';
import type { ModelDescription } from '../infra/onnx/description.ts';
import { openEmbedder } from '../infra/onnx/pool.ts';
import { openSource } from '../infra/sources/open.ts';
import type { SourceOptions } from '../infra/sources/types.ts';
import { isAlive } from '../operators/items.ts';
import { SluiceError } from '../schemas/errors.ts';
import { closing } from './closing.ts';
import { fetched } from './fetched.ts';
import { prepareBatch } from './prepare.ts';
import { ticker } from './progress.ts';

const BATCH = 256;

export interface EmbedSettings extends SourceOptions {
  readonly source: string;
  /** .npy or .parquet; replaced when all is done. */
  readonly to: string;
  readonly model?: ModelDescription | undefined;
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly say: NodeJS.WriteStream;
  /** Told of each entry that could not be embedded. */
  readonly bad: (id: string, error: SluiceError) => void;
}

export interface EmbedSummary {
  readonly embedded: number;
  readonly dead: number;
  readonly dimension: number;
  readonly model: string;
  readonly seconds: number;
}

/** @throws SluiceError those of a source and of a model; SLUICE_E_INTERRUPTED, with nothing written */
export function embedSource({ source: location, to, model, workers, signal, say, bad, ...options }: EmbedSettings): Promise<EmbedSummary> {
  return closing(async (later) => {
    const source = await openSource(location, options);
    later(() => source.close());
    const embedder = await openEmbedder(workers, model);
    later(() => embedder.close());
    const writer = embeddingWriter(to, embedder.dimension);
    later(async () => writer.close());
    const parts = { decoder: new SharpDecoder(embedder.size, source.fit), thumbnails: new SharpThumbnails(embedder.size), embedder, workers, objects: 0 };
    const start = performance.now();
    const seconds = (): number => Math.round(performance.now() - start) / 1000;
    let [embedded, dead] = [0, 0];
    const shown = ticker(say, () => `${embedded}${source.total === null ? '' : ` of ${source.total}`} embedded, ${(embedded / Math.max(seconds(), 0.001)).toFixed(0)}/s`);
    for (let seq = 0; ; ) {
      const entries = await source.next(BATCH);
      if (signal.aborted) throw new SluiceError('SLUICE_E_INTERRUPTED', 'stopped; nothing was written');
      if (entries.length === 0) break;
      const items = await prepareBatch(parts, await Promise.all(entries.map((entry) => fetched({ ...entry, seq: seq++ }))));
      for (const item of items) if ('error' in item) bad(item.id, item.error);
      const made = items.filter(isAlive);
      writer.add(made.map(({ sample }) => sample.id), made.map(({ embedding }) => embedding));
      embedded += made.length;
      dead += items.length - made.length;
      shown.tick();
    }
    writer.finish();
    shown.end(embedded > 0);
    return { embedded, dead, dimension: embedder.dimension, model: embedder.identity, seconds: seconds() };
  });
}
