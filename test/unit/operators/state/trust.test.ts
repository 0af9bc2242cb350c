import { describe, expect, test } from 'vitest';
import { Trust } from '../../../../operators/state/trust.ts';

/** Labels come in turn; of some the head names the right one. */
function taught(n: number, right: (i: number) => boolean, labelOf: (i: number) => string = (i) => `class ${i % 5}`, trust = new Trust(40)): Trust {
  for (let i = 0; i < n; i++) trust.learn('camera', [labelOf(i)], right(i) ? labelOf(i) : 'another');
  return trust;
}

describe('weight', () => {
  test('without labels follows the variety of the stream: right half the time at the given dimension, and where nothing is known', () => {
    const trust = new Trust(40);
    expect(trust.weight(null)).toBeCloseTo(0.5, 12);
    expect(trust.weight(40)).toBeCloseTo(0.5, 12);
    expect(trust.weight(80)).toBeGreaterThan(10);
    expect(trust.weight(20)).toBeLessThan(0.01);
  });

  test('is that of the head once it has named many labels, whatever the variety', () => {
    for (const dimension of [20, 80]) {
      expect(taught(4000, (i) => i % 2 === 0).weight(dimension)).toBeGreaterThan(0.45);
      expect(taught(4000, (i) => i % 2 === 0).weight(dimension)).toBeLessThan(0.55);
    }
    expect(taught(4000, () => true).weight(40)).toBeGreaterThan(50);
  });

  test('learns nothing from a label that is the one before in its stream, from none at all, or from a head that cannot tell', () => {
    const before = new Trust(40).weight(30);
    const sorted = taught(1000, () => true, () => 'the same');
    // The first of them had none before it.
    expect(Math.abs(sorted.weight(30) - before)).toBeLessThan(0.05);
    const trust = new Trust(40);
    for (let i = 0; i < 100; i++) trust.learn('camera', [`class ${i}`], null);
    for (let i = 0; i < 100; i++) trust.learn('camera', [], 'class 1');
    expect(trust.weight(30)).toBe(before);
  });

  test('tells streams apart', () => {
    const trust = new Trust(40);
    for (let i = 0; i < 1000; i++) trust.learn(`camera ${i % 2}`, [`class ${i % 2}`], `class ${i % 2}`);
    expect(trust.weight(30)).toBeLessThan(1);
  });

  test('restored is what it was, bit for bit, and goes on so', () => {
    const whole = taught(333, (i) => i % 3 > 0);
    const restored = new Trust(40);
    restored.restore(whole.pack());
    expect(restored.pack()).toEqual(whole.pack());
    const go = (trust: Trust): number => taught(50, () => true, undefined, trust).weight(35);
    expect(go(restored)).toBe(go(whole));
  });
});

test('what is kept of it is small, however long the names of streams and classes are', () => {
  const trust = new Trust(40);
  for (let i = 0; i < 1500; i++) trust.learn(`${'camera '.repeat(1000)}${i}`, [`${'class '.repeat(1000)}${i}`], null);
  expect(trust.pack().length).toBeLessThan(20_000);
});
