import { describe, expect, test } from 'vitest';
import { Trust } from '../../../../operators/state/trust.ts';

/** Labels come in turn; of some the head names the right one. */
function taught(n: number, right: (i: number) => boolean, labelOf: (i: number) => string = (i) => `class ${i % 5}`, trust = new Trust(40)): Trust {
  for (let i = 0; i < n; i++) trust.learn('camera', [labelOf(i)], right(i) ? labelOf(i) : 'another');
  return trust;
}

describe('odds', () => {
  test('without labels follow the variety of the stream: even at the given dimension, and where nothing is known', () => {
    const trust = new Trust(40);
    expect(trust.odds(null)).toBeCloseTo(1, 12);
    expect(trust.odds(40)).toBeCloseTo(1, 12);
    expect(trust.odds(80)).toBeGreaterThan(10);
    expect(trust.odds(20)).toBeLessThan(0.1);
  });

  test('are those of the head once it has named many labels, whatever the variety', () => {
    for (const dimension of [20, 80]) {
      expect(taught(4000, (i) => i % 2 === 0).odds(dimension)).toBeGreaterThan(0.9);
      expect(taught(4000, (i) => i % 2 === 0).odds(dimension)).toBeLessThan(1.1);
    }
    expect(taught(4000, () => true).odds(40)).toBeGreaterThan(50);
  });

  test('learn nothing from a label that is the one before in its stream, from none at all, or from a head that cannot tell', () => {
    const before = new Trust(40).odds(30);
    const sorted = taught(1000, () => true, () => 'the same');
    // The first of them had none before it.
    expect(Math.abs(sorted.odds(30) - before)).toBeLessThan(0.05);
    const trust = new Trust(40);
    for (let i = 0; i < 100; i++) trust.learn('camera', [`class ${i}`], null);
    for (let i = 0; i < 100; i++) trust.learn('camera', [], 'class 1');
    expect(trust.odds(30)).toBe(before);
  });

  test('tell streams apart', () => {
    const trust = new Trust(40);
    for (let i = 0; i < 1000; i++) trust.learn(`camera ${i % 2}`, [`class ${i % 2}`], `class ${i % 2}`);
    expect(trust.odds(30)).toBeLessThan(1);
  });

  test('restored are what they were, bit for bit, and go on so', () => {
    const whole = taught(333, (i) => i % 3 > 0);
    const restored = new Trust(40);
    restored.restore(whole.pack());
    expect(restored.pack()).toEqual(whole.pack());
    const go = (trust: Trust): number => taught(50, () => true, undefined, trust).odds(35);
    expect(go(restored)).toBe(go(whole));
  });
});
