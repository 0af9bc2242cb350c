import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseObjects, inPixels, LEAST_AREA } from '../../../../../operators/state/objects/choose.ts';
import type { Box } from '../../../../../schemas/sample.ts';

const [WIDTH, HEIGHT] = [640, 480];

function indices(boxes: readonly Box[], most = 32): readonly number[] {
  return chooseObjects(boxes, WIDTH, HEIGHT, most).map(({ index }) => index);
}

function box(side: number, name = 'car', more: Partial<Box> = {}): Box {
  return { class: name, bbox: [100, 100, side, side], ...more };
}

describe('which objects', () => {
  test('those of at least 24 x 24 pixels that are no crowds, in the order of the label', () => {
    expect(indices([box(23), box(24), box(200, 'car', { crowd: true }), box(60), box(30)])).toEqual([1, 3, 4]);
  });

  test('where there are too many: of each class the largest, then the largest of the rest', () => {
    const boxes = [box(90, 'car'), box(80, 'car'), box(30, 'cup'), box(70, 'car'), box(28, 'cup'), box(26, 'key')];
    expect([1, 2, 3, 4, 5, 6].map((most) => indices(boxes, most))).toEqual([[0], [0, 2], [0, 2, 5], [0, 1, 2, 5], [0, 1, 2, 3, 5], [0, 1, 2, 3, 4, 5]]);
  });

  test('the first of several of the same size', () => {
    expect(indices([box(50), box(50), box(50)], 2)).toEqual([0, 1]);
  });

  test('not what shows too little within the picture', () => {
    const at = (x: number, y: number): Box => ({ class: 'car', bbox: [x, y, 100, 100] });
    expect(indices([at(-99, 0), at(-60, -60), at(WIDTH, 0), at(WIDTH - 5, HEIGHT - 5), at(0, HEIGHT + 200), at(-500, 10)])).toEqual([1]);
  });

  test('a hundred thousand boxes of as many classes are no trouble', () => {
    expect(indices(Array.from({ length: 100_000 }, (_, i) => box(30 + (i % 7), `class ${i}`)))).toHaveLength(32);
  });
});

describe('the region', () => {
  test('is the box with a twentieth of its sides around it, in whole pixels', () => {
    expect(chooseObjects([{ class: 'car', bbox: [100.5, 200, 100, 40] }], WIDTH, HEIGHT, 1)).toEqual([
      { index: 0, class: 'car', bbox: [100.5, 200, 100, 40], region: { left: 95, top: 198, width: 111, height: 44 } },
    ]);
  });

  test('ends at the edges of the picture', () => {
    expect(chooseObjects([{ class: 'sky', bbox: [-10, -10, 700, 100] }], WIDTH, HEIGHT, 1)[0]?.region).toEqual({ left: 0, top: 0, width: WIDTH, height: 95 });
  });

  test('of a box relative to the picture is in pixels, and so is the box', () => {
    expect(chooseObjects([{ class: 'car', bbox: [0.25, 0.5, 0.5, 0.25], relative: true }], WIDTH, HEIGHT, 1)[0]).toMatchObject({ bbox: [160, 240, 320, 120], region: { left: 144, top: 234, width: 352, height: 132 } });
  });
});

test('never more than allowed, each class before a second of another, in order, and inside the picture, whatever the numbers', () => {
  const number = fc.oneof(fc.double({ min: -200, max: 900, noNaN: true }), fc.double({ noNaN: true, noDefaultInfinity: true }));
  const anyBox: fc.Arbitrary<Box> = fc.record({ class: fc.constantFrom('a', 'b', 'c', 'd'), bbox: fc.tuple(number, number, number, number), relative: fc.constant(true as const), crowd: fc.constant(true as const) }, { requiredKeys: ['class', 'bbox'] });
  fc.assert(
    fc.property(fc.array(anyBox, { maxLength: 40 }), fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 12 }), (boxes, width, height, most) => {
      const all = chooseObjects(boxes, width, height, Infinity);
      const chosen = chooseObjects(boxes, width, height, most);
      expect(chosen.length).toBe(Math.min(most, all.length));
      expect(all.filter((object) => chosen.some(({ index }) => index === object.index))).toEqual(chosen);
      const names = new Set(chosen.map((object) => object.class));
      const classes = new Set(all.map((object) => object.class));
      if (names.size < chosen.length) expect(names).toEqual(classes);
      for (const { index, bbox, region } of chosen) {
        const given = boxes[index];
        expect(given?.crowd).toBe(undefined);
        expect(bbox).toEqual(given === undefined ? null : inPixels(given, width, height));
        const { left, top } = region;
        expect([left, top, region.width, region.height].every(Number.isInteger)).toBe(true);
        expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
        expect(left + region.width).toBeLessThanOrEqual(width);
        expect(top + region.height).toBeLessThanOrEqual(height);
        expect(region.width * region.height).toBeGreaterThanOrEqual(LEAST_AREA);
      }
    }),
  );
});
