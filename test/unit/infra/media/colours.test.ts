/** Pictures of every make become the same eight-bit RGB. */
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { alpha, animatedGif, animatedWebp, cmyk, grey, sixteenBit } from '../../../support/images.ts';
import { bands, BLUE, colourAt, decodeBytes, expectColour, GREEN, RED, WHITE, YELLOW, type Rgb } from './pictures.ts';

const FOUR: readonly Rgb[] = [RED, GREEN, BLUE, YELLOW];
const flag = bands(FOUR, 160, 80);
const png = await flag.clone().png().toBuffer();

test.each([
  ['PNG', png, 1],
  ['JPEG', await flag.clone().jpeg({ quality: 95 }).toBuffer(), 12],
  ['progressive JPEG', await flag.clone().jpeg({ quality: 95, progressive: true }).toBuffer(), 12],
  ['WebP', await flag.clone().webp({ quality: 95 }).toBuffer(), 16],
  ['AVIF', await flag.clone().avif({ quality: 80, effort: 0 }).toBuffer(), 16],
  ['TIFF', await flag.clone().tiff({ compression: 'lzw' }).toBuffer(), 1],
  ['GIF', await flag.clone().gif().toBuffer(), 8],
  ['palette PNG', await flag.clone().png({ palette: true }).toBuffer(), 8],
  ['interlaced PNG', await flag.clone().png({ progressive: true }).toBuffer(), 1],
  ['16 bit PNG', await sixteenBit(png), 2],
  ['16 bit TIFF', await flag.clone().toColourspace('rgb16').tiff().toBuffer(), 2],
])('%s', async (_, bytes, tolerance) => {
  const image = await decodeBytes(bytes);
  expect([image.width, image.height]).toEqual([160, 80]);
  FOUR.forEach((colour, i) => expectColour(colourAt(image, (i + 0.5) / 4, 0.5), colour, tolerance));
});

test('CMYK: colours that ink can show come back', async () => {
  const inks: readonly Rgb[] = [[190, 80, 75], [90, 150, 90], [80, 110, 160], [215, 200, 90]];
  const image = await decodeBytes(await cmyk(await bands(inks, 160, 80).png().toBuffer()));
  inks.forEach((colour, i) => expectColour(colourAt(image, (i + 0.5) / 4, 0.5), colour, 16));
});

test.each([
  ['8 bit', (image: Sharp) => image.png().toBuffer()],
  ['16 bit', (image: Sharp) => image.toColourspace('grey16').png().toBuffer()],
  ['with alpha', (image: Sharp) => image.ensureAlpha().png().toBuffer()],
  ['JPEG', (image: Sharp) => image.jpeg({ quality: 95 }).toBuffer()],
])('grey, %s: three equal channels', async (_, encode) => {
  const [dark, light]: [Rgb, Rgb] = [[60, 60, 60], [200, 200, 200]];
  const source = await grey(await bands([dark, light], 80, 80).png().toBuffer());
  const image = await decodeBytes(await encode(sharp(source).toColourspace('b-w')));
  expectColour(colourAt(image, 0.25, 0.5), dark, 4);
  expectColour(colourAt(image, 0.75, 0.5), light, 4);
});

test('what is transparent is white, half of it half', async () => {
  const faded = await decodeBytes(await alpha(await bands([BLUE], 96, 96).png().toBuffer()));
  expectColour(colourAt(faded, 0, 0), WHITE, 8);
  expectColour(colourAt(faded, 0.5, 0.5), BLUE, 2);
  const half = { create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0.5 } } } as const;
  expectColour(colourAt(await decodeBytes(await sharp(half).png().toBuffer()), 0.5, 0.5), [127, 127, 127], 2);
  expectColour(colourAt(await decodeBytes(await sharp(half).toColourspace('rgb16').png().toBuffer()), 0.5, 0.5), [127, 127, 127], 2);
});

test.each([['GIF', animatedGif], ['WebP', animatedWebp]] as const)('of an animated %s the first frame counts, and its size', async (_, encode) => {
  const frames = await Promise.all([RED, GREEN, BLUE].map((colour) => bands([colour], 60, 40).png().toBuffer()));
  const image = await decodeBytes(await encode(frames));
  expect([image.width, image.height]).toEqual([60, 40]);
  for (const y of [0, 0.5, 1]) expectColour(colourAt(image, 0.5, y), RED, 10);
});

test('of a TIFF with pages the first counts', async () => {
  const pages = await Promise.all([YELLOW, BLUE].map((colour) => bands([colour], 50, 50).png().toBuffer()));
  const image = await decodeBytes(await sharp(pages, { join: { animated: true } }).tiff().toBuffer());
  expect([image.width, image.height]).toEqual([50, 50]);
  for (const y of [0, 0.5, 1]) expectColour(colourAt(image, 0.5, y), YELLOW, 10);
});
