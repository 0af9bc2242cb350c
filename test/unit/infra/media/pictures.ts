/** Pictures with known colours, files for them, and what the decoder makes of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { expect, onTestFinished } from 'vitest';
import { SharpDecoder } from '../../../../infra/media/sharp-decoder.ts';
import type { DecodedImage, Fit } from '../../../../operators/ports.ts';
import { SluiceError } from '../../../../schemas/errors.ts';

export type Rgb = readonly [number, number, number];
export const RED: Rgb = [220, 30, 30];
export const GREEN: Rgb = [30, 180, 40];
export const BLUE: Rgb = [30, 40, 220];
export const YELLOW: Rgb = [220, 210, 30];
export const WHITE: Rgb = [255, 255, 255];

export const SIZE = 64;

/** A folder that is gone when the test is. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'sluice-media-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

export function fileOf(bytes: Uint8Array): string {
  const path = join(folder(), 'picture');
  writeFileSync(path, bytes);
  return path;
}

export function decodeBytes(bytes: Uint8Array, fit: Fit = 'squash'): Promise<DecodedImage> {
  return new SharpDecoder(SIZE, fit).decode({ path: fileOf(bytes) });
}

export async function failureOf(outcome: Promise<unknown>): Promise<SluiceError> {
  const thrown = await outcome.then(
    () => new Error('nothing failed'),
    (error: unknown) => error,
  );
  if (thrown instanceof SluiceError) return thrown;
  throw thrown;
}

/** A picture of one row of equally wide bands (or, standing, one column of equally high ones). */
export function bands(colours: readonly Rgb[], width: number, height: number, standing = false): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const part = standing ? Math.floor(i / width) / height : (i % width) / width;
    pixels.set(colours[Math.floor(part * colours.length)] ?? WHITE, i * 3);
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** The colour at a place of the decoded square, both 0..1 from the top left; of the n-th tile. */
export function colourAt({ pixels }: Pick<DecodedImage, 'pixels'>, x: number, y: number, tile = 0, size = SIZE): Rgb {
  const at = ((tile * size + Math.min(size - 1, Math.floor(y * size))) * size + Math.min(size - 1, Math.floor(x * size))) * 3;
  return [pixels[at] ?? -1, pixels[at + 1] ?? -1, pixels[at + 2] ?? -1];
}

/** Colours as people see them: JPEG, CMYK and resampling move a channel a little. */
export function expectColour(found: Rgb, wanted: Rgb, tolerance = 12): void {
  const far = found.some((channel, i) => Math.abs(channel - (wanted[i] ?? -1)) > tolerance);
  expect(far ? found : wanted, `about ${wanted.join()}`).toEqual(wanted);
}
