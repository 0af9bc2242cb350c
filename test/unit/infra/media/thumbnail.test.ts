import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { cutStrip, SharpThumbnails } from '../../../../infra/media/thumbnail.ts';
import { openReader } from '../../../../infra/store/reader.ts';
import { openStore } from '../../../../infra/store/sqlite.ts';
import { batchOf, decisionAt } from '../store/decisions.ts';

const SIDE = 112;

/** One colour, so that JPEG keeps it almost exactly. */
function flat(colour: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(SIDE * SIDE * 3).fill(colour);
}

/** The mean of all samples of a JPEG, and its size. */
async function meanOf(jpeg: Uint8Array): Promise<{ mean: number; width: number; height: number }> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  return { mean: data.reduce((sum, value) => sum + value, 0) / data.length, width: info.width, height: info.height };
}

test('halving averages two by two pixels in each channel, of the first tile', () => {
  const rgb = Uint8Array.of(0, 10, 20, 4, 10, 20, 8, 10, 20, 12, 10, 24, /* second row */ 0, 10, 20, 4, 10, 20, 8, 10, 20, 12, 10, 24);
  const tiles = new Uint8Array(2 * 4 * 4 * 3);
  tiles.set(rgb);
  const half = new SharpThumbnails(4).halve(tiles);
  expect([...half]).toEqual([2, 10, 20, 10, 10, 22, 0, 0, 0, 0, 0, 0]);
});

test('memory given back is used again, and no picture shows in another', async () => {
  const thumbnails = new SharpThumbnails(2 * SIDE);
  const square = (colour: number): Uint8Array => new Uint8Array(4 * SIDE * SIDE * 3).fill(colour);
  const shades = async (colours: readonly number[]): Promise<number[]> => {
    const [strip] = await thumbnails.encode(colours.map((colour) => thumbnails.halve(square(colour))));
    const cut = await cutStrip(strip?.jpeg ?? new Uint8Array(), colours.map((_, i) => i));
    return (await Promise.all(cut.map(meanOf))).map(({ mean }) => 10 * Math.round(mean / 10));
  };
  expect(await shades([250, 10, 130, 90])).toEqual([250, 10, 130, 90]);
  expect(await Promise.all([shades([60, 200]), shades([10, 100, 30])])).toEqual([[60, 200], [10, 100, 30]]);
});

test('each thumbnail comes out of its strip as it went in, and has nothing of its neighbours', async () => {
  const [strip] = await new SharpThumbnails(2 * SIDE).encode([flat(250), flat(5), flat(130)]);
  expect(strip?.count).toBe(3);
  const cut = await cutStrip(strip?.jpeg ?? new Uint8Array(), [2, 0, 1]);
  const means = await Promise.all(cut.map(meanOf));
  expect(means.map(({ mean }) => Math.round(mean))).toEqual([130, 250, 5]);
  expect(means[0]).toMatchObject({ width: SIDE, height: SIDE });
});

test('a batch too high for one JPEG becomes several strips', async () => {
  const strips = await new SharpThumbnails(2 * SIDE).encode(Array.from({ length: 600 }, () => flat(9)));
  expect(strips.map(({ count }) => count)).toEqual([584, 16]);
});

test('no pictures, no strips', async () => {
  expect(await new SharpThumbnails(2 * SIDE).encode([])).toEqual([]);
});

test('a reader gives back the thumbnails asked for, over several strips', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-thumbs-'));
  const encoder = new SharpThumbnails(2 * SIDE);
  const store = openStore(dir);
  for (const first of [0, 3]) {
    const seqs = [first, first + 1, first + 2];
    const [strip] = await encoder.encode(seqs.map((seq) => flat(seq * 40)));
    store.commit(batchOf({ decisions: seqs.map((seq) => decisionAt(seq)), strips: [{ jpeg: strip?.jpeg ?? new Uint8Array(), seqs }] }));
  }
  store.close();
  const reader = openReader(dir);
  const found = new Map<number, number>();
  for await (const { seq, jpeg } of reader.thumbnails([4, 1, 4, 99])) found.set(seq, Math.round((await meanOf(jpeg)).mean / 40));
  expect(found).toEqual(new Map([[4, 4], [1, 1]]));
  reader.close();
  rmSync(dir, { recursive: true });
});
