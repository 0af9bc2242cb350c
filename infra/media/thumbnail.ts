/**
 * Thumbnails: the square the model sees, halved. A batch's are encoded as one JPEG, one below the other, since starting the encoder costs more than a
 * thumbnail; their side is a multiple of 16, so that no JPEG block holds parts of two. Of several tiles the first is shown.
 */
import sharp from 'sharp';
import type { ThumbnailEncoder } from '../../operators/ports.ts';
import { libvips } from './gate.ts';

const QUALITY = 60;
/** Height of a JPEG at most. */
const HIGHEST = 65_500;

/** @param rgb [size, size, 3]. @returns [size / 2, size / 2, 3], each pixel the mean of four */
export function halve(rgb: Uint8Array, size: number): Uint8Array {
  const side = size >> 1;
  const row = size * 3;
  const out = new Uint8Array(side * side * 3);
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

/** @param side of the square thumbnails */
export function thumbnailEncoder(side: number): ThumbnailEncoder {
  const most = Math.floor(HIGHEST / side);
  return {
    async encode(pictures) {
      const strips = [];
      for (let at = 0; at < pictures.length; at += most) strips.push(await encodeStrip(pictures.slice(at, at + most), side));
      return strips;
    },
  };
}

async function encodeStrip(pictures: readonly Uint8Array[], side: number): Promise<{ jpeg: Uint8Array; count: number }> {
  const rgb = new Uint8Array(pictures.length * side * side * 3);
  pictures.forEach((picture, i) => rgb.set(picture, i * side * side * 3));
  const raw = { width: side, height: side * pictures.length, channels: 3 } as const;
  const jpeg = await libvips.run(2 * rgb.length, () => sharp(rgb, { raw }).jpeg({ quality: QUALITY, optimiseCoding: false }).toBuffer());
  return { jpeg, count: pictures.length };
}

/** Cuts thumbnails out of a strip. @param places from the top, 0 first. @returns a JPEG each */
export async function cutStrip(jpeg: Uint8Array, places: readonly number[]): Promise<readonly Uint8Array[]> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  const side = info.width;
  const bytes = side * side * 3;
  const raw = { width: side, height: side, channels: 3 } as const;
  return await Promise.all(places.map((place) => sharp(data.subarray(place * bytes, (place + 1) * bytes), { raw }).jpeg({ quality: QUALITY }).toBuffer()));
}
