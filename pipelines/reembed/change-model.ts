/** An output folder goes on with another model: its pictures are embedded again, and all that rests on embeddings changes at once. */
import type { Embeddings } from '../../infra/embeddings/read.ts';
import { SharpDecoder } from '../../infra/media/sharp-decoder.ts';
import { SharpThumbnails } from '../../infra/media/thumbnail.ts';
import { openReader } from '../../infra/store/reader.ts';
import { openReembedded, type ReembeddedStore } from '../../infra/store/reembedded.ts';
import type { SqliteStore } from '../../infra/store/sqlite.ts';
import type { Reader, RunConfig } from '../../infra/store/types.ts';
import type { Embedder, Fit } from '../../operators/ports.ts';
import { closing } from '../closing.ts';
import { readObjects, readReveal } from '../config/settings.ts';
import { shownObjects } from '../prepare.ts';
import { recordedSettings } from '../reopened.ts';
import { type AgainParts, embedAgain } from './embed-again.ts';
import { swapModel, type SwapSummary } from './swap.ts';

/** What embeds from now on. */
export interface NewModel {
  readonly embedder: Embedder;
  /** Embeddings that are given in its place; null without. */
  readonly given: Embeddings | null;
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly say: NodeJS.WriteStream;
}

export interface Prepared {
  /** Pictures embedded by this process. */
  readonly embedded: number;
  /** Pictures that it sought and that are gone. */
  readonly gone: number;
}

/** Embeds the pictures of a folder while others may write to it; what it has is kept until the change. @throws SluiceError as `changeModel` does */
export function prepareChange(dir: string, config: RunConfig, model: NewModel): Promise<Prepared> {
  return closing(async (later) => {
    const { reader, kept } = opened(dir, config, model.embedder, later);
    return await embedAgain(reader, kept, partsOf(config, model));
  });
}

/**
 * Embeds what was not prepared, and changes the model.
 * @param store of the folder, held. @param config in force from now on
 * @throws SluiceError SLUICE_E_INTERRUPTED (what was embedded is kept, the folder is as it was), SLUICE_E_PICTURES_GONE, SLUICE_E_BUSY where another process prepares, those of a model
 */
export function changeModel(store: SqliteStore, config: RunConfig, model: NewModel): Promise<Prepared & SwapSummary> {
  return closing(async (later) => {
    const { reader, kept } = opened(store.dir, config, model.embedder, later);
    const prepared = await embedAgain(reader, kept, partsOf(config, model));
    const swapped = swapModel(store, reader, kept, recordedSettings(config, model.embedder.dimension), config);
    kept.remove();
    model.say.write(`${changedLine(config.model, swapped)}\n`);
    return { ...prepared, ...swapped };
  });
}

function opened(dir: string, { fit, objects, reveal }: RunConfig, { identity, dimension }: Embedder, later: (close: () => void) => void): { readonly reader: Reader; readonly kept: ReembeddedStore } {
  const reader = openReader(dir);
  later(() => reader.close());
  const kept = openReembedded(dir, `${identity} ${fit} objects:${shownObjects(readObjects(objects), readReveal(reveal))}`, dimension);
  later(() => kept.close());
  return { reader, kept };
}

function partsOf({ fit, objects, reveal }: RunConfig, { embedder, given, workers, signal, say }: NewModel): AgainParts {
  return { decoder: new SharpDecoder(embedder.size, fit as Fit), thumbnails: new SharpThumbnails(embedder.size), embedder, workers, objects: given === null ? shownObjects(readObjects(objects), readReveal(reveal)) : 0, given, signal, say };
}

function changedLine(model: string, { items, estimated, likeness }: SwapSummary): string {
  const guessed = estimated === 0 ? '' : `; the pictures of ${estimated} are gone, so theirs are estimates${likeness === null ? '' : ` (on pictures that are there, such are ${likeness.toFixed(2)} like what they estimate)`}`;
  return `from here on the model is ${model}: ${items} ${items === 1 ? 'item has its embedding' : 'items have embeddings'} by it${guessed}`;
}
