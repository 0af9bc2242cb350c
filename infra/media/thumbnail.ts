/**
 * Thumbnails as they are stored. A batch's are encoded as one JPEG, one below the other, since starting the encoder costs more than a
 * thumbnail; their side is a multiple of 16, so that no JPEG block holds parts of two.
 */
import sharp from 'sharp';
import type { Thumbnails } from '../../operators/ports.ts';
import { Spare } from '../spare.ts';
import { libvips } from './gate.ts';

const QUALITY = 60;
/** Height of a JPEG at most. */
const HIGHEST = 65_500;

interface Strip {
  readonly jpeg: Uint8Array;
  readonly count: number;
}

export class SharpThumbnails implements Thumbnails {
  readonly #side: number;
  readonly #bytes: number;
  readonly #spare = new Spare();
  readonly #spareStrips = new Spare();

  /** @param size side of the square the model sees */
  constructor(size: number) {
    this.#side = size >> 1;
    this.#bytes = this.#side * this.#side * 3;
  }

  halve(rgb: Uint8Array): Uint8Array<ArrayBuffer> {
    const out = this.#spare.take(this.#bytes);
    const side = this.#side;
    const row = 2 * side * 3;
    for (let y = 0, to = 0; y < side; y++) {
      for (let x = 0, a = 2 * y * row; x < side; x++, a += 6, to += 3) {
        const b = a + row;
        out[to] = ((rgb[a] as number) + (rgb[a + 3] as number) + (rgb[b] as number) + (rgb[b + 3] as number) + 2) >> 2;
        out[to + 1] = ((rgb[a + 1] as number) + (rgb[a + 4] as number) + (rgb[b + 1] as number) + (rgb[b + 4] as number) + 2) >> 2;
        out[to + 2] = ((rgb[a + 2] as number) + (rgb[a + 5] as number) + (rgb[b + 2] as number) + (rgb[b + 5] as number) + 2) >> 2;
      }
    }
    return out;
  }

  /** Takes the memory of pictures back that nobody will see. */
  drop(pictures: readonly Uint8Array<ArrayBuffer>[]): [] {
    for (const picture of pictures) if (picture.length === this.#bytes) this.#spare.give(picture);
    return [];
  }

  async encode(pictures: readonly Uint8Array<ArrayBuffer>[]): Promise<Strip[]> {
    const most = Math.floor(HIGHEST / this.#side);
    const strips = [];
    for (let at = 0; at < pictures.length; at += most) strips.push(await this.#strip(pictures.slice(at, at + most)));
    return strips;
  }

  async #strip(pictures: readonly Uint8Array<ArrayBuffer>[]): Promise<Strip> {
    const count = pictures.length;
    const room = this.#spareStrips.take(count * this.#bytes);
    pictures.forEach((picture, i) => {
      room.set(picture, i * this.#bytes);
      this.#spare.give(picture);
    });
    const rgb = room.subarray(0, count * this.#bytes);
    const raw = { width: this.#side, height: this.#side * count, channels: 3 } as const;
    const jpeg = await libvips.run(2 * rgb.length, () => sharp(rgb, { raw }).jpeg({ quality: QUALITY, optimiseCoding: false }).toBuffer());
    this.#spareStrips.give(room);
    return { jpeg, count };
  }
}

/** The strip with some of its thumbnails black. @param places from the top, 0 first */
export async function blankStrip(jpeg: Uint8Array, places: readonly number[]): Promise<Uint8Array> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  const bytes = info.width * info.width * 3;
  for (const place of places) data.fill(0, place * bytes, (place + 1) * bytes);
  return await sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } }).jpeg({ quality: QUALITY, optimiseCoding: false }).toBuffer();
}

/** Cuts thumbnails out of a strip. @param places from the top, 0 first. @returns a JPEG each */
export async function cutStrip(jpeg: Uint8Array, places: readonly number[]): Promise<readonly Uint8Array[]> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  const side = info.width;
  const bytes = side * side * 3;
  const raw = { width: side, height: side, channels: 3 } as const;
  return await Promise.all(places.map((place) => sharp(data.subarray(place * bytes, (place + 1) * bytes), { raw }).jpeg({ quality: QUALITY }).toBuffer()));
}
