/** Parts of one picture as squares of their own, all cut from one decode of it. */
import type { Region } from '../../operators/ports.ts';

/** Pixels of the decode that parts are cut from, at most: a larger picture is scaled down, and what is cut with it. Three bytes each. */
export const MOST_PIXELS = 16_000_000;

export interface Cutting {
  readonly width: number;
  readonly height: number;
  readonly regions: readonly Region[];
}

/** How a picture is decoded to cut these regions from it. @param most pixels */
export function cuttingOf(width: number, height: number, regions: readonly Region[], most = MOST_PIXELS): Cutting {
  if (width * height <= most) return { width, height, regions };
  const scale = Math.sqrt(most / (width * height));
  const narrow = Math.max(1, Math.floor(width * scale));
  const low = Math.max(1, Math.min(Math.floor(height * scale), Math.floor(most / narrow)));
  const scaled = { width: Math.min(narrow, Math.floor(most / low)), height: low };
  return { ...scaled, regions: regions.map((region) => scaledRegion(region, scaled.width / width, scaled.height / height, scaled)) };
}

/** All of the pixels it touches, so never nothing. */
function scaledRegion({ left, top, width, height }: Region, x: number, y: number, whole: { readonly width: number; readonly height: number }): Region {
  const [l, t] = [Math.floor(left * x), Math.floor(top * y)];
  const [r, b] = [Math.min(whole.width, Math.ceil((left + width) * x)), Math.min(whole.height, Math.ceil((top + height) * y))];
  return { left: l, top: t, width: r - l, height: b - t };
}

/** Bytes that the decode and what is cut from it take. @param size side of the squares */
export function bytesOf({ width, height, regions }: Cutting, size: number): number {
  return 3 * (width * height + regions.length * size * size);
}
