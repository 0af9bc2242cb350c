import { describe, expect, test } from 'vitest';
import { boxFaults, iou, type PlacedBox } from '../../../../../operators/state/objects/faults.ts';

const box = (name: string, ...bbox: [number, number, number, number]): PlacedBox => ({ class: name, bbox });

describe('faults of boxes', () => {
  test('a box that is drawn twice is a duplicate, the later one; of another class, or elsewhere, it is none', () => {
    const boxes = [box('a', 10, 10, 40, 40), box('a', 12, 9, 40, 41), box('b', 10, 10, 40, 40), box('a', 60, 10, 40, 40)];
    expect(boxFaults(boxes, 200, 100)).toEqual([[], ['duplicate'], [], []]);
  });

  test('a small box that is off by two pixels is still the same', () => {
    expect(boxFaults([box('a', 50, 50, 24, 24), box('a', 52, 50, 24, 24)], 200, 100)[1]).toEqual(['duplicate']);
    expect(boxFaults([box('a', 50, 20, 10, 60), box('a', 52, 21, 10, 60)], 200, 100)[1]).toEqual(['duplicate']);
    expect(boxFaults([box('a', 50, 20, 4, 4), box('a', 53, 20, 4, 4)], 200, 100)[1]).toEqual([]);
  });

  test('a box that sticks out by a pixel or two is none that lies outside; one that a tenth of is out, or all, does', () => {
    const boxes = [box('a', -1, 0, 60, 60), box('b', -20, 0, 60, 60), box('c', 300, 10, 60, 60), box('d', 10, 10, 0, 40)];
    expect(boxFaults(boxes, 200, 100)).toEqual([[], ['outside'], ['outside'], ['outside']]);
  });

  test('of a picture that nobody saw no box is outside but one without an area', () => {
    expect(boxFaults([box('a', 900, 10, 60, 60), box('b', 10, 10, 0, 40)], 0, 0)).toEqual([[], ['outside']]);
  });
});

test('intersection over union', () => {
  expect(iou([0, 0, 10, 10], [5, 0, 10, 10])).toBeCloseTo(1 / 3);
  expect(iou([0, 0, 10, 10], [0, 0, 10, 10])).toBe(1);
  expect(iou([0, 0, 10, 10], [20, 0, 10, 10])).toBe(0);
  expect(iou([0, 0, 0, 0], [0, 0, 0, 0])).toBe(0);
});
