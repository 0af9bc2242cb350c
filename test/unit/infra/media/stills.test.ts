import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { firstComplaint } from '../../../../infra/media/ffmpeg.ts';
import { Pipe } from '../../../../infra/media/pipe.ts';
import { Stills } from '../../../../infra/media/stills.ts';
import { stateOf, until } from '../../../support/cli.ts';
import { ffmpegsOf } from '../../../support/video.ts';

const ENDLESS = ['-f', 'lavfi', '-i', 'testsrc2=size=640x480:rate=25'];
const SECONDS = (n: number): string[] => ['-f', 'lavfi', '-i', `testsrc2=size=64x48:rate=10:duration=${n}`];

/** The process group. */
function groupOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
}

async function timesOf(stills: Stills): Promise<number[]> {
  onTestFinished(() => stills.close());
  const times: number[] = [];
  for (let still = await stills.next(); still !== null; still = await stills.next()) {
    expect(Buffer.from(still.jpeg.subarray(0, 3)).toString('hex')).toBe('ffd8ff');
    expect(Buffer.from(still.jpeg.subarray(-2)).toString('hex')).toBe('ffd9');
    times.push(Number(still.at.toFixed(6)));
  }
  return times;
}

describe('a pipe', () => {
  test('gives pieces and lines as they are asked for, however they come', async () => {
    const stream = new PassThrough();
    const pipe = new Pipe(stream);
    const first = pipe.take(5);
    for (const text of ['ab', 'c', 'defg']) stream.write(text);
    expect(String(await first)).toBe('abcde');
    expect(String(await pipe.take(2))).toBe('fg');
    const big = pipe.take(300_000);
    for (let i = 0; i < 30; i++) stream.write(Buffer.alloc(10_000, i));
    expect((await big)?.length).toBe(300_000);
    const line = pipe.line();
    stream.write('one\ntw');
    expect(await line).toBe('one');
    stream.end('o\nrest');
    expect([await pipe.line(), await pipe.line(), await pipe.take(1)]).toEqual(['two', null, null]);
  });

  test('that ends within a piece has none', async () => {
    const stream = new PassThrough();
    const pipe = new Pipe(stream);
    const piece = pipe.take(10);
    stream.end('short');
    expect(await piece).toBeNull();
    const broken = new PassThrough();
    const waiting = new Pipe(broken).take(1);
    broken.destroy();
    expect(await waiting).toBeNull();
  });
});

describe('stills', () => {
  test('are all frames with their times, or the first of each slot, and never one more than there are', async () => {
    const all = new Stills(SECONDS(2), null);
    expect(await timesOf(all)).toEqual(Array.from({ length: 20 }, (_, i) => i / 10));
    expect(await all.end()).toEqual({ well: true, complaint: '' });
    expect(await timesOf(new Stills(SECONDS(2), 2))).toEqual([0, 0.5, 1, 1.5]);
    expect(await timesOf(new Stills(SECONDS(2), 3))).toEqual([0, 0.4, 0.7, 1, 1.4, 1.7]);
    expect(await timesOf(new Stills(SECONDS(2), 10))).toHaveLength(20);
    expect(await timesOf(new Stills(SECONDS(2), 100))).toHaveLength(20);
    expect(await timesOf(new Stills(SECONDS(5), 0.5))).toEqual([0, 2, 4]);
  });

  test('wait until somebody pulls, and are gone when they are closed', async () => {
    const stills = new Stills(ENDLESS, null);
    onTestFinished(() => stills.close());
    expect((await stills.next())?.at).toBe(0);
    const [pid = 0] = ffmpegsOf(process.pid);
    // Ctrl-C in a terminal is not for it.
    expect(groupOf(pid)).toBe(pid);
    let asleep = 0;
    await until('ffmpeg to be held up', () => (asleep = stateOf(pid) === 'S' ? asleep + 1 : 0) === 20);
    // What its pipes and streams hold, and no more.
    expect(Number(/wchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1])).toBeLessThan(500_000);
    expect((await stills.next())?.at).toBeCloseTo(0.04, 6);
    await stills.close();
    expect(ffmpegsOf(process.pid)).not.toContain(pid);
    await stills.close();
  });

  test('of a process that another one ends are no end of the video', async () => {
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const stills = new Stills(ENDLESS, null);
      onTestFinished(() => stills.close());
      await stills.next();
      const [pid = 0] = ffmpegsOf(process.pid);
      process.kill(pid, signal);
      while ((await stills.next()) !== null);
      await expect(stills.end()).rejects.toMatchObject({ code: 'SLUICE_E_FFMPEG' });
    }
  });

  test('complaints are the first line, without what differs each time or moves a terminal', () => {
    expect(firstComplaint('\n[mov @ 0x55d0c1] bad\u001b[2J\u202e thing\r\nnext')).toBe('[mov] bad [2J  thing');
    expect(firstComplaint('x'.repeat(5000))).toHaveLength(200);
    expect(firstComplaint('')).toBe('');
  });
});
