import { expect, test } from 'vitest';
import { auroc, averagePrecision } from '../../../../bench/quality/audit.ts';

const scored = (...pairs: readonly (readonly [number, boolean])[]) => pairs.map(([suspicion, wrong]) => ({ suspicion, wrong }));

test('AUROC is the part of pairs in order, ties half', () => {
  expect(auroc(scored([0.9, true], [0.8, true], [0.1, false]))).toBe(1);
  expect(auroc(scored([0.9, false], [0.8, true], [0.8, false], [0.1, false]))).toBeCloseTo(0.5, 12);
});

test('average precision looks at what is ranked above each wrong label', () => {
  expect(averagePrecision(scored([0.9, true], [0.8, false], [0.7, true]))).toBeCloseTo((1 + 2 / 3) / 2, 12);
});
