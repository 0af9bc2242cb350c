import type { Embedder } from '../operators/ports.ts';
import { SluiceError } from '../schemas/errors.ts';

/** Side of the square at which pictures are looked at that bring their embedding along. */
const SIZE = 224;

/** Stands where embeddings are given: nothing else can be embedded as they were. */
export function givenEmbedder({ dimension, identity }: Pick<Embedder, 'dimension' | 'identity'>): Embedder {
  return {
    size: SIZE,
    dimension,
    identity,
    begin() {
      throw new SluiceError('SLUICE_E_CONFIG_INVALID', 'with --embeddings nothing is embedded here: give examples of campaigns as .npy, and as --known or --guard an output folder that was made with the same file');
    },
    close: () => Promise.resolve(),
  };
}
