/** Limits hold before memory is used and while time passes. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS, memoryOf } from '../../../../infra/media/limits.ts';
import { SharpDecoder } from '../../../../infra/media/sharp-decoder.ts';
import { bomb, hugeGrey, scene } from '../../../support/images.ts';
import { failureOf, fileOf } from './pictures.ts';

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: 8 | 16;
  /** 0 grey, 6 RGB with alpha. */
  readonly colour: 0 | 6;
  readonly interlaced: boolean;
}

/** Another header over the endless zeros of `hugeGrey`: a black picture of any make, in a few hundred kB. */
function black(side: number, { width, height, depth, colour, interlaced }: Header): Buffer {
  const png = hugeGrey(side);
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  png.set([depth, colour, 0, 0, interlaced ? 1 : 0], 24);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

async function peakOf(bytes: Buffer, n: number, crops = 0): Promise<{ outcomes: readonly string[]; grown: number }> {
  const script = fileURLToPath(new URL('./peak.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, fileOf(bytes), String(n), String(crops)]);
  return JSON.parse(stdout) as { outcomes: readonly string[]; grown: number };
}

/** A few hundred bytes each that claim gigabytes. */
async function bombs(): Promise<readonly (readonly [string, Buffer])[]> {
  const small = { create: { width: 2, height: 2, channels: 3, background: '#888' } } as const;
  const tiff = await sharp(small).tiff({ compression: 'none' }).toBuffer();
  // ImageWidth and ImageLength, in the directory at the end of the file.
  const directory = tiff.readUInt32LE(4);
  for (let at = directory + 2; at + 12 <= tiff.length; at += 12) {
    if (![256, 257].includes(tiff.readUInt16LE(at))) continue;
    tiff.writeUInt16LE(4, at + 2);
    tiff.writeUInt32LE(60_000, at + 8);
  }
  const jpeg = await sharp(small).jpeg().toBuffer();
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  jpeg.writeUInt16BE(65_000, frame + 5);
  jpeg.writeUInt16BE(65_000, frame + 7);
  return [['PNG', bomb()], ['TIFF', tiff], ['JPEG', jpeg], ['huge grey PNG', hugeGrey(20_000)]];
}

const claimed = await bombs();

describe('memory', () => {
  test.each(claimed)('a bomb (%s) is refused by its header', async (_, bytes) => {
    const { outcomes, grown } = await peakOf(bytes, 4);
    expect(new Set(outcomes)).toEqual(new Set(['SLUICE_E_IMAGE_TOO_LARGE']));
    expect(grown).toBeLessThan(60);
  });

  test('large pictures that must be held whole are decoded one at a time', async () => {
    // 39 million pixels of 8 bytes: 300 MB each.
    const large = black(17_800, { width: 6250, height: 6250, depth: 16, colour: 6, interlaced: true });
    const { outcomes, grown } = await peakOf(large, 3);
    expect(outcomes).toEqual(['decoded', 'decoded', 'decoded']);
    expect(grown).toBeLessThan(500);
  });

  test('large pictures that are cut to pieces are held scaled down', async () => {
    // 39 million pixels, 117 MB as RGB, of which 48 MB are held.
    const large = black(17_800, { width: 6250, height: 6250, depth: 8, colour: 6, interlaced: false });
    const { outcomes, grown } = await peakOf(large, 12, 4);
    expect(outcomes).toEqual(Array.from({ length: 12 }, () => 'decoded'));
    expect(grown).toBeLessThan(640);
  });

  test('a picture that would need more than all of it is refused, with its numbers', async () => {
    const limits = { ...DEFAULT_LIMITS, memory: 2 ** 20 };
    const decoder = new SharpDecoder(64, 'crop', limits);
    const wide = fileOf(black(2100, { width: 700, height: 700, depth: 16, colour: 6, interlaced: true }));
    expect(await failureOf(decoder.decode({ path: wide }))).toMatchObject({
      code: 'SLUICE_E_IMAGE_TOO_LARGE',
      message: 'the picture (700 x 700 pixels, png) would need 5 MiB of memory, over the limit of 1 MiB',
    });
    const plain = fileOf(black(2100, { width: 700, height: 700, depth: 16, colour: 6, interlaced: false }));
    expect(await decoder.decode({ path: plain })).toMatchObject({ width: 700, height: 700 });
  });

  test.each([
    ['a photo of 12 million pixels', 'jpeg', 3, 'uchar', false, 24],
    ['the same, progressive', 'jpeg', 3, 'uchar', true, 72],
    ['in print colours, progressive', 'jpeg', 4, 'uchar', true, 96],
    ['PNG', 'png', 4, 'uchar', false, 24],
    ['PNG, interlaced', 'png', 4, 'ushort', true, 108],
    ['TIFF of doubles', 'tiff', 4, 'double', false, 396],
    ['a depth nobody knows', 'tiff', 1, 'other', false, 108],
    ['AVIF', 'heif', 3, 'uchar', false, 216],
    ['GIF', 'gif', 3, 'uchar', false, 72],
    ['WebP', 'webp', 3, 'uchar', false, 48],
  ] as const)('need: %s', (_, format, channels, depth, isProgressive, millions) => {
    const header = { format, channels, depth, isProgressive, width: 4000, height: 3000 } as unknown as Parameters<typeof memoryOf>[0];
    expect(memoryOf(header)).toBe(millions * 1e6);
  });
});

test('pixels: at the limit a picture is taken, above it refused', async () => {
  const decoder = new SharpDecoder(64, 'crop', { ...DEFAULT_LIMITS, pixels: 100 * 80 });
  expect(await decoder.decode({ path: fileOf(await scene(1, 'rings', { width: 100, height: 80 })) })).toMatchObject({ width: 100, height: 80 });
  expect(await failureOf(decoder.decode({ path: fileOf(await scene(1, 'rings', { width: 101, height: 80 })) }))).toMatchObject({
    code: 'SLUICE_E_IMAGE_TOO_LARGE',
    message: 'the picture is 101 x 80 pixels, over the limit of 8000 pixels',
  });
});

test('bytes: a file over the limit is not read', async () => {
  const jpeg = await scene(1, 'rings');
  const over = new SharpDecoder(64, 'crop', { ...DEFAULT_LIMITS, bytes: jpeg.length - 1 });
  expect(await failureOf(over.decode({ path: fileOf(jpeg) }))).toMatchObject({ code: 'SLUICE_E_IMAGE_TOO_LARGE' });
  const at = new SharpDecoder(64, 'crop', { ...DEFAULT_LIMITS, bytes: jpeg.length });
  expect(await at.decode({ path: fileOf(jpeg) })).toMatchObject({ width: 128 });
});

test('time: a picture that takes too long is given up', async () => {
  const slow = fileOf(black(50_000, { width: 17_600, height: 17_600, depth: 16, colour: 6, interlaced: false }));
  const decoder = new SharpDecoder(224, 'squash', { ...DEFAULT_LIMITS, pixels: 4e8, seconds: 1 });
  const start = performance.now();
  expect(await failureOf(decoder.decode({ path: slow }))).toMatchObject({ code: 'SLUICE_E_IMAGE_TIMEOUT', message: 'decoding took more than 1 s', retriable: true });
  expect(performance.now() - start).toBeGreaterThan(950);
});
