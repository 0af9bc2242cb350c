import fc from 'fast-check';
import { from, lastValueFrom, toArray } from 'rxjs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { inspect, measure } from '../../../operators/inspect.ts';
import { SharpThumbnails } from '../../../infra/media/thumbnail.ts';
import { scene, SCENE_KINDS } from '../../support/images.ts';
import { decoded, failed } from './made.ts';

const SIDE = 112;

function picture(colourAt: (x: number, y: number) => number | readonly [number, number, number]): Uint8Array {
  const rgb = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < SIDE * SIDE; i++) {
    const colour = colourAt(i % SIDE, Math.floor(i / SIDE));
    rgb.set(typeof colour === 'number' ? [colour, colour, colour] : colour, i * 3);
  }
  return rgb;
}

const checks = (side: number, dark = 0, light = 255): Uint8Array => picture((x, y) => ((Math.floor(x / side) + Math.floor(y / side)) % 2 === 0 ? dark : light));

async function blurred(rgb: Uint8Array, sigma: number): Promise<Uint8Array> {
  return await sharp(rgb, { raw: { width: SIDE, height: SIDE, channels: 3 } }).blur(sigma).raw().toBuffer();
}

describe('flat pictures', () => {
  test.each([['black', 0, 0], ['white', 255, 1], ['grey', 128, 128 / 255]])('%s', (_, shade, brightness) => {
    const found = measure(picture(() => shade));
    expect(found.brightness).toBeCloseTo(brightness, 4);
    expect(found.contrast).toBeLessThan(1e-6);
    expect(found.sharpness).toBe(0);
  });

  test('of pure colours green is the lightest, blue the darkest', () => {
    const [red, green, blue] = ([[255, 0, 0], [0, 255, 0], [0, 0, 255]] as const).map((colour) => measure(picture(() => colour)).brightness);
    expect([red, green, blue]).toEqual([0.299, 0.587, 0.114]);
  });
});

test('half black, half white: the most contrast there is', () => {
  expect(measure(picture((x) => (x < SIDE / 2 ? 0 : 255)))).toMatchObject({ brightness: 0.5, contrast: 0.5 });
});

test('contrast grows with the distance of the shades', () => {
  const contrasts = [[120, 136], [96, 160], [40, 216], [0, 255]].map(([dark, light]) => measure(checks(8, dark, light)).contrast);
  expect(contrasts).toEqual([...contrasts].sort((a, b) => a - b));
  expect(contrasts.at(-1)).toBeCloseTo(0.5, 4);
  expect(contrasts[0]).toBeCloseTo(8 / 255, 4);
});

test('sharp checks are sharper than their blurred copies, the more blurred the less', async () => {
  const sharpness: number[] = [];
  for (const rgb of [checks(8), await blurred(checks(8), 0.8), await blurred(checks(8), 2), await blurred(checks(8), 5)]) sharpness.push(measure(rgb).sharpness);
  expect(sharpness).toEqual([...sharpness].sort((a, b) => b - a));
  expect((sharpness[0] ?? 0) / (sharpness[2] ?? 1)).toBeGreaterThan(20);
});

test('finer checks are sharper; an even fall of light is not sharp at all', () => {
  const [fine, coarse] = [measure(checks(4)).sharpness, measure(checks(16)).sharpness];
  expect(fine).toBeGreaterThan(coarse);
  expect(measure(picture((x) => 2 * x)).sharpness).toBeLessThan(1e-6);
});

test('one white dot on black, by hand: the Laplacian is -1020 there and 255 at its four neighbours', () => {
  const n = (SIDE - 2) ** 2;
  const { sharpness } = measure(picture((x, y) => (x === 50 && y === 50 ? 255 : 0)));
  expect(sharpness).toBe(Number(((1020 ** 2 + 4 * 255 ** 2) / n).toPrecision(5)));
});

test.each(SCENE_KINDS)('a photo of %s loses sharpness by blur and light by a dark filter, within all ranges', async (kind) => {
  const raw = await sharp(await scene(3, kind)).resize(SIDE, SIDE).raw().toBuffer();
  const [own, soft, dark] = [measure(raw), measure(await blurred(raw, 3)), measure(raw.map((value) => value >> 3))];
  expect(soft.sharpness).toBeLessThan(own.sharpness / 5);
  expect(dark.brightness).toBeLessThan(own.brightness / 6);
  expect(dark.contrast).toBeLessThan(own.contrast / 6);
  expect(soft.brightness).toBeCloseTo(own.brightness, 1);
});

test('ranges hold for any picture, and no measure is below 0', () => {
  const noise = fc.tuple(fc.integer(), fc.nat(255), fc.nat(255), fc.constantFrom(0, 1, 3, 255));
  fc.assert(
    fc.property(noise, ([seed, base, slope, spread]) => {
      const { brightness, contrast, sharpness } = measure(picture((x, y) => (base + ((slope * x * x) >> 8) + (((Math.imul(x * 31 + y, seed) >>> 8) & 255) * spread) / 255) & 255));
      expect(brightness >= 0 && brightness <= 1).toBe(true);
      expect(contrast >= 0 && contrast <= 0.5).toBe(true);
      expect(sharpness >= 0 && sharpness <= 1020 ** 2 * 4).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('the operator measures the first tile at half its side, adds the size of the original, and lets failed items pass', async () => {
  const item = decoded(1);
  const [white, black] = [new Uint8Array(SIDE * SIDE * 12).fill(255), new Uint8Array(SIDE * SIDE * 12)];
  const light = { ...item, image: { ...item.image, pixels: Buffer.concat([white, black]), tiles: 2, width: 1920, height: 1080 } };
  const items = await lastValueFrom(from([light, failed(2)]).pipe(inspect(new SharpThumbnails(2 * SIDE)), toArray()));
  expect(items).toEqual([{ ...light, small: picture(() => 255), quality: { brightness: 1, contrast: 0, sharpness: 0, width: 1920, height: 1080 } }, failed(2)]);
});
