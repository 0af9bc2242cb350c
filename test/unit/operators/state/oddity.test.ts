import { describe, expect, test } from 'vitest';
import { leadOf } from '../../../../operators/state/audit.ts';
import { MAX_CLASSES } from '../../../../operators/state/head.ts';
import { Oddity } from '../../../../operators/state/oddity.ts';

/** Labels whose leads lie evenly round a mean. */
function taught(name: string, mean: number, n = 300, oddity = new Oddity()): Oddity {
  for (let i = 0; i < n; i++) oddity.learn(name, mean + (i % 2 === 0 ? 0.1 : -0.1));
  return oddity;
}

describe('oddity', () => {
  test('is in deviations from what is usual in the class, whatever is usual in others', () => {
    const oddity = taught('badly known', 0.2, 300, taught('well known', -0.8));
    expect(oddity.of('well known', -0.6)).toBeCloseTo(2, 1);
    expect(oddity.of('badly known', 0.4)).toBeCloseTo(2, 1);
    expect(oddity.of('badly known', 0)).toBeLessThan(-1.8);
  });

  test('is none while little is known of the class', () => {
    expect(taught('new', 0, 7).of('new', 5)).toBe(0);
    expect(taught('new', 0, 8).of('new', 5)).toBeGreaterThan(0);
    expect(new Oddity().of('never seen', 5)).toBe(0);
  });

  test('makes nothing of the least difference where all looked alike', () => {
    const oddity = new Oddity();
    for (let i = 0; i < 2000; i++) oddity.learn('still', -0.5);
    expect(oddity.of('still', -0.49)).toBeLessThan(0.2);
  });

  test('follows a head that learns', () => {
    expect(taught('cat', -0.9, 300, taught('cat', 0.5)).of('cat', -0.5)).toBeGreaterThan(1);
  });

  test('is kept of a bounded number of classes, and comes back as it was', () => {
    const oddity = taught('first', 0.1);
    for (let i = 0; i < MAX_CLASSES + 10; i++) oddity.learn(`caption ${i}`, 0);
    const rows = [...oddity.takeChanges()];
    expect(rows.length).toBe(MAX_CLASSES);
    expect([...oddity.takeChanges()]).toEqual([]);
    const again = new Oddity();
    for (const [key, value] of rows) again.restoreRow(key, value);
    for (const each of [oddity, again]) each.learn('first', 0.3);
    expect(again.of('first', 0.4)).toBe(oddity.of('first', 0.4));
    expect([...again.takeChanges()]).toEqual([...oddity.takeChanges()]);
  });
});

test('the lead is over the weakest class given, and none without a head or a label', () => {
  const names = ['cat', 'dog', 'car'];
  expect(leadOf(Float64Array.of(0.9, 0.25, 0.5), names, ['cat', 'dog'])).toEqual({ over: 'dog', lead: 0.25 });
  expect(leadOf(Float64Array.of(0.5, 0.25, 0.25), names, ['bus'])).toEqual({ over: 'bus', lead: 0.5 });
  expect(leadOf(null, names, ['cat'])).toBeNull();
  expect(leadOf(Float64Array.of(0.9), ['cat'], [])).toBeNull();
});
