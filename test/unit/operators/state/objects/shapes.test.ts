import { describe, expect, test } from 'vitest';
import { uniform } from '../../../../../operators/state/hash.ts';
import { shapeOf, Shapes } from '../../../../../operators/state/objects/shapes.ts';

/** A car in the lower half of a picture of 640 x 480, as most are. */
const car = (i: number): readonly [number, number, number, number] => [100 * uniform(i, 'x'), 300 + 40 * uniform(i, 'y'), 90 + 30 * uniform(i, 'w'), 45 + 15 * uniform(i, 'h')];

function taught(n: number, halfLife = 1e9): Shapes {
  const shapes = new Shapes(halfLife);
  for (let i = 0; i < n; i++) shapes.learn('car', shapeOf(car(i), 640, 480));
  return shapes;
}

describe('shapes', () => {
  test('of its class is what most are; far too large, far too high up, or upright is strange', () => {
    const shapes = taught(100);
    const strange = (...bbox: [number, number, number, number]): number => shapes.strangeness('car', shapeOf(bbox, 640, 480));
    for (let i = 100; i < 200; i++) expect(shapes.strangeness('car', shapeOf(car(i), 640, 480))).toBeLessThan(4);
    expect(strange(0, 150, 630, 320)).toBeGreaterThan(4);
    expect(strange(100, 10, 100, 50)).toBeGreaterThan(4);
    expect(strange(100, 280, 30, 160)).toBeGreaterThan(4);
  });

  test('says nothing of a class it hardly knows', () => {
    expect(taught(7).strangeness('car', shapeOf([0, 0, 640, 480], 640, 480))).toBe(0);
    expect(taught(100).strangeness('tram', shapeOf([0, 0, 640, 480], 640, 480))).toBe(0);
  });

  test('counts fade with the objects that come', () => {
    const shapes = taught(1, 10);
    for (let i = 0; i < 10; i++) shapes.learn('tram', shapeOf(car(i), 640, 480));
    expect(shapes.count('car')).toBeCloseTo(0.5);
    expect(shapes.count('nobody')).toBe(0);
    expect(shapes.count('car') + shapes.count('tram')).toBeCloseTo(shapes.total);
  });

  test('restored is what it was, bit for bit, and goes on so', () => {
    const shapes = taught(50, 20);
    shapes.learn('tram', shapeOf(car(7), 640, 480));
    const again = new Shapes(20);
    for (const [key, value] of [...shapes.takeChanges()].sort(([a], [b]) => a - b)) again.restoreRow(key, value);
    for (const one of [shapes, again]) one.learn('car', shapeOf(car(99), 640, 480));
    for (const name of ['car', 'tram']) {
      expect(again.count(name)).toBe(shapes.count(name));
      expect(again.strangeness(name, shapeOf(car(3), 640, 480))).toBe(shapes.strangeness(name, shapeOf(car(3), 640, 480)));
    }
    expect([...again.takeChanges()]).toEqual([...shapes.takeChanges()]);
  });
});
