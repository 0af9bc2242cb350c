import { describe, expect, test } from 'vitest';
import { cameraEvents } from '../../../../pipelines/live/events.ts';
import { Silences } from '../../../../pipelines/live/silences.ts';
import { SluiceError } from '../../../../schemas/errors.ts';

function watched() {
  const said: string[] = [];
  const counted: string[] = [];
  const clock = { now: 0 };
  const metrics = { camera: (camera: string, connected: boolean, lost: boolean) => void counted.push(`${camera} ${connected} ${lost}`), overtaken: (camera: string) => void counted.push(`${camera} overtaken`) };
  return { said, counted, clock, events: cameraEvents(['gate', 'yard'], metrics, (line) => void said.push(line), () => clock.now) };
}

describe('what happens to cameras', () => {
  const gone = new SluiceError('SLUICE_E_CAMERA_UNREACHABLE', 'its stream ended after 7 frames');

  test('a fault that repeats itself is said once, until frames come; each is counted', () => {
    const { said, counted, events } = watched();
    for (let i = 0; i < 3; i++) events.lost('gate', gone, 500);
    events.connected('gate');
    events.lost('gate', gone, 500);
    expect(said).toEqual([
      'camera gate: SLUICE_E_CAMERA_UNREACHABLE: its stream ended after 7 frames; trying again in 0.5 s, and from then on',
      'camera gate: frames come',
      'camera gate: SLUICE_E_CAMERA_UNREACHABLE: its stream ended after 7 frames; trying again in 0.5 s, and from then on',
    ]);
    expect(counted).toEqual(['gate false false', 'yard false false', 'gate false true', 'gate false true', 'gate false true', 'gate true false', 'gate false true']);
  });

  test('it is known from which no frames come', () => {
    const { events } = watched();
    expect(events.away).toEqual(['gate', 'yard']);
    events.connected('yard');
    expect(events.away).toEqual(['gate']);
  });

  test('dropped frames are all counted, and spoken of once a minute', () => {
    const { said, counted, clock, events } = watched();
    for (const now of [0, 1, 59_999, 60_000]) {
      clock.now = now;
      events.dropped('gate');
    }
    expect(said.map((line) => line.slice(0, 29))).toEqual(['camera gate: 1 frame dropped ', 'camera gate: 4 frames dropped']);
    expect(counted.filter((line) => line === 'gate overtaken').length).toBe(4);
  });
});

test('a camera is silent once, until something comes', () => {
  const feeds = [{ name: 'gate', heard: 0 }, { name: 'yard', heard: 0 }];
  let now = 0;
  const silences = new Silences(feeds.map((feed, i) => ({ feed, after: (i + 1) * 1000 })), () => now);
  const at = (time: number): readonly string[] => {
    now = time;
    return silences.due();
  };
  expect([at(999), at(1000), at(1500), at(2000), at(9000)]).toEqual([[], ['gate'], [], ['yard'], []]);
  feeds[0] = Object.assign(feeds[0] ?? { name: '', heard: 0 }, { heard: 9500 });
  expect([at(10_000), at(10_500), at(10_501)]).toEqual([[], ['gate'], []]);
});
