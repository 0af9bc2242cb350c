import { describe, expect, test } from 'vitest';
import type { Batch } from '../../../operators/ports.ts';
import { progress, progressLine } from '../../../pipelines/progress.ts';

/** A batch of which only what progress counts is there. */
function batch(admitted: number, rejected: number, dead: number): Batch {
  const verdicts = [...Array<'admit'>(admitted).fill('admit'), ...Array<'reject'>(rejected).fill('reject')];
  return { decisions: verdicts.map((verdict) => ({ verdict })), dead: { length: dead } } as unknown as Batch;
}

function stream(isTTY: boolean): { readonly stream: NodeJS.WriteStream; readonly written: string[] } {
  const written: string[] = [];
  return { written, stream: { isTTY, write: (text: string) => written.push(text) > 0 } as unknown as NodeJS.WriteStream };
}

describe('progress', () => {
  test('elsewhere than on a terminal: a whole line every five seconds, and none at the end', () => {
    const { stream: to, written } = stream(false);
    let now = 0;
    const shown = progress(to, 100, () => 0, () => now);
    for (now of [1000, 4999, 5000, 9000, 10_500]) shown.add(batch(2, 7, 1));
    shown.end();
    expect(written).toEqual(['30 of 100 decided, 6 kept, 6 images/s, 12 s left\n', '50 of 100 decided, 10 kept, 5 images/s, 11 s left\n']);
  });

  test('on a terminal: one line, written over five times a second, closed at the end', () => {
    const { stream: to, written } = stream(true);
    let now = 0;
    const shown = progress(to, null, () => 0, () => now);
    for (now of [100, 200, 300]) shown.add(batch(1, 0, 0));
    now = 1000;
    shown.end();
    expect(written).toEqual(['\r\u001b[2K2 decided, 2 kept, 10 images/s', '\r\u001b[2K3 decided, 3 kept, 3 images/s', '\n']);
  });

  test('a run that had nothing to do says nothing', () => {
    for (const isTTY of [true, false]) {
      const { stream: to, written } = stream(isTTY);
      progress(to, 10, () => 10).end();
      expect(written).toEqual([]);
    }
  });

  test('what was settled before counts neither as done nor as to be done', () => {
    const { stream: to, written } = stream(false);
    let now = 0;
    let settled = 0;
    const shown = progress(to, 100, () => settled, () => now);
    settled = 60;
    now = 5000;
    shown.add(batch(0, 10, 0));
    expect(written).toEqual(['10 of 40 decided, 0 kept, 2 images/s, 15 s left\n']);
    // Entries that the source did not announce do not make it pass its end.
    settled = 95;
    now = 10_000;
    shown.add(batch(0, 10, 0));
    expect(written[1]).toBe('20 of 20 decided, 0 kept, 2 images/s, 0 s left\n');
  });
});

test.for([
  [{ done: 0, admitted: 0, total: 10, seconds: 0 }, '0 of 10 decided, 0 kept, 0 images/s'],
  [{ done: 1, admitted: 1, total: 90, seconds: 1 }, '1 of 90 decided, 1 kept, 1 images/s, 89 s left'],
  [{ done: 1, admitted: 1, total: 92, seconds: 1 }, '1 of 92 decided, 1 kept, 1 images/s, 2 min left'],
  [{ done: 10, admitted: 1, total: 54_010, seconds: 1 }, '10 of 54010 decided, 1 kept, 10 images/s, 1.5 h left'],
] as const)('progressLine of %j', ([figures, line]) => {
  expect(progressLine(figures)).toBe(line);
});
