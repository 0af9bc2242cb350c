import { describe, expect, test } from 'vitest';
import { lack, timeText } from '../../../../infra/sources/video.ts';
import { factsOf } from '../../../../infra/sources/video-file.ts';

test('a time has milliseconds, and more digits where they do not tell it from the one before', () => {
  const times = [0, 0.04, 0.0402, 0.0404, 0.0409, 0.040900004, 12.48];
  expect(times.map((at, i) => timeText(at, times[i - 1] ?? null))).toEqual(['0.000', '0.040', '0.040200', '0.040400', '0.041', '0.040900004', '12.480']);
  const close = Array.from({ length: 5000 }, (_, i) => i / 9000);
  expect(new Set(close.map((at, i) => timeText(at, close[i - 1] ?? null))).size).toBe(close.length);
});

test('what ffprobe answers, nonsense too', () => {
  const answer = { streams: [{ duration: '12.5', avg_frame_rate: '25/2' }], format: { tags: { creation_time: '2026-03-02T11:00:00.500000Z' } } };
  expect(factsOf(JSON.stringify(answer))).toEqual({ created: Date.UTC(2026, 2, 2, 11, 0, 0, 500), duration: 12.5, step: 0.08 });
  const nothing = { created: null, duration: null, step: 0 };
  for (const text of ['', '{', 'null', '[]', '{}', '{"streams":[{"duration":"N/A","avg_frame_rate":"0/0"}],"format":{"tags":{"creation_time":"yesterday"}}}']) expect(factsOf(text)).toEqual(nothing);
});

describe('what a video lacks', () => {
  const facts = { created: null, duration: 10, step: 0.1 };
  const good = { well: true, complaint: '' };
  test.each([
    [good, { frames: 100, at: 9.9 }, null, null],
    [good, { frames: 90, at: 8.9 }, null, null],
    [good, { frames: 3, at: 6.7 }, 0.3, null],
    [good, { frames: 60, at: 5.9 }, null, '60 frames could be decoded, the last at 5.900 s of 10.000 s'],
    [good, { frames: 0, at: 0 }, null, 'no frame could be decoded'],
    [{ well: false, complaint: '' }, { frames: 1, at: 0 }, null, '1 frame could be decoded, the last at 0.000 s of 10.000 s'],
    [{ well: true, complaint: 'damaged at 3' }, { frames: 100, at: 9.9 }, null, '100 frames could be decoded, the last at 9.900 s of 10.000 s; ffmpeg says "damaged at 3"'],
  ])('%j after %j, %s a second', (ending, standing, fps, cause) => {
    expect(lack(ending, standing, facts, fps)).toBe(cause);
  });
});
