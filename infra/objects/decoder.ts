import type { DecodedImage, ImageDecoder, ImageInput, RegionsOf } from '../../operators/ports.ts';
import type { ObjectStore } from './store.ts';

/** Decodes references too: reads the object and hands its bytes to `decoder`. */
export class ReferenceDecoder implements ImageDecoder {
  readonly #decoder: ImageDecoder;
  readonly #objects: ObjectStore;
  readonly #signal: AbortSignal | undefined;

  /** @param signal ends all reading at once: what is under way then fails with SLUICE_E_INTERRUPTED, which is no verdict and must not be committed */
  constructor(decoder: ImageDecoder, objects: ObjectStore, signal?: AbortSignal) {
    this.#decoder = decoder;
    this.#objects = objects;
    this.#signal = signal;
  }

  async decode(image: ImageInput, regionsOf?: RegionsOf): Promise<DecodedImage> {
    if (!('reference' in image)) return await this.#decoder.decode(image, regionsOf);
    return await this.#objects.use(image.reference, (bytes) => this.#decoder.decode({ bytes }, regionsOf), this.#signal);
  }
}
