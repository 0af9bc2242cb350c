import { describe, expect, test } from 'vitest';
import { drawScene, planScene } from '../../../../bench/objects/compose.ts';
import { type Cutout, freeWindow, HEIGHT, isInside, WIDTH } from '../../../../bench/objects/cutouts.ts';
import { greedyCover } from '../../../../bench/objects/cover.ts';
import { deal, longTail, MOST_CLASSES } from '../../../../bench/objects/long-tail.ts';
import { crossFittedF1 } from '../../../../bench/objects/thresholds.ts';
import { uniform } from '../../../../operators/state/hash.ts';

describe('a long tail', () => {
  const counts = longTail(80, 4000);

  test('falls from most scenes to a handful', () => {
    expect(counts).toEqual(counts.toSorted((a, b) => b - a));
    expect(counts[0]).toBe(2400);
    expect(counts.filter((count) => count >= 8 && count <= 20).length).toBeGreaterThan(20);
    expect(counts.filter((count) => count < 8).length).toBeGreaterThan(5);
    expect(Math.min(...counts)).toBeGreaterThan(3);
  });

  test('is dealt exactly, one scene a class once, none empty and none too full', () => {
    const few = longTail(80, 800);
    const dealt = deal(few, 800, 1);
    const found = few.map((_, rank) => dealt.filter((classes) => classes.includes(rank)).length);
    expect(found.slice(1)).toEqual(few.slice(1));
    for (const classes of dealt) {
      expect(classes.length >= 1 && classes.length <= MOST_CLASSES).toBe(true);
      expect(new Set(classes).size).toBe(classes.length);
    }
    expect(deal(few, 800, 1)).toEqual(dealt);
    expect(deal(few, 800, 2)).not.toEqual(dealt);
  });

  test('what does not fit is said', () => {
    expect(() => deal(Array.from({ length: 80 }, () => 900), 1000, 1)).toThrow('there is room');
  });
});

describe('a scene', () => {
  const cutout = (name: string): Cutout => ({ class: name, width: 10, height: 20, rgba: new Uint8Array(800).fill(255) });
  const pools = ['a', 'b', 'c'].map((name) => [cutout(name)]);
  const style = { side: [40, 120], brightness: [1, 1] } as const;

  test('shows each class, 2 to 8 objects, inside it and large enough', () => {
    const counts = new Set<number>();
    for (let n = 0; n < 60; n++) {
      const plan = planScene(pools, style, (what) => uniform(n, what));
      counts.add(plan.length);
      expect(new Set(plan.map((object) => object.cutout.class)).size).toBe(3);
      for (const { bbox: [x, y, w, h] } of plan) expect(x >= 0 && y >= 0 && x + w <= WIDTH && y + h <= HEIGHT && w * h >= 576).toBe(true);
    }
    expect([Math.min(...counts), Math.max(...counts)]).toEqual([3, 8]);
  });

  test('an object covers what it lies on, its transparent parts do not', () => {
    const half = { ...cutout('a'), rgba: Uint8Array.from({ length: 800 }, (_, i) => (i % 4 === 3 && i >= 400 ? 0 : 255)) };
    const scene = drawScene(new Uint8Array(WIDTH * HEIGHT * 3).fill(10), false, 1, [{ cutout: half, bbox: [50, 60, 10, 20], flip: false, brightness: 0.5 }]);
    const at = (x: number, y: number): number => scene[(y * WIDTH + x) * 3] ?? -1;
    expect([at(55, 65), at(55, 75), at(49, 65)]).toEqual([127, 10, 10]);
  });

  test('a point is inside a polygon', () => {
    const triangle = [0, 0, 10, 0, 0, 10];
    expect([isInside(triangle, 2, 2), isInside(triangle, 8, 8), isInside(triangle, -1, 2)]).toEqual([true, false, false]);
  });

  test('a background meets no object; none is found where one covers all', () => {
    const found = freeWindow([[0, 0, 300, 480]], 640, 480, (what) => uniform(1, what));
    expect(found?.left).toBeGreaterThanOrEqual(300);
    expect(freeWindow([[0, 0, 640, 480]], 640, 480, (what) => uniform(1, what))).toBeNull();
  });
});

test('the cover takes what shows most of the missing first', () => {
  expect(greedyCover([['a'], ['a', 'b', 'c'], ['c', 'd'], ['d', 'e', 'b'], []])).toEqual([1, 3]);
});

describe('F1 with a threshold of other rows', () => {
  test('is 1 where scores tell the class, and low where they say nothing', () => {
    const there = Uint8Array.from({ length: 400 }, (_, i) => (i % 10 === 0 ? 1 : 0));
    expect(crossFittedF1(Float32Array.from(there, (value, i) => value + 0.3 * uniform(1, `${i}`)), there)).toBe(1);
    expect(crossFittedF1(Float32Array.from(there, (_, i) => uniform(1, `${i}`)), there)).toBeLessThan(0.3);
    expect(crossFittedF1(new Float32Array(10), new Uint8Array(10))).toBe(0);
  });

  test('is not made better by a threshold that fits the rows it is judged on', () => {
    const there = Uint8Array.from({ length: 24 }, (_, i) => (i % 6 === 0 ? 1 : 0));
    const f1 = Array.from({ length: 100 }, (_, seed) => crossFittedF1(Float32Array.from(there, (__, i) => uniform(seed, `${i}`)), there));
    // With such a threshold noise of this size has an F1 of 0.40.
    expect(f1.reduce((sum, value) => sum + value, 0) / f1.length).toBeLessThan(0.33);
  });
});
