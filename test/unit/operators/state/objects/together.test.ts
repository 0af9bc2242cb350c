import { expect, test } from 'vitest';
import { classesIn, together } from '../../../../../operators/state/objects/together.ts';
import type { ObjectFinding } from '../../../../../schemas/decision.ts';

const finding = (index: number, name: string, part: Partial<ObjectFinding> = {}): ObjectFinding => ({ index, class: name, bbox: [0, 0, 50, 50], cluster: 1, share: 0.2, suspicion: 0.1, suggested: name, faults: [], ...part });

test('an image is as suspicious as its most suspicious object; where no crop was looked at, nothing is said', () => {
  expect(together([finding(0, 'a'), finding(1, 'b', { suspicion: 0.7 })], 0.5).suspicion).toBe(0.7);
  expect(together([finding(0, 'a', { suspicion: null, share: null })], 0.5)).toMatchObject({ suspicion: null, rarest: null });
  expect(together([], 0.5)).toEqual({ suspicion: null, believed: [], rarest: null });
});

test('objects count that are believed: no suspicious class, no box that is drawn twice, lies outside, shows nothing or is missing; unusual shapes and small ones do', () => {
  const objects = [finding(0, 'b', { suspicion: 0.5 }), finding(1, 'b', { faults: ['duplicate'] }), finding(2, 'c', { faults: ['outside'] }), finding(3, 'a', { faults: ['implausible'] }), finding(4, 'd', { suspicion: null, share: null }), finding(5, 'e', { faults: ['background'] }), { ...finding(6, 'f', { faults: ['overlooked'] }), index: null }];
  expect(classesIn(together(objects, 0.5).believed)).toEqual(['a', 'd']);
});

test('the rarest is the first of those with the least share that count', () => {
  const objects = [finding(0, 'a'), finding(1, 'b', { share: 0.01, suspicion: 0.9 }), finding(2, 'c', { share: 0.05 }), finding(3, 'd', { share: 0.05 })];
  expect(together(objects, 0.5).rarest).toEqual({ index: 2, value: 0.05 });
});
