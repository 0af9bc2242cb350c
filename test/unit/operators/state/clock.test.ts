import { describe, expect, test } from 'vitest';
import { Clock } from '../../../../operators/state/clock.ts';

const SECOND = 1000;
const DAY = 86_400 * SECOND;
const clock = (): Clock => new Clock({ items: 100, seconds: 60 });

describe('without times', () => {
  test('the count of items is the clock', () => {
    const c = clock();
    for (let i = 0; i < 5; i++) c.tick(null, 'a');
    expect(c.now).toBe(5);
    expect(c.halfLife).toBe(100);
  });

  test('a time that comes later changes nothing', () => {
    const c = clock();
    c.tick(null, 'a');
    c.tick(1e12, 'a');
    expect(c.now).toBe(2);
  });
});

describe('with times', () => {
  test('it is the greatest accepted time; late items and items without one do not move it', () => {
    const c = clock();
    for (const time of [10 * SECOND, 30 * SECOND, 20 * SECOND, null]) c.tick(time, 'a');
    expect(c.now).toBe(30 * SECOND);
    expect(c.halfLife).toBe(60 * SECOND);
  });

  test('one jump ahead is not accepted and is told once', () => {
    const c = clock();
    c.tick(0, 'a');
    expect([c.tick(1e9, 'a'), c.tick(1e9 + 1, 'a'), c.tick(5 * SECOND, 'a')]).toEqual([true, false, false]);
    expect(c.now).toBe(5 * SECOND);
  });

  test('of streams whose names are all different the first are told of, and its record stays small', () => {
    const c = clock();
    c.tick(0, 'a');
    const told = Array.from({ length: 1000 }, (_, i) => c.tick(1e9 * (i + 1), `stream ${i}`)).filter(Boolean);
    expect(told.length).toBe(100);
    expect(c.pack().length).toBeLessThan(4000);
  });

  test('a stream that is well again and then wrong again is told of again', () => {
    const c = clock();
    c.tick(0, 'a');
    expect([c.tick(1e9, 'a'), c.tick(SECOND, 'a'), c.tick(1e9, 'a')]).toEqual([true, false, true]);
  });

  test('one camera with a wrong date among good ones is told of once and never moves the clock', () => {
    const c = clock();
    let told = 0;
    // Whole seconds: many items have equal times.
    for (let i = 0; i < 500; i++) {
      const now = Math.floor(i / 10) * SECOND;
      c.tick(now, 'good');
      told += c.tick(now + 3650 * DAY, 'bad') ? 1 : 0;
    }
    expect(told).toBe(1);
    expect(c.now).toBe(49 * SECOND);
  });

  test('two cameras with wrong dates are told of, each once', () => {
    const c = clock();
    c.tick(0, 'good');
    const told = ['x', 'y', 'x', 'y'].filter((stream) => c.tick(1e12, stream));
    expect(told).toEqual(['x', 'y']);
  });

  test('a row of jumping items that agree moves it: the stream has paused', () => {
    const c = clock();
    c.tick(0, 'a');
    for (let i = 0; i < 8; i++) c.tick(1e9 + i * SECOND, 'a');
    expect(c.now).toBe(1e9 + 7 * SECOND);
  });

  test('jumping items that do not agree never move it', () => {
    const c = clock();
    c.tick(0, 'a');
    for (let i = 1; i < 50; i++) c.tick(1e9 * i, 'a');
    expect(c.now).toBe(0);
  });

  test('a first item with a wrong date does not stop the clock for ever', () => {
    const c = clock();
    c.tick(3650 * DAY, 'a');
    for (let i = 0; i < 20; i++) c.tick(i * SECOND, 'a');
    expect(c.now).toBe(19 * SECOND);
  });

  test('late items, however many agree, do not turn a clock back that many agreed with', () => {
    const c = clock();
    for (let i = 0; i < 20; i++) c.tick(DAY + i * SECOND, 'a');
    for (let i = 0; i < 50; i++) c.tick(i, 'archive');
    expect(c.now).toBe(DAY + 19 * SECOND);
  });

  test('exactly one half-life ahead is accepted', () => {
    const c = clock();
    c.tick(0, 'a');
    expect(c.tick(60 * SECOND, 'a')).toBe(false);
    expect(c.now).toBe(60 * SECOND);
  });

  test('comes back with its jumps and its alarms', () => {
    const c = clock();
    for (const time of [0, 1e9, 1e9 + 1, 1e9 + 2]) c.tick(time, 'a');
    const other = clock();
    other.restore(c.pack());
    expect(other.pack()).toEqual(c.pack());
    for (let i = 3; i < 8; i++) for (const each of [c, other]) expect(each.tick(1e9 + i, 'a')).toBe(false);
    expect(other.now).toBe(c.now);
    expect(c.now).toBe(1e9 + 7);
  });
});
