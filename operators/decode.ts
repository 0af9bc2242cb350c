import { from, mergeMap, type OperatorFunction } from 'rxjs';
import { asSluiceError } from '../schemas/errors.ts';
import type { Sample } from '../schemas/sample.ts';
import type { Decoded, Failed, Numbered } from './items.ts';
import type { ImageDecoder, ImageInput } from './ports.ts';

/** Where a sample's picture is on a host whose samples are files. */
const fileOf = ({ uri }: Sample): ImageInput => ({ path: uri });

/**
 * Reads each entry's picture and decodes it to the model's square. What cannot be decoded fails with its cause and goes on in its place.
 *
 * Results come in any order (`embed` puts them back): at most `concurrency` pictures are held decoded here.
 *
 * @param imageOf where a picture is that did not come with its sample: by default in the file its `uri` names
 */
export function decode(decoder: ImageDecoder, concurrency: number, imageOf: (sample: Sample) => ImageInput = fileOf): OperatorFunction<Numbered, Decoded | Failed> {
  return mergeMap((entry) => from(decodeOne(decoder, entry, imageOf)), concurrency);
}

async function decodeOne(decoder: ImageDecoder, entry: Numbered, imageOf: (sample: Sample) => ImageInput): Promise<Decoded | Failed> {
  const { seq } = entry;
  if ('error' in entry) return { seq, id: entry.id, error: entry.error };
  const { sample, bytes } = entry;
  try {
    return { seq, sample, bytes, image: await decoder.decode(bytes === undefined ? imageOf(sample) : { bytes }) };
  } catch (thrown) {
    return { seq, id: sample.id, error: asSluiceError(thrown, 'SLUICE_E_IMAGE_CORRUPT') };
  }
}
