/** What waits of a camera, how long it waits, and the times of its frames. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Backoff } from '../../../../../infra/sources/cameras/backoff.ts';
import { Cameras } from '../../../../../infra/sources/cameras/cameras.ts';
import { inputOf, withoutAddresses } from '../../../../../infra/sources/cameras/ffmpeg-input.ts';
import { FrameClock } from '../../../../../infra/sources/cameras/frame-clock.ts';
import { Slot } from '../../../../../infra/sources/cameras/slot.ts';
import type { Feed } from '../../../../../infra/sources/cameras/types.ts';
import type { Entry } from '../../../../../operators/ports.ts';

describe('a slot', () => {
  test('holds the newest, and says what had to go', () => {
    const slot = new Slot<number>();
    expect([slot.take(), slot.put(1), slot.put(2), slot.put(3), slot.take(), slot.take(), slot.put(4)]).toEqual([null, false, true, true, 3, null, false]);
  });
});

describe('waits between attempts', () => {
  test('grow up to twice as long each time, up to 30 s, and begin anew', () => {
    const backoff = new Backoff(() => 1);
    expect(Array.from({ length: 8 }, () => backoff.next())).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    backoff.reset();
    expect(backoff.next()).toBe(500);
  });

  test('half of each is drawn', () => {
    const backoff = new Backoff(() => 0);
    expect([backoff.next(), backoff.next()]).toEqual([250, 500]);
  });
});

describe('the time of frames', () => {
  test('is the arrival of the first, and then that of the stream', () => {
    const clock = new FrameClock();
    clock.connect();
    expect([clock.timeOf(7, 1_000_000, 1_000_000), clock.timeOf(7.04, 1_000_190, 1_000_190), clock.timeOf(7.08, 1_000_191, 1_000_191)]).toEqual([1_000_000, 1_000_040, 1_000_080]);
    clock.connect();
    expect(clock.timeOf(0, 1_002_000, 1_002_000)).toBe(1_002_000);
  });

  test('is set anew where the stream runs away, or has no times', () => {
    const clock = new FrameClock();
    clock.connect();
    expect([clock.timeOf(0, 1_000_000, 1_000_000), clock.timeOf(3600, 1_000_100, 1_000_100), clock.timeOf(3600.1, 1_000_200, 1_000_200), clock.timeOf(Number.NaN, 1_000_300, 1_000_300)]).toEqual([1_000_000, 1_000_100, 1_000_200, 1_000_300]);
  });

  test('rises whatever the clock and the stream do, and stays near the clock where that rises', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ at: fc.double({ min: -1e6, max: 1e6, noNaN: false }), step: fc.integer({ min: 1, max: 10_000 }), anew: fc.boolean() }), { maxLength: 50 }), (frames) => {
        const clock = new FrameClock();
        let [arrived, last] = [1_700_000_000_000, -Infinity];
        for (const { at, step, anew } of frames) {
          if (anew) clock.connect();
          arrived += step;
          const time = clock.timeOf(at, arrived, arrived);
          expect(Number.isSafeInteger(time) && time > last).toBe(true);
          expect(Math.abs(time - arrived)).toBeLessThanOrEqual(5000 + frames.length);
          last = time;
        }
      }),
    );
  });
});

describe('where the clock of the machine is set', () => {
  const HOUR = 3_600_000;

  test('ahead, times go with it; back, they go on at half the pace until it has caught up', () => {
    const clock = new FrameClock();
    clock.connect();
    const start = 1_700_000_000_000;
    /** A frame each second; the clock is `set` milliseconds off. */
    const at = (second: number, set: number): number => clock.timeOf(second, start + 1000 * second + set, 1000 * second) - start;
    expect([at(0, 0), at(1, 0), at(2, HOUR), at(3, HOUR)]).toEqual([0, 1000, HOUR + 2000, HOUR + 3000]);
    expect([at(4, 0), at(5, 0)]).toEqual([HOUR + 3500, HOUR + 4000]);
    const later = Array.from({ length: 7300 }, (_, i) => at(6 + i, 0));
    expect(later.at(-1)).toBe(1000 * (6 + 7299));
    expect(later.findIndex((time, i) => time === 1000 * (6 + i))).toBeGreaterThan(7100);
  });

  test('between two runs, the second goes on from the first, unless the record can only be wrong', () => {
    const start = 1_700_000_000_000;
    expect(new FrameClock(start + HOUR).timeOf(0, start, 5)).toBe(start + HOUR + 1);
    expect(new FrameClock(start - HOUR).timeOf(0, start, 5)).toBe(start);
    expect(new FrameClock(start + 25 * HOUR).timeOf(0, start, 5)).toBe(start);
  });

  test('whenever and however, times rise', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ step: fc.integer({ min: 0, max: 100_000 }), set: fc.integer({ min: -1e12, max: 1e12 }), at: fc.double({ min: 0, max: 1e6, noNaN: false }) }), { minLength: 2, maxLength: 40 }), (frames) => {
        const clock = new FrameClock();
        let [steady, last] = [0, -Infinity];
        for (const { step, set, at } of frames) {
          steady += step;
          const time = clock.timeOf(at, 1_700_000_000_000 + steady + set, steady);
          expect(Number.isSafeInteger(time) && time > last).toBe(true);
          last = time;
        }
      }),
    );
  });
});

describe('several cameras', () => {
  const feed = (name: string, count: number): Feed => {
    let next = 0;
    const take = (): Entry | null => (next < count ? { sample: { id: `${name}${next++}`, uri: '', stream: name, time: 0, label: null, origin: null } } : null);
    return { name, heard: 0, start: () => {}, take, close: () => Promise.resolve() };
  };
  const idsOf = (entries: readonly Entry[]): string[] => entries.map((entry) => ('sample' in entry ? entry.sample.id : entry.id));

  test('are asked in turn, and the next time where they were left', () => {
    const cameras = new Cameras([feed('a', 5), feed('b', 1), feed('c', 3)]);
    expect([3, 2, 9, 9].map((limit) => idsOf(cameras.take(limit)))).toEqual([['a0', 'b0', 'c0'], ['a1', 'c1'], ['a2', 'c2', 'a3', 'a4'], []]);
  });

  test('are waited for until something comes, or it is given up', async () => {
    let moved = (): void => {};
    const cameras = new Cameras([{ ...feed('a', 0), start: (tell) => (moved = tell) }]);
    cameras.start();
    const controller = new AbortController();
    const first = cameras.moved(1e8, controller.signal);
    moved();
    await expect(first).resolves.toBeUndefined();
    const second = cameras.moved(1e8, controller.signal);
    controller.abort();
    await expect(second).resolves.toBeUndefined();
    await expect(cameras.moved(1e8, controller.signal)).resolves.toBeUndefined();
  });
});

describe('ffmpeg', () => {
  test('opens what is meant and no file', () => {
    expect(inputOf({ url: 'rtsp://h/s', transport: 'udp' }).join(' ')).toMatch(/-protocol_whitelist \S*rtsp\S* .*-rtsp_transport udp .*-i rtsp:\/\/h\/s$/);
    expect(inputOf({ device: '/dev/video3' })).toEqual(['-f', 'v4l2', '-i', '/dev/video3']);
    for (const url of ['rtsp://h/s', 'https://h/s']) expect(inputOf({ url, transport: 'tcp' }).join(' ')).not.toContain('file');
  });

  test('is quoted without addresses', () => {
    expect(withoutAddresses('rtsp://u:p%20w@10.0.0.1:554/a?token=x: Connection refused')).toBe('the address: Connection refused');
    expect(withoutAddresses('[tcp] Connection to tcp://10.0.0.1:554?timeout=0 failed: no http://a:b@c/')).toBe('[tcp] Connection to the address failed: no the address');
  });
});
