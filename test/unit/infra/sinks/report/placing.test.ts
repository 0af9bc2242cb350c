import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { SharpDecoder } from '../../../../../infra/media/sharp-decoder.ts';
import { fitAt, placeOf } from '../../../../../infra/sinks/report/placing.ts';
import type { Fit } from '../../../../../operators/ports.ts';
import { RUN } from '../../../../support/reader.ts';

const SIDE = 64;

/** Where the decoder puts a white box of a black picture on the model's first square, in pixels of it: first and last column and row. */
async function seen(bbox: readonly [number, number, number, number], width: number, height: number, fit: Fit): Promise<readonly number[] | null> {
  const [left, top, w, h] = bbox;
  const white = await sharp({ create: { width: w, height: h, channels: 3, background: '#fff' } }).png().toBuffer();
  const bytes = await sharp({ create: { width, height, channels: 3, background: '#000' } }).composite([{ input: white, left, top }]).png().toBuffer();
  const { pixels } = await new SharpDecoder(SIDE, fit).decode({ bytes });
  const lit = Array.from({ length: SIDE * SIDE }, (_, i) => i).filter((i) => (pixels[i * 3] ?? 0) > 127);
  const [columns, rows] = [lit.map((i) => i % SIDE), lit.map((i) => Math.floor(i / SIDE))];
  return lit.length === 0 ? null : [Math.min(...columns), Math.min(...rows), Math.max(...columns) + 1, Math.max(...rows) + 1];
}

describe('a box lies where the model sees it', () => {
  const sizes = [[320, 240], [240, 320], [300, 300], [1000, 100], [90, 250]] as const;
  it.each((['crop', 'squash', 'tiles'] as const).flatMap((fit) => sizes.map(([width, height]) => ({ fit, width, height }))))('$fit, $width x $height', async ({ fit, width, height }) => {
    const part = (x: number, y: number, w: number, h: number): readonly [number, number, number, number] => [Math.round(x * width), Math.round(y * height), Math.round(w * width), Math.round(h * height)];
    for (const bbox of [part(0.4, 0.4, 0.2, 0.2), part(0, 0, 0.3, 0.5), part(0.1, 0.2, 0.8, 0.6), part(0.75, 0.75, 0.25, 0.25)]) {
      const place = placeOf(bbox, { width, height }, fit);
      const corners = place === null ? null : [place.left, place.top, place.left + place.width, place.top + place.height].map((value) => value * SIDE);
      const found = await seen(bbox, width, height, fit);
      expect(corners === null, String(bbox)).toBe(found === null);
      // The edge of a pixel that is half lit may fall to either side.
      found?.forEach((edge, i) => expect(Math.abs(edge - (corners?.[i] ?? Number.NaN)), `${String(bbox)}: ${String(found)} and ${String(corners)}`).toBeLessThan(1));
    }
  });
});

it('keeps boxes within the picture, whatever their numbers are', () => {
  const size = { width: 100, height: 50 };
  expect(placeOf([-20, -10, 70, 35], size, 'squash')).toEqual({ left: 0, top: 0, width: 0.5, height: 0.5 });
  expect(placeOf([-1e308, -1e308, Number.MAX_VALUE, Number.MAX_VALUE], size, 'squash')).toEqual({ left: 0, top: 0, width: 1, height: 1 });
  for (const bbox of [[100, 0, 50, 50], [-50, 0, 50, 50], [0, 60, 10, 10], [10, 10, 0, 10]] as const) expect(placeOf(bbox, size, 'squash')).toBeNull();
});

it('takes the fit that was in force for the item', () => {
  const runs = [{ seq: 0, config: { ...RUN, fit: 'squash' } }, { seq: 5, config: { ...RUN, fit: 'crop' } }];
  expect([0, 4, 5, 9].map((seq) => fitAt(runs, seq))).toEqual(['squash', 'squash', 'crop', 'crop']);
});
