/** EXIF rotation, and how a frame meets the model's square. */
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { tileWindows } from '../../../../infra/media/tiles.ts';
import { exifRotated } from '../../../support/images.ts';
import { bands, BLUE, colourAt, decodeBytes, expectColour, GREEN, RED, SIZE, WHITE, YELLOW, type Rgb } from './pictures.ts';

/** Four quarters, so that every turn and mirror image looks different: red green over blue yellow. */
async function quarters(width: number, height: number): Promise<Buffer> {
  const half = (colours: readonly Rgb[]): Promise<Buffer> => bands(colours, width, height / 2).png().toBuffer();
  const [top, bottom] = [await half([RED, GREEN]), await half([BLUE, YELLOW])];
  const both = [{ input: top, left: 0, top: 0 }, { input: bottom, left: 0, top: height / 2 }];
  return sharp({ create: { width, height, channels: 3, background: '#000' } }).composite(both).png().toBuffer();
}

describe('EXIF orientation', () => {
  // How each orientation shows red green / blue yellow as stored (EXIF 2.32, tag 0x0112): the corners from the top left, clockwise.
  test.each([
    [1, [RED, GREEN, YELLOW, BLUE]],
    [2, [GREEN, RED, BLUE, YELLOW]],
    [3, [YELLOW, BLUE, RED, GREEN]],
    [4, [BLUE, YELLOW, GREEN, RED]],
    [5, [RED, BLUE, YELLOW, GREEN]],
    [6, [BLUE, RED, GREEN, YELLOW]],
    [7, [YELLOW, GREEN, RED, BLUE]],
    [8, [GREEN, YELLOW, BLUE, RED]],
  ] as const)('%i', async (orientation, corners) => {
    const stored = sharp(await quarters(120, 80)).withMetadata({ orientation });
    for (const bytes of [await stored.clone().jpeg({ quality: 95 }).toBuffer(), await stored.clone().tiff().toBuffer()]) {
      const image = await decodeBytes(bytes);
      expect([image.width, image.height]).toEqual(orientation < 5 ? [120, 80] : [80, 120]);
      const places = [[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]] as const;
      places.forEach(([x, y], i) => expectColour(colourAt(image, x, y), corners[i] ?? WHITE));
    }
  });

  test('a picture stored on its side is seen as it was taken', async () => {
    const image = await decodeBytes(await exifRotated(await bands([RED, BLUE], 90, 60).png().toBuffer()));
    expect([image.width, image.height]).toEqual([90, 60]);
    expectColour(colourAt(image, 0.2, 0.5), RED, 20);
    expectColour(colourAt(image, 0.8, 0.5), BLUE, 20);
  });
});

describe('fit', () => {
  const FIVE: readonly Rgb[] = [RED, GREEN, BLUE, YELLOW, WHITE];
  const places = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => (i + 0.5) / n);

  test.each([['lying', false], ['standing', true]])('crop keeps the centre square, %s', async (_, standing) => {
    const [width, height] = standing ? [60, 300] : [300, 60];
    const image = await decodeBytes(await bands(FIVE, width, height, standing).png().toBuffer(), 'crop');
    expect(image).toMatchObject({ width, height, tiles: 1 });
    for (const at of [0.05, 0.5, 0.95]) expectColour(colourAt(image, standing ? 0.5 : at, standing ? at : 0.5), BLUE);
  });

  test.each([['lying', false], ['standing', true]])('squash keeps all edges, %s', async (_, standing) => {
    const [width, height] = standing ? [60, 300] : [300, 60];
    const image = await decodeBytes(await bands(FIVE, width, height, standing).png().toBuffer(), 'squash');
    expect(image).toMatchObject({ width, height, tiles: 1 });
    places(5).forEach((at, i) => expectColour(colourAt(image, standing ? 0.5 : at, standing ? at : 0.5), FIVE[i] ?? WHITE));
  });

  test.each([['lying', false], ['standing', true]])('tiles are squares side by side from one end to the other, %s', async (_, standing) => {
    const [width, height] = standing ? [60, 300] : [300, 60];
    const image = await decodeBytes(await bands(FIVE, width, height, standing).png().toBuffer(), 'tiles');
    expect(image).toMatchObject({ width, height, tiles: 5 });
    expect(image.pixels.length).toBe(5 * SIZE * SIZE * 3);
    FIVE.forEach((colour, tile) => {
      for (const at of [0.15, 0.5, 0.85]) expectColour(colourAt(image, standing ? 0.5 : at, standing ? at : 0.5, tile), colour, 16);
    });
  });

  test('tiles that do not come out even overlap, and both ends are covered', async () => {
    const image = await decodeBytes(await bands([RED, GREEN, BLUE], 90, 60).png().toBuffer(), 'tiles');
    expect(image.tiles).toBe(2);
    expectColour(colourAt(image, 0.05, 0.5, 0), RED);
    expectColour(colourAt(image, 0.8, 0.5, 0), GREEN);
    expectColour(colourAt(image, 0.2, 0.5, 1), GREEN);
    expectColour(colourAt(image, 0.95, 0.5, 1), BLUE);
  });

  test('tiles see a picture turned by EXIF as it was taken', async () => {
    const image = await decodeBytes(await exifRotated(await bands(FIVE, 300, 60).png().toBuffer()), 'tiles');
    expect(image).toMatchObject({ width: 300, height: 60, tiles: 5 });
    FIVE.forEach((colour, tile) => expectColour(colourAt(image, 0.5, 0.5, tile), colour, 20));
  });

  test.each(['crop', 'squash', 'tiles'] as const)('%s takes pictures of one pixel, one row and one column', async (fit) => {
    for (const [width, height] of [[1, 1], [3000, 1], [1, 3000]] as const) {
      const image = await decodeBytes(await bands([GREEN], width, height).png().toBuffer(), fit);
      expect(image).toMatchObject({ width, height });
      expect(image.pixels.length).toBe(image.tiles * SIZE * SIZE * 3);
      expectColour(colourAt(image, 0.5, 0.5, image.tiles - 1), GREEN);
    }
  });
});

test('tile windows: at most six, as few as cover the picture, flush with both ends, no gap', () => {
  const side = fc.integer({ min: 1, max: 5000 });
  fc.assert(
    fc.property(side, side, (width, height) => {
      const size = 8;
      const tiling = tileWindows(width, height, size);
      const { scaledWidth, scaledHeight, count } = tiling;
      const long = Math.max(scaledWidth, scaledHeight);
      expect(Math.min(scaledWidth, scaledHeight)).toBe(size);
      expect(width >= height ? scaledWidth : scaledHeight).toBe(long);
      expect(count).toBe(Math.min(6, Math.ceil(long / size)));
      // Each pixel says where it is along the long side: the tiles, in order, must show every place.
      const place = (i: number): number => (width >= height ? i % scaledWidth : Math.floor(i / scaledWidth));
      const rgb = new Uint8Array(scaledWidth * scaledHeight * 3).map((_, i) => place(Math.floor(i / 3)));
      const tiles = tiling.cut(rgb);
      expect([tiles[0], tiles.at(-1), tiles.length]).toEqual([0, long - 1, count * size * size * 3]);
      expect(new Set(tiles).size).toBe(long);
    }),
  );
});
