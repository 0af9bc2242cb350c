/** Regions of a picture as squares of their own: the pixels, the picture left as it is, bounds and turns. */
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test, vi } from 'vitest';
import { bytesOf, cuttingOf, MOST_PIXELS } from '../../../../infra/media/crops.ts';
import { Gate, libvips } from '../../../../infra/media/gate.ts';
import { DEFAULT_LIMITS, memoryOf } from '../../../../infra/media/limits.ts';
import { SharpDecoder } from '../../../../infra/media/sharp-decoder.ts';
import type { DecodedImage, Fit, Region } from '../../../../operators/ports.ts';
import { exifRotated, hugeGrey, scene, truncated } from '../../../support/images.ts';
import { bands, BLUE, colourAt, expectColour, failureOf, GREEN, RED, SIZE, YELLOW } from './pictures.ts';

const jpeg = await scene(3, 'rings', { width: 600, height: 400 });
const FILES: readonly (readonly [string, Buffer])[] = [['JPEG', jpeg], ['PNG', await sharp(jpeg).png().toBuffer()], ['progressive JPEG', await sharp(jpeg).jpeg({ progressive: true }).toBuffer()]];
const REGIONS: readonly Region[] = [
  { left: 0, top: 0, width: 600, height: 400 },
  { left: 31, top: 47, width: 211, height: 90 },
  { left: 599, top: 10, width: 1, height: 380 },
  { left: 5, top: 399, width: 300, height: 1 },
  { left: 300, top: 200, width: 1, height: 1 },
  { left: 31, top: 47, width: 24, height: 24 },
];

function decode(bytes: Uint8Array, regions: readonly Region[], fit: Fit = 'squash'): Promise<DecodedImage> {
  return new SharpDecoder(SIZE, fit).decode({ bytes }, () => regions);
}

/** The crops as pictures of their own. */
function cropsOf({ crops }: DecodedImage): readonly Buffer[] {
  const each = SIZE * SIZE * 3;
  return Array.from({ length: crops.length / each }, (_, i) => Buffer.from(crops.subarray(i * each, (i + 1) * each)));
}

function reference(bytes: Buffer, region: Region): Promise<Buffer> {
  return sharp(bytes, { autoOrient: true }).extract({ ...region }).resize(SIZE, SIZE, { fit: 'fill' }).raw().toBuffer();
}

describe('crops', () => {
  test.each(FILES)('of a %s are what is cut out of the whole picture, in the order asked for', async (_, bytes) => {
    const crops = cropsOf(await decode(bytes, REGIONS));
    expect(crops).toEqual(await Promise.all(REGIONS.map((region) => reference(bytes, region))));
    expect(new Set(crops.map((crop) => crop.toString('hex'))).size).toBe(REGIONS.length);
  });

  test.each<Fit>(['crop', 'squash', 'tiles'])('leave the picture as it is without them, with %s', async (fit) => {
    const plain = await new SharpDecoder(SIZE, fit).decode({ bytes: jpeg });
    const { crops, ...picture } = await decode(jpeg, REGIONS, fit);
    expect(crops.length).toBe(REGIONS.length * SIZE * SIZE * 3);
    expect({ ...picture, crops: new Uint8Array() }).toEqual(plain);
  });

  test('are the same whatever else is decoded at the time', async () => {
    const alone = await decode(jpeg, REGIONS.slice(1, 2));
    const together = await Promise.all(Array.from({ length: 12 }, () => decode(jpeg, REGIONS)));
    for (const image of together) expect(cropsOf(image)[1]).toEqual(cropsOf(alone)[0]);
  });

  test('are of the picture as it was taken, where it is stored on its side', async () => {
    const asked: number[][] = [];
    const bytes = await exifRotated(await bands([RED, GREEN, BLUE], 180, 60).png().toBuffer());
    const image = await new SharpDecoder(SIZE, 'squash').decode({ bytes }, (width, height) => (asked.push([width, height]), [{ left: 130, top: 10, width: 40, height: 40 }, { left: 70, top: 0, width: 40, height: 60 }]));
    expect(asked).toEqual([[180, 60]]);
    [BLUE, GREEN].forEach((colour, i) => expectColour(colourAt({ pixels: image.crops }, 0.5, 0.5, i), colour, 20));
  });

  test('have three channels whatever came in: grey, alpha on white, 16 bit', async () => {
    const whole = { left: 0, top: 0, width: 600, height: 400 };
    const transparent = await sharp({ create: { width: 90, height: 60, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } }).png().toBuffer();
    const [clear] = cropsOf(await decode(transparent, [{ left: 3, top: 3, width: 50, height: 50 }]));
    expect(clear?.every((value) => value === 255)).toBe(true);
    for (const bytes of [await sharp(jpeg).toColourspace('b-w').jpeg().toBuffer(), await sharp(jpeg).toColourspace('rgb16').png().toBuffer()]) expect(cropsOf(await decode(bytes, [whole]))).toHaveLength(1);
  });

  test('of a damaged picture: it fails as without them', async () => {
    const half = truncated(jpeg);
    const [without, withCrops] = [await failureOf(new SharpDecoder(SIZE, 'squash').decode({ bytes: half })), await failureOf(decode(half, REGIONS))];
    expect([withCrops.code, withCrops.message]).toEqual([without.code, without.message]);
  });
});

describe('work and memory', () => {
  const costs = async (work: () => Promise<unknown>): Promise<readonly number[]> => {
    const run = vi.spyOn(Gate.prototype, 'run');
    await work();
    const taken = run.mock.calls.filter((_, i) => run.mock.contexts[i] === libvips).map(([cost]) => cost);
    run.mockRestore();
    return taken;
  };

  test('no regions, no further decode; regions are paid for before they are decoded', async () => {
    const plain = await costs(() => new SharpDecoder(SIZE, 'squash').decode({ bytes: jpeg }));
    expect(await costs(() => decode(jpeg, []))).toEqual(plain);
    const memory = memoryOf(await sharp(jpeg).metadata());
    expect(plain).toEqual([1, memory]);
    expect(await costs(() => decode(jpeg, REGIONS))).toEqual([1, memory, memory + 600 * 400 * 3 + REGIONS.length * SIZE * SIZE * 3]);
  });

  test('a picture over the bound is decoded smaller, and the regions with it', { timeout: 60_000 }, async () => {
    const [width, height] = [8000, 6000];
    const png = await sharp(await bands([RED, GREEN, BLUE, YELLOW], 80, 60).png().toBuffer()).resize(width, height, { kernel: 'nearest' }).png({ compressionLevel: 1 }).toBuffer();
    const regions = [0, 1, 2, 3].map((i) => ({ left: 2000 * i + 100, top: 3000, width: 1800, height: 2900 }));
    const taken = await costs(async () => {
      const image = await decode(png, regions);
      [RED, GREEN, BLUE, YELLOW].forEach((colour, i) => [0.02, 0.98].forEach((x) => expectColour(colourAt({ pixels: image.crops }, x, 0.5, i), colour)));
    });
    expect(taken[2]).toBeLessThanOrEqual(memoryOf(await sharp(png).metadata()) + 3 * MOST_PIXELS + regions.length * SIZE * SIZE * 3);
  });

  test('one that is over the limits is refused before regions are asked for', async () => {
    const regionsOf = vi.fn<() => readonly Region[]>(() => REGIONS);
    expect(await failureOf(new SharpDecoder(SIZE, 'squash', DEFAULT_LIMITS).decode({ bytes: hugeGrey(20_000) }, regionsOf))).toMatchObject({ code: 'SLUICE_E_IMAGE_TOO_LARGE' });
    expect(regionsOf).not.toHaveBeenCalled();
  });
});

test('a cutting is within the bound, its regions inside it and never empty', () => {
  const side = fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 70_000 }));
  fc.assert(
    fc.property(side, side, fc.integer({ min: 100, max: 1_000_000 }), fc.array(fc.tuple(...Array.from({ length: 4 }, () => fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }))), { maxLength: 8 }), (width, height, most, places) => {
      const regions = places.map(([x = 0, y = 0, w = 0, h = 0]) => {
        const [left, top] = [Math.floor(x * width), Math.floor(y * height)];
        return { left, top, width: 1 + Math.floor(w * (width - left)), height: 1 + Math.floor(h * (height - top)) };
      });
      const cutting = cuttingOf(width, height, regions, most);
      expect(cutting.width * cutting.height).toBeLessThanOrEqual(most);
      expect(bytesOf(cutting, 10)).toBe(3 * cutting.width * cutting.height + 300 * regions.length);
      if (width * height <= most) expect(cutting).toEqual({ width, height, regions });
      cutting.regions.forEach((region) => {
        expect(Math.min(region.left, region.top)).toBeGreaterThanOrEqual(0);
        expect(Math.min(region.width, region.height)).toBeGreaterThanOrEqual(1);
        expect(region.left + region.width).toBeLessThanOrEqual(cutting.width);
        expect(region.top + region.height).toBeLessThanOrEqual(cutting.height);
      });
    }),
  );
});
