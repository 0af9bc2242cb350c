import type { Metadata } from 'sharp';

export interface DecodeLimits {
  /** Bytes of a file. */
  readonly bytes: number;
  /** Pixels of a decoded picture (width x height). */
  readonly pixels: number;
  /** Bytes the decoder may need at once, by `memoryOf`. */
  readonly memory: number;
  /** Seconds one decode may take; a whole number. */
  readonly seconds: number;
}

export const DEFAULT_LIMITS: DecodeLimits = { bytes: 128 * 2 ** 20, pixels: 64_000_000, memory: 640 * 2 ** 20, seconds: 20 };

/** Bytes of one channel of a pixel. */
const SAMPLE: Readonly<Record<string, number>> = { char: 1, uchar: 1, short: 2, ushort: 2, int: 4, uint: 4, float: 4, complex: 8, double: 8, dpcomplex: 16 };

/**
 * Bytes the decoder needs for a picture, by its header: measured on pictures of 60 million pixels, rounded up. Plain JPEG and PNG are read row by row;
 * progressive JPEG, interlaced PNG, GIF and AVIF have to be held whole, AVIF several times over.
 */
export function memoryOf({ format, width, height, channels, depth, isProgressive }: Pick<Metadata, 'format' | 'width' | 'height' | 'channels' | 'depth' | 'isProgressive'>): number {
  return width * height * perPixel(format, channels * (SAMPLE[depth] ?? 8), isProgressive);
}

function perPixel(format: string, sample: number, progressive: boolean): number {
  if (format === 'heif') return 18;
  if (format === 'gif') return 6;
  if (format === 'jpeg') return progressive ? 2 * sample : 2;
  if (format === 'png' && !progressive) return 2;
  return sample + 1;
}
