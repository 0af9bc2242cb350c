import type { Entry } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import type { Embeddings } from '../embeddings/read.ts';
import type { OpenedSource } from './types.ts';

/** Gives the samples of a source embeddings, made unit length. One without, or whose embedding has no direction, is a bad entry. */
export function withEmbeddings(source: OpenedSource, embeddings: Embeddings): OpenedSource {
  const { identity, total, fit, header, timed, faults } = source;
  return {
    identity, total, fit, header, timed, faults,
    next: async (limit) => (await source.next(limit)).map((entry) => given(entry, embeddings)),
    close: () => source.close(),
    warnings: () => source.warnings(),
  };
}

function given(entry: Entry, embeddings: Embeddings): Entry {
  if ('error' in entry) return entry;
  const { id } = entry.sample;
  const bad = (cause: string): Entry => ({ id, error: new SluiceError('SLUICE_E_ROW_INVALID', cause) });
  const vector = embeddings.of(id);
  if (vector === null) return bad(`--embeddings has none for the id ${JSON.stringify(id)}.`);
  const embedding = unitLength(vector);
  if (embedding === null) return bad('its embedding has no direction: it is of length 0, or holds what is no number.');
  return { ...entry, embedding };
}

/** Null where it has no direction. */
export function unitLength(vector: Float32Array): Float32Array | null {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares);
  if (!(length > 1e-12) || !Number.isFinite(length)) return null;
  // Those of a model here, written and read again, stay as they are, to the bit.
  return Math.abs(length - 1) > 1e-5 ? vector.map((value) => value / length) : vector;
}
