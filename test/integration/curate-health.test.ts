/** The health of a camera in a real recording: from the video to the list of alerts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import type { CurateSettings } from '../../pipelines/embedded.ts';
import type { Alert } from '../../schemas/decision.ts';
import { DAMAGE, demoFrames } from '../support/camera.ts';
import { curated, sluice } from '../support/cli.ts';
import { newFolder, newPlace } from '../support/folders.ts';
import { ffmpeg } from '../support/video.ts';

const WELL = 50;
const ILL = 30;
let clip: string;

/** Two frames a second: 25 s of a door, then 15 s out of focus, then 15 s of its last picture. */
beforeAll(async () => {
  const folder = newFolder();
  for (const [i, file] of demoFrames('door').slice(0, WELL + ILL).entries()) {
    const frame = readFileSync(file);
    writeFileSync(join(folder, `${String(i).padStart(4, '0')}.jpg`), i < WELL ? frame : await DAMAGE.out_of_focus(frame));
  }
  clip = join(newFolder(), 'door.mp4');
  ffmpeg('-framerate', '2', '-i', join(folder, '%04d.jpg'), '-vf', `tpad=stop_mode=clone:stop=${ILL}`, '-c:v', 'mpeg4', '-q:v', '3', clip);
});

async function alertsOf(part: Partial<CurateSettings> = {}): Promise<readonly Alert[]> {
  const out = newPlace();
  await curated(clip, out, { budget: 0.5, ...part });
  const reader = openReader(out);
  const alerts = [...reader.alerts()];
  reader.close();
  return alerts.filter(({ kind }) => kind.startsWith('health.'));
}

describe('a camera that loses its focus, then freezes', { timeout: 120_000 }, () => {
  test('is told of, in whatever batches, once each', async () => {
    const [alerts, again] = [await alertsOf(), await alertsOf({ batch: 7 })];
    expect(alerts.map(({ kind, streams }) => [kind, streams])).toEqual([
      ['health.out_of_focus', ['default']],
      ['health.frozen', ['default']],
    ]);
    const [blurred = -1, frozen = -1] = alerts.map(({ seq }) => seq);
    // Due after 5 s; frames between the thresholds put it off.
    expect(blurred).toBeGreaterThanOrEqual(WELL + 10);
    expect(blurred).toBeLessThan(WELL + 20);
    expect(frozen).toBeGreaterThanOrEqual(WELL + ILL + 9);
    expect(alerts[0]?.exemplars).toEqual([0, 1, 2].map((back) => `door.mp4#t=${((blurred - back) / 2).toFixed(3)}`));
    expect(again).toEqual(alerts);
  });

  test('is not where that is off', async () => {
    expect(await alertsOf({ health: 'off' })).toEqual([]);
  });
});

test('an unknown word for --health is refused', async () => {
  expect(await sluice('curate', clip, '--out', newPlace(), '--health', 'yes')).toMatchObject({ code: 78, stderr: expect.stringContaining('--health must be one of auto, on, off, not "yes"') as string });
});
