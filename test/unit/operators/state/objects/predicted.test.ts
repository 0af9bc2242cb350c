import { describe, expect, test } from 'vitest';
import { compare, type Labelled, type Predicted } from '../../../../../operators/state/objects/predicted.ts';

const box = (name: string, ...bbox: [number, number, number, number]): Labelled => ({ class: name, bbox });
const seen = (name: string, score: number, ...bbox: [number, number, number, number]): Predicted => ({ class: name, bbox, score });
const NOTHING = { mislocated: 0, swapped: 0, suggested: null };

describe('a badly located box', () => {
  test('is told by how little it has in common with the prediction of its class: intersection over union, and the distance of the centres', () => {
    expect(compare([box('a', 0, 0, 100, 100)], [seen('a', 0.6, 0, 0, 100, 100)]).boxes).toEqual([NOTHING]);
    const [moved] = compare([box('a', 0, 0, 100, 100)], [seen('a', 0.6, 50, 0, 100, 100)]).boxes;
    expect(moved?.mislocated).toBeCloseTo(1 - 0.9 / 3 - 0.1 * Math.exp(-5), 10);
    expect(moved?.swapped).toBe(0);
  });

  test('is none where no likely prediction of its class is for it rather than for another box', () => {
    expect(compare([box('a', 0, 0, 100, 100)], [seen('a', 0.49, 50, 0, 100, 100), seen('b', 0.9, 50, 0, 100, 100)]).boxes).toEqual([NOTHING]);
    const two = compare([box('a', 0, 0, 100, 100), box('a', 80, 0, 100, 100)], [seen('a', 0.9, 80, 0, 100, 100)]).boxes;
    expect(two).toEqual([NOTHING, NOTHING]);
  });
});

describe('a swapped class', () => {
  test('is told by a sure prediction of another class in its place, and that is suggested', () => {
    const [swapped] = compare([box('a', 0, 0, 100, 100)], [seen('b', 0.95, 0, 0, 100, 100)]).boxes;
    expect(swapped).toEqual({ mislocated: 0, swapped: 1, suggested: 'b' });
    expect(compare([box('a', 0, 0, 100, 100)], [seen('b', 0.94, 0, 0, 100, 100)]).boxes).toEqual([NOTHING]);
  });

  test('is none where its own class is seen there as well', () => {
    expect(compare([box('a', 0, 0, 100, 100)], [seen('b', 0.99, 5, 0, 100, 100), seen('a', 0.6, 0, 0, 100, 100)]).boxes).toEqual([NOTHING]);
  });
});

describe('an overlooked object', () => {
  const values = (boxes: readonly Labelled[], predictions: readonly Predicted[]): readonly number[] => compare(boxes, predictions).overlooked.map(({ value }) => value);

  test('is a sure prediction where no box is', () => {
    const there = seen('a', 0.96, 200, 200, 50, 50);
    expect(compare([], [there]).overlooked).toEqual([{ prediction: there, value: 1 }]);
    expect(values([box('a', 0, 0, 50, 50)], [there])[0]).toBeGreaterThan(0.99);
    expect(values([], [seen('a', 0.94, 200, 200, 50, 50)])).toEqual([]);
  });

  test('is none that has a box, of another class too: one error is told once', () => {
    expect(values([box('a', 0, 0, 50, 50)], [seen('a', 0.99, 0, 0, 50, 50), seen('b', 0.99, 0, 0, 50, 50)])).toEqual([0, 0]);
  });

  test('is none within a crowd of its class; a crowd is neither badly located nor swapped', () => {
    const crowd: Labelled = { ...box('a', 0, 0, 400, 400), crowd: true };
    const { boxes, overlooked } = compare([crowd], [seen('a', 0.99, 100, 100, 20, 20), seen('b', 0.99, 100, 100, 20, 20), seen('b', 0.99, 0, 0, 400, 400)]);
    expect(boxes).toEqual([NOTHING]);
    expect(overlooked.map(({ value }) => value)).toEqual([0, 1, 1]);
  });
});
