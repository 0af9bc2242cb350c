import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseBackground } from '../../../../../operators/state/objects/background.ts';
import { overlap } from '../../../../../operators/state/objects/faults.ts';
import type { Box } from '../../../../../schemas/sample.ts';

const [WIDTH, HEIGHT] = [320, 240];
const box = (...bbox: [number, number, number, number]): Box => ({ class: 'a', bbox });

test('the region lies in the picture, no box covers any of it, and it is the same every time', () => {
  const side = fc.integer({ min: 0, max: 200 });
  const boxes = fc.array(fc.tuple(fc.integer({ min: -50, max: WIDTH }), fc.integer({ min: -50, max: HEIGHT }), side, side).map((bbox) => box(...bbox)), { maxLength: 30 });
  fc.assert(
    fc.property(fc.string(), boxes, (id, label) => {
      const region = chooseBackground(id, label, WIDTH, HEIGHT);
      expect(chooseBackground(id, label, WIDTH, HEIGHT)).toEqual(region);
      if (region === null) return;
      const { left, top, width, height } = region;
      expect(Math.min(left, top, WIDTH - left - width, HEIGHT - top - height)).toBeGreaterThanOrEqual(0);
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(24);
      for (const { bbox } of label) expect(overlap(bbox, [left, top, width, height])).toBe(0);
    }),
  );
});

test('it is as large as a box, in parts of the picture too, or smaller where such a one finds no place', () => {
  expect(chooseBackground('1', [box(10, 10, 60, 40)], WIDTH, HEIGHT)).toMatchObject({ width: 60, height: 40 });
  expect(chooseBackground('1', [{ class: 'a', bbox: [0, 0, 0.25, 0.5], relative: true }], WIDTH, HEIGHT)).toMatchObject({ width: 80, height: 120 });
  expect(chooseBackground('1', [box(10, 10, 2, 2)], WIDTH, HEIGHT)).toMatchObject({ width: 24, height: 24 });
  expect(chooseBackground('1', [box(0, 0, 200, HEIGHT)], WIDTH, HEIGHT)?.width).toBeLessThan(120);
});

test('another picture has it elsewhere', () => {
  const regions = Array.from({ length: 20 }, (_, i) => JSON.stringify(chooseBackground(String(i), [box(10, 10, 30, 30)], WIDTH, HEIGHT)));
  expect(new Set(regions).size).toBeGreaterThan(15);
});

test('there is none without boxes, where all is covered, and in a picture that is too small', () => {
  expect(chooseBackground('1', [], WIDTH, HEIGHT)).toBeNull();
  expect(chooseBackground('1', [box(0, 0, WIDTH, HEIGHT)], WIDTH, HEIGHT)).toBeNull();
  expect(chooseBackground('1', [box(0, 0, 1e9, 5)], 200, 20)).toBeNull();
});
