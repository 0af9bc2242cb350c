import { from, mergeMap, type OperatorFunction } from 'rxjs';
import { asSluiceError } from '../schemas/errors.ts';
import type { Sample } from '../schemas/sample.ts';
import type { Decoded, Failed, Numbered } from './items.ts';
import type { ImageDecoder, ImageInput, RegionsOf } from './ports.ts';
import { chooseBackground } from './state/objects/background.ts';
import { chooseObjects, type ChosenObject } from './state/objects/choose.ts';

/** Where a sample's picture is on a host whose samples are files. */
const fileOf = ({ uri }: Sample): ImageInput => ({ path: uri });

/**
 * Reads each entry's picture and decodes it to the model's square, and so the objects of its label, and a region beside them. What cannot be decoded fails with its cause and goes on in its place.
 *
 * Results come in any order (`embed` puts them back): at most `concurrency` pictures are held decoded here.
 *
 * @param imageOf where a picture is that did not come with its sample: by default in the file its `uri` names
 * @param objects of a label that are cut out of its picture, at most; 0: labels are not looked at
 */
export function decode(decoder: ImageDecoder, concurrency: number, imageOf: (sample: Sample) => ImageInput = fileOf, objects = 0): OperatorFunction<Numbered, Decoded | Failed> {
  return mergeMap((entry) => from(decodeOne(decoder, entry, imageOf, objects)), concurrency);
}

async function decodeOne(decoder: ImageDecoder, entry: Numbered, imageOf: (sample: Sample) => ImageInput, objects: number): Promise<Decoded | Failed> {
  const { seq } = entry;
  if ('error' in entry) return { seq, id: entry.id, error: entry.error };
  const { sample, bytes, embedding, glimpse, mark } = entry;
  const seen = { ...(embedding === undefined ? {} : { given: embedding }), ...(glimpse === undefined ? {} : { glimpse }), ...(mark === undefined ? {} : { mark }) };
  const { label } = sample;
  let chosen: readonly ChosenObject[] = [];
  const choose: RegionsOf | undefined =
    objects === 0 || label === null || typeof label === 'string'
      ? undefined
      : (width, height) => {
          chosen = chooseObjects(label, width, height, objects);
          // What lies beside them comes last. Where none is embedded there is nothing to tell it from.
          const background = chosen.length === 0 ? null : chooseBackground(sample.id, label, width, height);
          return [...chosen.map(({ region }) => region), ...(background === null ? [] : [background])];
        };
  try {
    const image = await decoder.decode(bytes === undefined ? imageOf(sample) : { bytes }, choose);
    return { seq, sample, bytes, ...seen, image, chosen };
  } catch (thrown) {
    return { seq, id: sample.id, error: asSluiceError(thrown, 'SLUICE_E_IMAGE_CORRUPT'), ...(mark === undefined ? {} : { mark }) };
  }
}
