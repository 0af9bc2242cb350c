import { expect, test } from 'vitest';
import { isFrame, keptFile } from '../../../../infra/sinks/frames.ts';
import { Names } from '../../../../infra/sinks/names.ts';

const SHA = 'ab'.repeat(32);

test.each([
  [`/run/media/ab/${SHA}.jpg`, `media/ab/${SHA}.jpg`],
  [`/run/media/ab/${SHA}.png`, `media/ab/${SHA}.png`],
  ['/videos/clip.mp4#t=0.040', null],
  ['s3://bucket/a.jpg', null],
  [`/other/media/ab/${SHA}.jpg`, null],
  [`/run/media/ab/${'cd'.repeat(32)}.jpg`, null],
])('a picture at %s is kept as %s', (uri, file) => {
  expect(keptFile('/run', { uri, digest: SHA })).toBe(file);
});

test('frames of one second have names and label files of their own', () => {
  expect(['clip.mp4#t=0.040', 'a.b/c.jpg', 'clip.mp4#t=x'].map(isFrame)).toEqual([true, false, false]);
  const names = new Names('images', '.txt');
  expect(['0.040', '0.080'].map((at, seq) => names.take(seq, `clip.mp4#t=${at}`, `/run/media/ab/${SHA}.jpg`))).toEqual([
    { image: 'clip.mp4#t=0.040.jpg', label: 'clip.mp4#t=0.040.txt' },
    { image: 'clip.mp4#t=0.080.jpg', label: 'clip.mp4#t=0.080.txt' },
  ]);
  // A rejected frame is in no file; its name has no ending to give.
  expect(names.take(2, 'clip.mp4#t=0.120', '/videos/clip.mp4#t=0.120').image).toMatch(/^clip\.mp4#t=0\.120/);
});
