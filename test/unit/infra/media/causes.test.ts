/** The cause of a dead letter is that of its own file, whatever else was decoded meanwhile: libvips keeps one list of messages for all its threads. */
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { decodeFailure } from '../../../../infra/media/failure.ts';
import { SharpDecoder } from '../../../../infra/media/sharp-decoder.ts';
import type { SluiceError } from '../../../../schemas/errors.ts';
import { brokenHeader, scene, truncated } from '../../../support/images.ts';
import { folder } from './pictures.ts';

/** Broken files that fail in different libraries, each with words of its own, among good ones. */
async function mixed(): Promise<readonly (readonly [Buffer, RegExp])[]> {
  const jpeg = await scene(1, 'dots');
  const webp = await sharp(jpeg).webp().toBuffer();
  const gif = await sharp(jpeg).gif().toBuffer();
  const tiff = await sharp(jpeg).tiff({ compression: 'lzw' }).toBuffer();
  return [
    [truncated(jpeg), /premature end of JPEG image$/],
    [brokenHeader(jpeg), /Empty JPEG image/],
    [truncated(await sharp(jpeg).png().toBuffer()), /libpng read error$/],
    [webp.subarray(0, 20), /unable to parse image$/],
    [truncated(gif, 0.02), /GIF/],
    [truncated(tiff, 0.9), /its header is damaged$/],
    [jpeg, /^nothing failed$/],
    [webp, /^nothing failed$/],
  ];
}

test('each of many broken files decoded at once is told its own cause', async () => {
  const kinds = await mixed();
  const here = folder();
  const files = Array.from({ length: 12 * kinds.length }, (_, i) => {
    const path = join(here, `${i}.jpg`);
    writeFileSync(path, kinds[i % kinds.length]?.[0] ?? '');
    return path;
  });
  const decoder = new SharpDecoder(64, 'squash');
  const causeOf = (path: string): Promise<string> => decoder.decode({ path }).then(() => 'nothing failed', (error: SluiceError) => error.message);
  const alone: string[] = [];
  for (const path of files.slice(0, kinds.length)) alone.push(await causeOf(path));
  kinds.forEach(([, words], i) => expect(alone[i]).toMatch(words));
  const together = await Promise.all(files.map(causeOf));
  expect(together).toEqual(files.map((_, i) => alone[i % kinds.length]));
});

describe("libvips' words", () => {
  const limits = { pixels: 1000, seconds: 3 };
  test.each([
    ['VipsJpeg: premature end of JPEG image', 'SLUICE_E_IMAGE_CORRUPT', 'the picture could not be decoded: premature end of JPEG image'],
    ['VipsJpeg: Corrupt JPEG data: 6 extraneous bytes before marker 0xda\nVipsJpeg: Bogus Huffman table definition', 'SLUICE_E_IMAGE_CORRUPT', 'the picture could not be decoded: Bogus Huffman table definition'],
    ['Input buffer has corrupt header: gifload_buffer: no frames in GIF', 'SLUICE_E_IMAGE_CORRUPT', 'the picture could not be decoded: no frames in GIF'],
    ['Input buffer has corrupt header:', 'SLUICE_E_IMAGE_CORRUPT', 'the picture could not be decoded: its header is damaged'],
    ['Unknown error', 'SLUICE_E_IMAGE_CORRUPT', 'the picture could not be decoded: its data is damaged'],
    ['source: bad seek to 294\nsource: bad seek to 868', 'SLUICE_E_IMAGE_CORRUPT', 'the picture could not be decoded: its data is damaged'],
    ['', 'SLUICE_E_IMAGE_CORRUPT', 'the picture could not be decoded: its data is damaged'],
    ['Input buffer contains unsupported image format', 'SLUICE_E_IMAGE_CORRUPT', 'the picture could not be decoded: its header is damaged'],
    ['source: bad seek to 29\nheif: Support for this compression format has not been built in: HEVC', 'SLUICE_E_IMAGE_FORMAT', 'this kind of image is not supported: Support for this compression format has not been built in: HEVC'],
    ["Input buffer has corrupt header: source: bad seek to 1\nheif: Unsupported feature: Image item of type 'unci' is not supported.", 'SLUICE_E_IMAGE_FORMAT', "this kind of image is not supported: Unsupported feature: Image item of type 'unci' is not supported."],
    ['VipsJpeg: Unsupported JPEG data precision 16', 'SLUICE_E_IMAGE_FORMAT', 'this kind of image is not supported: Unsupported JPEG data precision 16'],
    ['Input buffer has corrupt header: VipsJpeg: Empty JPEG image (DNL not supported)', 'SLUICE_E_IMAGE_CORRUPT', 'the picture could not be decoded: Empty JPEG image (DNL not supported)'],
    ['Input image exceeds pixel limit', 'SLUICE_E_IMAGE_TOO_LARGE', 'the picture has more than 1000 pixels'],
    ['source: bad seek to 1446\ntimeout: 81% complete\nVipsImage: killed for image "temp-215"', 'SLUICE_E_IMAGE_TIMEOUT', 'decoding took more than 3 s'],
  ])('%s', (words, code, cause) => {
    const thrown = new Error(words);
    expect(decodeFailure(thrown, limits)).toMatchObject({ code, message: cause, cause: thrown });
  });
});
