/** The gate over a real video: a scene that stands still for a while, and changes now and then. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { StoredDecision } from '../../infra/store/types.ts';
import { reading } from '../../pipelines/commands/read.ts';
import { curated, jsonLines, sluice } from '../support/cli.ts';
import { makePictures, newFolder, newPlace } from '../support/folders.ts';
import { ffmpeg } from '../support/video.ts';

/** Scenes, and how many frames each stands. */
const [SCENES, STANDS] = [6, 20];
const FRAMES = SCENES * STANDS;

const decisionsOf = (dir: string): readonly StoredDecision[] => reading(dir, (reader) => [...reader.decisions()]);

describe('a video of scenes that stand still', { timeout: 240_000 }, () => {
  const clip = join(newFolder(), 'still.mp4');
  const out = newPlace();

  beforeAll(async () => {
    const { folder } = await makePictures(SCENES);
    ffmpeg('-framerate', '1', '-i', join(folder, '%04d.jpg'), '-vf', `scale=160:120,fps=${STANDS}`, '-c:v', 'mpeg4', '-q:v', '4', '-g', '12', clip);
    await curated(clip, out, { budget: 0.25 });
  });

  test('embeds those that show something else, and rejects the others unseen, which it says', async () => {
    const decisions = decisionsOf(out);
    expect(decisions.map(({ seq }) => seq)).toEqual(Array.from({ length: FRAMES }, (_, i) => i));
    const unseen = decisions.filter(({ reasons }) => reasons[0]?.code === 'unchanged');
    expect(unseen.length).toBeGreaterThanOrEqual(FRAMES - 3 * SCENES);
    expect(unseen.every(({ verdict, cluster, score, quality }) => verdict === 'reject' && cluster === null && score === null && quality === null)).toBe(true);
    // The first frame of each scene passes.
    for (let scene = 0; scene < SCENES; scene++) expect(decisions.slice(scene * STANDS, scene * STANDS + 3).some(({ cluster }) => cluster !== null), `scene ${scene}`).toBe(true);
    const explained = (await sluice('explain', out, unseen[0]?.id ?? '')).stdout;
    expect(explained).toContain('not looked at');
    const lines = jsonLines((await sluice('export', out, '--format', 'jsonl', '--verdict', 'all', '--to', '-')).stdout);
    expect(lines.length).toBe(FRAMES);
    expect((await sluice('replay', out)).code).toBe(0);
    expect(await sluice('rescue', out, unseen[0]?.id ?? '', '--json')).toMatchObject({ code: 1, stdout: `${JSON.stringify({ turned: 0, unchanged: 0, unknown: [], unseen: [unseen[0]?.id], copied: 0, lost: [] })}\n` });
  });

  test('decides the same for every batch size; without the gate every frame is embedded', async () => {
    const plain = (dir: string): readonly unknown[] => decisionsOf(dir).map((decision) => ({ ...decision, uri: '' }));
    for (const batch of [1, 7]) {
      const other = newPlace();
      await curated(clip, other, { budget: 0.25, batch });
      expect(plain(other)).toEqual(plain(out));
    }
    const whole = newPlace();
    expect(await curated(clip, whole, { budget: 0.25, gate: 'off' })).toMatchObject({ embedded: FRAMES });
    expect(decisionsOf(whole).some(({ cluster }) => cluster === null)).toBe(false);
  });

  test('forgets frames that nobody has looked at as well', async () => {
    const [one] = decisionsOf(out).filter(({ cluster }) => cluster === null);
    const { code, stdout } = await sluice('forget', out, one?.id ?? '', '--json');
    expect([code, jsonLines(stdout)[0]?.['forgotten']]).toEqual([0, 1]);
  });
});
