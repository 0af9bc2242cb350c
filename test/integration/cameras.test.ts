/** Pipelines over cameras as a person runs them, with GStreamer's RTSP server, real sockets and the real ffmpeg. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openMetrics } from '../../infra/metrics/metrics.ts';
import { Camera } from '../../infra/sources/cameras/camera.ts';
import { openReader } from '../../infra/store/reader.ts';
import type { StoredDecision } from '../../infra/store/types.ts';
import { cameraEvents } from '../../pipelines/live/events.ts';
import type { Alert } from '../../schemas/decision.ts';
import { type Running, sluice, start, stateOf, until } from '../support/cli.ts';
import { makePictures, newFolder } from '../support/folders.ts';
import { startGarbage, startMotionJpeg } from '../support/http-camera.ts';
import { startRtsp } from '../support/rtsp.ts';
import { ffmpegsOf } from '../support/video.ts';

interface Pipeline {
  readonly folder: string;
  readonly file: string;
  readonly out: string;
}

function writeCameras(cameras: readonly string[], more = ''): Pipeline {
  const folder = newFolder();
  const file = join(folder, 'cameras.yaml');
  const out = join(folder, 'out');
  writeFileSync(file, `name: yard\nsource:\n  cameras:\n${cameras.map((camera) => `    - { ${camera} }\n`).join('')}out: out\nworkers: 1\nbudget: { share: 0.5 }\nhttp: { port: 0 }\n${more}`);
  return { folder, file, out };
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

  test('of two RTSP cameras one dies and returns: the other goes on, one alert is raised, and frames of both are decided to the end', async () => {
    const [gate, yard] = [await startRtsp(), await startRtsp({ first: 24 })];
    const pipeline = writeCameras([`name: gate, url: '${gate.url}'`, `name: yard, url: '${yard.url}', stall_after: 2s, silent_after: 5s`]);
    const run = await running(pipeline);
    await until('frames of both', () => decided(pipeline.out, 'gate') > 0 && decided(pipeline.out, 'yard') > 0);
    // On a machine with much to do its first frame may come late.
    const early = foundIn(pipeline.out).alerts.length;
    await yard.kill();
    const before = decided(pipeline.out, 'gate');
    await until('the alert', () => foundIn(pipeline.out).alerts.length > early);
    await until('frames of the other meanwhile', () => decided(pipeline.out, 'gate') > before + 5);
    const lastOfDead = decided(pipeline.out, 'yard');
    await startRtsp({ first: 24, port: yard.port });
    await until('frames of the one that returned', () => decided(pipeline.out, 'yard') > lastOfDead + 5);
    const metrics = await (await fetch(`${run.url}/metrics`)).text();
    run.signal('SIGINT', 'alone');
    const { code, stderr } = await run.ended;
    expect(code).toBe(0);
    expect(stderr.match(/camera yard: frames come/g)?.length).toBe(2);
    expect(stderr).toMatch(/camera yard: SLUICE_E_CAMERA_UNREACHABLE: .*trying again in 0\.\d s/);
    expect(stderr).not.toMatch(/camera gate: SLUICE_E/);
    const { alerts, decisions } = foundIn(pipeline.out);
    expect(alerts.slice(early).map(({ kind, streams }) => [kind, streams])).toEqual([['health.silent', ['yard']]]);
    expect(decisions.filter(({ verdict }) => verdict === 'admit').length).toBeGreaterThan(0);
    expect(metrics).toContain(`sluice_alerts_total{kind="health.silent",pipeline="yard"} ${early + 1}\n`);
    expect(metrics).toMatch(/sluice_camera_connected\{camera="yard",pipeline="yard"\} 1/);
    // The silence is an event of the record: a replay meets it, and decides alike.
    const replayed = await sluice('replay', pipeline.out, '--json');
    expect([replayed.code, replayed.stderr]).toEqual([0, expect.not.stringContaining('SLUICE_E')]);
    // What dies is gone for good: no ffmpeg is left behind.
    expect(stateOf(run.pid)).toBeNull();
  });

  test('a camera that sends garbage, one that is not there and a webcam that is not plugged in hold up nobody; each is told of once', async () => {
    const [{ url }, garbage, gone] = [await startRtsp(), await startGarbage(), await startRtsp()];
    await gone.kill();
    const pipeline = writeCameras([`name: noise, url: '${garbage.url}'`, `name: gone, url: '${gone.url}', username: { env: U }, password: { env: P }`, `name: webcam, device: /dev/video987`, `name: gate, url: '${url}'`]);
    const run = await running(pipeline, { U: 'viewer', P: 's3cret' });
    await until('frames of the good one, and three attempts at the bad one', () => decided(pipeline.out, 'gate') >= 5 && garbage.asked() >= 3);
    run.signal('SIGTERM', 'alone');
    const { code, stderr } = await run.ended;
    expect(code).toBe(0);
    expect(stderr.match(/camera noise: SLUICE_E_CAMERA_UNREACHABLE: ffmpeg says/g)?.length).toBe(1);
    expect(stderr.match(/camera gone: SLUICE_E_CAMERA_UNREACHABLE: ffmpeg says.*Connection refused/g)?.length).toBe(1);
    expect(stderr.match(/camera webcam: SLUICE_E_CAMERA_DEVICE: \/dev\/video987 is not there/g)?.length).toBe(1);
    expect(stderr).not.toMatch(/s3cret|127\.0\.0\.1:\d+\/(live|video)/);
    expect(new Set(foundIn(pipeline.out).decisions.map(({ stream }) => stream))).toEqual(new Set(['gate']));
  });

  test('every file of a folder that grows is decided once, in this run or the next', async () => {
    const pipeline = writeCameras(['name: line, folder: grows']);
    const folder = join(pipeline.folder, 'grows');
    mkdirSync(folder);
    await makePictures(40, { folder });
    writeFileSync(join(folder, 'notes.txt'), 'no picture');
    const first = await running(pipeline);
    await until('the first files', () => decided(pipeline.out, 'line') === 40);
    await makePictures(40, { folder, first: 40 });
    await until('the others', () => decided(pipeline.out, 'line') > 40);
    first.signal('SIGTERM', 'alone');
    expect((await first.ended).code).toBe(0);
    await makePictures(20, { folder, first: 80 });
    const second = await running(pipeline);
    await until('all', () => decided(pipeline.out, 'line') === 100);
    second.signal('SIGTERM', 'alone');
    expect((await second.ended).stderr).toContain('100 decided in all');
    const { decisions } = foundIn(pipeline.out);
    expect(decisions.map(({ id }) => id).sort()).toEqual(Array.from({ length: 100 }, (_, i) => `line/${String(i).padStart(4, '0')}.jpg`));
  });

  test('without ffmpeg nothing is begun', async () => {
    const pipeline = writeCameras(['name: gate, url: "rtsp://127.0.0.1:9/live"']);
    const { code, stderr } = await start(['run', pipeline.file], { env: { PATH: newFolder() } }).ended;
    expect([code, existsSync(pipeline.out)]).toEqual([1, false]);
    expect(stderr).toContain('SLUICE_E_FFMPEG');
  });
});

describe('a camera that sends more than is taken', { timeout: 60_000 }, () => {
  test('keeps the newest frame, and counts and tells those it drops', async () => {
    const { url } = await startMotionJpeg();
    const metrics = openMetrics('yard', '0');
    const said: string[] = [];
    const events = cameraEvents(['gate'], metrics, (line) => void said.push(line), () => performance.now());
    let dropped = 0;
    const counting = { ...events, dropped: (name: string) => (dropped++, events.dropped(name)) };
    const camera = new Camera({ name: 'gate', place: { url, transport: 'tcp' }, fps: null, stall: 10_000, record: null }, counting, () => 0.5);
    try {
      camera.start(() => {});
      await until('fifty frames that nobody takes', () => dropped >= 50);
      const [before, entry] = [dropped, camera.take()];
      expect(await metrics.text()).toContain(`sluice_frames_dropped_total{camera="gate",reason="overtaken",pipeline="yard"} ${before}\n`);
      // All that came before it are dropped, and it is the last.
      expect(entry !== null && 'sample' in entry && entry.bytes?.length).toBeGreaterThan(0);
      expect(camera.take()).toBeNull();
      expect(said.filter((line) => line.includes('dropped so far')).length).toBe(1);
    } finally {
      await camera.close();
      metrics.close();
    }
    expect(ffmpegsOf(process.pid)).toEqual([]);
  });
});
