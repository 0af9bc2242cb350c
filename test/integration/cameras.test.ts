/** Pipelines over cameras as a person runs them, with GStreamer's RTSP server, real sockets and the real ffmpeg. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import type { StoredDecision } from '../../infra/store/types.ts';
import type { Alert } from '../../schemas/decision.ts';
import { type Running, start, until } from '../support/cli.ts';
import { newFolder } from '../support/folders.ts';
import { startRtsp } from '../support/rtsp.ts';
import { ffmpegsOf } from '../support/video.ts';

interface Pipeline {
  readonly file: string;
  readonly out: string;
}

function writeCameras(cameras: readonly string[], more = ''): Pipeline {
  const folder = newFolder();
  const file = join(folder, 'cameras.yaml');
  const out = join(folder, 'out');
  writeFileSync(file, `name: yard\nsource:\n  cameras:\n${cameras.map((camera) => `    - { ${camera} }\n`).join('')}out: out\nworkers: 1\nbudget: { share: 0.5 }\nhttp: { port: 0 }\n${more}`);
  return { file, out };
}

/** What is decided by now, while the run goes on. */
function foundIn(out: string): { decisions: readonly StoredDecision[]; alerts: readonly Alert[] } {
  const reader = openReader(out);
  try {
    return { decisions: [...reader.decisions()], alerts: [...reader.alerts()] };
  } finally {
    reader.close();
  }
}

async function running({ file }: Pipeline, env: Record<string, string> = {}): Promise<Running & { readonly url: string }> {
  const run = start(['run', file], { env });
  const url = await until('the run to say where it is', () => /health and metrics at (\S+)/.exec(run.stderr())?.[1]);
  return { ...run, url };
}

const decided = (out: string, stream: string): number => foundIn(out).decisions.filter((each) => each.stream === stream).length;

describe('cameras', { timeout: 120_000 }, () => {
  test('frames of an RTSP camera behind a password are decided as they come, until a signal', async () => {
    const { url } = await startRtsp({ login: ['viewer', 'p@ss:w/rd'] });
    const pipeline = writeCameras([`name: gate, url: '${url}', username: { env: GATE_USER }, password: { env: GATE_PASSWORD }`]);
    const before = Date.now();
    const run = await running(pipeline, { GATE_USER: 'viewer', GATE_PASSWORD: 'p@ss:w/rd' });
    await until('ten frames', () => decided(pipeline.out, 'gate') >= 10);
    expect(await (await fetch(`${run.url}/ready`)).json()).toEqual({ ready: true, reasons: [] });
    expect((await fetch(`${run.url}/live`)).status).toBe(200);
    const children = ffmpegsOf(run.pid);
    expect(children.length).toBe(1);
    run.signal('SIGTERM', 'alone');
    const { code, stderr } = await run.ended;
    expect(code).toBe(0);
    expect(stderr).toContain('camera gate: frames come');
    expect(stderr).not.toContain('p@ss');
    const { decisions } = foundIn(pipeline.out);
    const times = decisions.map(({ time }) => time ?? 0);
    expect(decisions.map(({ id }) => id)).toEqual(times.map((time) => `gate/${new Date(time).toISOString()}`));
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(before);
    expect(times.at(-1)).toBeLessThanOrEqual(Date.now() + 5000);
    expect(new Set(decisions.map(({ verdict }) => verdict))).toEqual(new Set(['admit', 'reject']));
  });
});
