import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK, OuterSums } from '../../../../operators/state/outer.ts';

const D = 7;
/** What lies above the diagonal means nothing. */
const triangle = (all: Float64Array): readonly number[] => [...all].filter((_, at) => at % D <= Math.floor(at / D));
const vector = fc.record({ x: fc.float32Array({ minLength: D, maxLength: D, noNaN: true, min: -2, max: 2 }), weight: fc.double({ min: 1, max: 9, noNaN: true }) });

test('several at a time give the bits of one after the other', () => {
  fc.assert(
    fc.property(fc.array(fc.array(vector, { minLength: 1, maxLength: BLOCK }), { minLength: 1, maxLength: 4 }), (blocks) => {
      const sums = new OuterSums(D);
      for (const block of blocks) sums.add(block);
      const plain = new Float64Array(D * D);
      for (const { x, weight } of blocks.flat()) {
        for (let i = 0; i < D; i++) for (let j = 0; j <= i; j++) plain[i * D + j] = (plain[i * D + j] ?? 0) + weight * (x[i] ?? 0) * (x[j] ?? 0);
      }
      expect(triangle(sums.lower)).toEqual(triangle(plain));
    }),
  );
});
