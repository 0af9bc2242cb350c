import { expect, test } from 'vitest';
import { holds } from '../../../../bench/quality/validation.ts';

const truth = [...Array<string>(18).fill('often'), 'rare', 'rare'];
/** Two of the frequent class and one of the rare shown wrong. */
const items = truth.map((label, row) => ({ row, label: [0, 5, 19].includes(row) ? 'other' : label }));

test('what a validation set holds of its stream', () => {
  const found = holds(items, truth, [4, 5, 6, 7, 18]);
  expect(found).toEqual({ share: 5 / 20, wrong: 1 / 5, wrongInStream: 3 / 20, learned: 4, right: 4 / 17, rare: 1 });
});

test('a wrong label is no case of the rarest class', () => {
  expect(holds(items, truth, [4, 19])).toMatchObject({ wrong: 1 / 2, rare: 0 });
});
