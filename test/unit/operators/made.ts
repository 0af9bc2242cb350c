/** Items on their way through the operators, made without files. */
import type { Decoded, Embedded, Failed, Inspected, Numbered } from '../../../operators/items.ts';
import type { DecodedImage } from '../../../operators/ports.ts';
import { SluiceError } from '../../../schemas/errors.ts';
import type { Sample } from '../../../schemas/sample.ts';

/** Side of the pictures. */
export const SIDE = 4;
export const PER_TILE = SIDE * SIDE * 3;

function sampleOf(seq: number): Sample {
  return { id: `item-${seq}`, uri: `/nowhere/item-${seq}`, stream: 'default', time: null, label: null, origin: null };
}

export function numbered(seq: number): Numbered {
  return { seq, sample: sampleOf(seq) };
}

export function failed(seq: number): Failed {
  return { seq, id: `item-${seq}`, error: new SluiceError('SLUICE_E_IMAGE_CORRUPT', `item ${seq} was made to fail`) };
}

/** A picture of one colour a tile: `shade`, `shade` + 1, …; its crops go on from there. */
export function imageOf(shade: number, tiles = 1, crops = 0): DecodedImage {
  const squares = new Uint8Array((tiles + crops) * PER_TILE).map((_, i) => shade + Math.floor(i / PER_TILE));
  return { pixels: squares.slice(0, tiles * PER_TILE), tiles, width: 640, height: 480, digest: `digest ${shade}`, crops: squares.slice(tiles * PER_TILE) };
}

export function decoded(seq: number, shade = seq, tiles = 1, objects = 0): Decoded {
  const chosen = Array.from({ length: objects }, (_, i) => ({ index: 2 * i, class: `class ${i}`, bbox: [i, 0, 30, 30] as const, region: { left: i, top: 0, width: 31, height: 31 } }));
  return { seq, sample: sampleOf(seq), image: imageOf(shade, tiles, objects), chosen };
}

export function inspected(seq: number, shade = seq, tiles = 1, objects = 0): Inspected {
  return { ...decoded(seq, shade, tiles, objects), small: Uint8Array.of(shade), quality: { brightness: shade / 255, contrast: 0, sharpness: 0, width: 640, height: 480 } };
}

export function embedded(seq: number, embedding: Float32Array): Embedded {
  const { small, quality, image } = inspected(seq);
  return { seq, sample: sampleOf(seq), quality, digest: image.digest, small, embedding, objects: [] };
}

/** Work that is under way until the test says otherwise. */
export class Desk {
  /** Work that was begun and is not finished yet, in order. */
  readonly open: { readonly name: string; readonly finish: () => void }[] = [];
  most = 0;

  async work<T>(name: string, result: () => T): Promise<T> {
    const done = Promise.withResolvers<void>();
    this.open.push({ name, finish: done.resolve });
    this.most = Math.max(this.most, this.open.length);
    await done.promise;
    return result();
  }

  /** Finishes one piece of work, and lets whatever waits for it go on. */
  async finish(at = 0): Promise<string> {
    const [piece] = this.open.splice(at, 1);
    piece?.finish();
    // What follows a promise runs within a few turns of the microtask queue: a macrotask later all of it has.
    await new Promise((resolve) => setImmediate(resolve));
    return piece?.name ?? 'nothing was open';
  }
}
