import { describe, expect, test } from 'vitest';
import { Clock } from '../../../../operators/state/clock.ts';

const SECOND = 1000;
const clock = (): Clock => new Clock({ items: 100, seconds: 60 });

describe('without times', () => {
  test('the count of items is the clock', () => {
    const c = clock();
    for (let i = 0; i < 5; i++) c.tick(null);
    expect(c.now).toBe(5);
    expect(c.halfLife).toBe(100);
  });

  test('a time that comes later changes nothing', () => {
    const c = clock();
    c.tick(null);
    c.tick(1e12);
    expect(c.now).toBe(2);
  });
});

describe('with times', () => {
  test('it is the greatest accepted time; late items and items without one do not move it', () => {
    const c = clock();
    for (const time of [10 * SECOND, 30 * SECOND, 20 * SECOND, null]) c.tick(time);
    expect(c.now).toBe(30 * SECOND);
    expect(c.halfLife).toBe(60 * SECOND);
  });

  test('one jump ahead is not accepted and is told once', () => {
    const c = clock();
    c.tick(0);
    expect([c.tick(1e9), c.tick(1e9 + 1), c.tick(5 * SECOND)]).toEqual([true, false, false]);
    expect(c.now).toBe(5 * SECOND);
  });

  test('a row of jumping items that agree moves it: the stream has paused', () => {
    const c = clock();
    c.tick(0);
    for (let i = 0; i < 8; i++) c.tick(1e9 + i * SECOND);
    expect(c.now).toBe(1e9 + 7 * SECOND);
  });

  test('jumping items that do not agree never move it', () => {
    const c = clock();
    c.tick(0);
    for (let i = 1; i < 50; i++) c.tick(1e9 * i);
    expect(c.now).toBe(0);
  });

  test('exactly one half-life ahead is accepted', () => {
    const c = clock();
    c.tick(0);
    expect(c.tick(60 * SECOND)).toBe(false);
    expect(c.now).toBe(60 * SECOND);
  });

  test('comes back with its jumps', () => {
    const c = clock();
    for (const time of [0, 1e9, 1e9 + 1, 1e9 + 2]) c.tick(time);
    const other = clock();
    other.restore(c.pack());
    for (let i = 3; i < 8; i++) for (const each of [c, other]) each.tick(1e9 + i);
    expect(other.now).toBe(c.now);
    expect(c.now).toBe(1e9 + 7);
  });
});
