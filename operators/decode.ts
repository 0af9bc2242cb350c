import { from, mergeMap, type OperatorFunction } from 'rxjs';
import { asSluiceError } from '../schemas/errors.ts';
import type { Decoded, Failed, Numbered } from './items.ts';
import type { ImageDecoder } from './ports.ts';

/**
 * Reads each entry's file and decodes it to the model's square. What cannot be decoded fails with its cause and goes on in its place.
 *
 * Results come in any order (`embed` puts them back): at most `concurrency` pictures are held decoded here.
 */
export function decode(decoder: ImageDecoder, concurrency: number): OperatorFunction<Numbered, Decoded | Failed> {
  return mergeMap((entry) => from(decodeOne(decoder, entry)), concurrency);
}

async function decodeOne(decoder: ImageDecoder, entry: Numbered): Promise<Decoded | Failed> {
  const { seq } = entry;
  if ('error' in entry) return { seq, id: entry.id, error: entry.error };
  const { sample } = entry;
  try {
    return { seq, sample, image: await decoder.decode(sample.uri) };
  } catch (thrown) {
    return { seq, id: sample.id, error: asSluiceError(thrown, 'SLUICE_E_IMAGE_CORRUPT') };
  }
}
