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

  test('what is corrected there and back is as it was; the last one to the last digit or so', () => {
    for (const number of [50, 17]) {
      const [shapes, same] = [taught(50, 20), taught(50, 20)];
      const shape = shapeOf(car(number - 1), 640, 480);
      shapes.correct({ class: 'car', shape, number }, { class: 'tram', shape });
      expect(shapes.count('tram')).toBeCloseTo(2 ** (-(50 - number) / 20));
      expect(shapes.count('car') + shapes.count('tram')).toBeCloseTo(shapes.total);
      shapes.correct({ class: 'tram', shape, number }, { class: 'car', shape });
      expect(shapes.count('car')).toBeCloseTo(same.count('car'), 9);
      const probe = shapeOf([0, 0, 30, 300], 640, 480);
      expect(shapes.strangeness('car', probe)).toBeCloseTo(same.strangeness('car', probe), 9);
    }
  });

  test('a mistake that is corrected is usual no more', () => {
    const shapes = taught(20);
    const huge = shapeOf([0, 0, 640, 480], 640, 480);
    shapes.learn('car', huge);
    const before = shapes.strangeness('car', huge);
    shapes.correct({ class: 'car', shape: huge, number: 21 }, { class: null, shape: huge });
    expect(shapes.strangeness('car', huge)).toBeCloseTo(taught(20).strangeness('car', huge), 9);
    expect(before).toBeLessThan(shapes.strangeness('car', huge));
    expect(shapes.total).toBeCloseTo(20);
  });

  test('of which all are taken away is as one that never came', () => {
    const shapes = taught(10);
    for (let i = 0; i < 10; i++) shapes.correct({ class: 'car', shape: shapeOf(car(i), 640, 480), number: i + 1 }, { class: null, shape: shapeOf(car(i), 640, 480) });
    expect(shapes.count('car')).toBeCloseTo(0, 9);
    expect(shapes.strangeness('car', shapeOf([0, 0, 640, 480], 640, 480))).toBe(0);
  });
});
