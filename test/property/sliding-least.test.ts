import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlidingLeast } from '../../operators/state/sliding-least.ts';

test('the least of the last values is that of looking at all of them, also after a restore', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 60 }), fc.nat(60), (span, values, at) => {
      let sliding = new SlidingLeast(span);
      expect(sliding.least).toBe(Infinity);
      values.forEach((value, i) => {
        if (i === at) {
          const restored = new SlidingLeast(span);
          restored.restore(sliding.pack(), i);
          sliding = restored;
        }
        sliding.push(value);
        expect(sliding.least).toBe(Math.min(...values.slice(Math.max(0, i + 1 - span), i + 1)));
      });
    }),
  );
});
