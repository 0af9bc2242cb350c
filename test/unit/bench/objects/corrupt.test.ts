import { describe, expect, test } from 'vitest';
import { drawnAgain, drawOf, emptied, movedOut, scaled, shifted, someOf, swapped } from '../../../../bench/objects/corrupt.ts';

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);
const PLACE = { sample: 3, index: 1 };
const BOX = [100, 50, 40, 80] as const;

test('as many objects are drawn as asked for, others by another seed', () => {
  const objects = Array.from({ length: 1045 }, (_, sample) => ({ sample, index: 0 }));
  const drawn = someOf(objects, 0.08, 1);
  expect(new Set(drawn).size).toBe(84);
  expect(someOf(objects, 0.08, 1)).toEqual(drawn);
  expect(someOf(objects, 0.08, 2)).not.toEqual(drawn);
});

test('a swapped class is another one, any of them alike', () => {
  const counts = new Map<string, number>();
  for (const seed of SEEDS) {
    const name = swapped('b', ['a', 'b', 'c', 'd'], drawOf(seed, PLACE));
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual(['a', 'c', 'd']);
  expect(Math.min(...counts.values())).toBeGreaterThan(200 / 3 - 30);
});

describe('boxes', () => {
  test('drawn again, each side is 2 pixels off at most', () => {
    for (const seed of SEEDS) {
      const [x, y, w, h] = drawnAgain(BOX, drawOf(seed, PLACE));
      for (const [a, b] of [[x, 100], [y, 50], [x + w, 140], [y + h, 130]] as const) expect(Math.abs(a - b)).toBeLessThanOrEqual(2);
    }
  });

  test('moved out, half of it at most is in the picture, over each of the edges', () => {
    const edges = new Set<string>();
    for (const seed of SEEDS) {
      const [x, y, w, h] = movedOut(BOX, 320, 240, drawOf(seed, PLACE));
      const inside = Math.max(0, Math.min(320, x + w) - Math.max(0, x)) * Math.max(0, Math.min(240, y + h) - Math.max(0, y));
      expect(inside).toBeLessThanOrEqual(0.5 * w * h + 1e-9);
      edges.add(`${x < 0} ${y < 0} ${x + w > 320}`);
    }
    expect(edges.size).toBe(4);
  });

  test('shifted by 30 to 60 % along a side or both, as large as before', () => {
    const ways = new Set<string>();
    for (const seed of SEEDS) {
      const [x, y, w, h] = shifted(BOX, drawOf(seed, PLACE));
      const by = [Math.abs(x - 100) / 40, Math.abs(y - 50) / 80].filter((part) => part > 0);
      expect(by.length).toBeGreaterThan(0);
      for (const part of by) expect(part >= 0.3 && part <= 0.6).toBe(true);
      expect([w, h]).toEqual([40, 80]);
      ways.add(`${Math.sign(x - 100)} ${Math.sign(y - 50)}`);
    }
    expect(ways.size).toBe(8);
  });

  test('scaled by 3 or a third about the centre', () => {
    const sizes = new Set<string>();
    for (const seed of SEEDS) {
      const [x, y, w, h] = scaled(BOX, drawOf(seed, PLACE));
      expect(x + w / 2).toBeCloseTo(120, 9);
      expect(y + h / 2).toBeCloseTo(90, 9);
      sizes.add((w / 40).toFixed(3));
    }
    expect([...sizes].sort()).toEqual(['0.333', '3.000']);
  });
});

test('a box moved to where nothing is keeps its size, lies in the picture and overlaps no box; in a full picture there is no such place', () => {
  for (const seed of SEEDS) {
    const [x, y, w, h] = emptied(BOX, [BOX, [0, 100, 200, 100]], 300, 200, drawOf(seed, PLACE)) ?? [-1, -1, 0, 0];
    expect([w, h]).toEqual([40, 80]);
    expect(x >= 0 && y >= 0 && x <= 260 && y <= 120).toBe(true);
    expect((x >= 200 || y + 80 <= 100) && (x >= 140 || x + 40 <= 100 || y >= 130)).toBe(true);
  }
  expect(emptied(BOX, [[0, 0, 300, 200]], 300, 200, drawOf(1, PLACE))).toBeNull();
  expect(emptied(BOX, [], 30, 200, drawOf(1, PLACE))).toBeNull();
});
