/** Videos as a source of `curate`, with the real ffmpeg, from the file to exports of what was admitted. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { exportTo } from '../../infra/sinks/export.ts';
import { openReader } from '../../infra/store/reader.ts';
import type { StoredDecision } from '../../infra/store/types.ts';
import { rateOf } from '../../pipelines/config/units.ts';
import type { CurateSettings } from '../../pipelines/embedded.ts';
import type { DeadLetter } from '../../schemas/decision.ts';
import { contentsOf, curated, sluice, start, stopped } from '../support/cli.ts';
import { newFolder, newPlace } from '../support/folders.ts';
import { ffmpeg, ffmpegsOf, makeClip } from '../support/video.ts';

const COUNT = 60;
let clip: string;
beforeAll(async () => {
  clip = await makeClip(COUNT, { args: ['-metadata', 'creation_time=2026-03-02T11:00:00Z'] });
});

interface Found {
  readonly decisions: readonly StoredDecision[];
  readonly dead: readonly DeadLetter[];
}

/** What a run decided; that every entry has one seq, without a gap, and every admitted frame its file. */
function foundIn(out: string): Found {
  const reader = openReader(out);
  const found = { decisions: [...reader.decisions()], dead: [...reader.dead()] };
  reader.close();
  const seqs = [...found.decisions, ...found.dead].map(({ seq }) => seq).sort((a, b) => a - b);
  expect(seqs).toEqual(seqs.map((_, i) => i));
  for (const { id, verdict, uri, digest } of found.decisions) {
    if (verdict === 'reject') expect(uri.endsWith(`/${id}`)).toBe(true);
    else expect([uri, sha256(uri)]).toEqual([join(out, 'media', digest.slice(0, 2), `${digest}.jpg`), digest]);
  }
  return found;
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** The same for two runs that decided alike, wherever their folders are. */
function alike(out: string): unknown {
  return JSON.parse(JSON.stringify(contentsOf(out)).replaceAll(out, 'OUT'));
}

function mediaOf(out: string): string[] {
  return readdirSync(join(out, 'media'), { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : [])).sort();
}

const run = (source: string, out: string, part: Partial<CurateSettings> = {}) => curated(source, out, { budget: 0.5, ...part });

describe('a video', { timeout: 120_000 }, () => {
  test('every frame is decided, in whatever batches; those admitted are files, and nothing else is', async () => {
    const outs = [newPlace(), newPlace()];
    for (const [i, batch] of [64, 1].entries()) expect(await run(clip, outs[i] ?? '', { batch })).toMatchObject({ decided: COUNT, dead: 0, embedded: COUNT });
    const [out = '', other = ''] = outs;
    const { decisions } = foundIn(out);
    expect(decisions.slice(0, 3).map(({ id, stream, time }) => [id, stream, time])).toEqual([0, 200, 400].map((ms) => [`clip.mp4#t=0.${String(ms).padStart(3, '0')}`, 'default', Date.UTC(2026, 2, 2, 11) + ms]));
    const admitted = decisions.filter(({ verdict }) => verdict === 'admit');
    expect(admitted.length).toBeGreaterThan(10);
    expect(mediaOf(out)).toEqual([...new Set(admitted.map(({ digest }) => `${digest}.jpg`))].sort());
    expect(admitted[0]?.quality).toMatchObject({ width: 160, height: 120 });
    expect(alike(other)).toEqual(alike(out));
    // Again there is nothing to do.
    expect(await run(clip, out)).toMatchObject({ resumed_from: COUNT, embedded: 0, decided: COUNT });
  });

  test('at a rate: the first frame of each slot; with times a budget per time is taken', async () => {
    const out = newPlace();
    expect(await run(clip, out, { fps: 1, budget: rateOf('30/minute') ?? 1 })).toMatchObject({ decided: COUNT / 5, dead: 0 });
    expect(foundIn(out).decisions.map(({ id }) => id)).toEqual(Array.from({ length: COUNT / 5 }, (_, i) => `clip.mp4#t=${i}.000`));
  });

  test('is turned as its container says', async () => {
    const turned = join(newFolder(), 'turned.mp4');
    ffmpeg('-i', clip, '-c', 'copy', '-metadata:s:v', 'rotate=90', '-frames:v', '2', turned);
    const out = newPlace();
    await run(turned, out);
    expect(foundIn(out).decisions[0]?.quality).toMatchObject({ width: 120, height: 160 });
  });

  test('labels come by id', async () => {
    const labels = join(newFolder(), 'labels.csv');
    writeFileSync(labels, 'path,label\nclip.mp4#t=0.200,cat\nclip.mp4#t=99.000,dog\n');
    const out = newPlace();
    expect((await run(clip, out, { labels })).said).toContain('1 label in labels.csv names an item that the source does not have: "clip.mp4#t=99.000"');
    const { decisions, dead } = foundIn(out);
    expect([decisions.map(({ label }) => label).slice(0, 3), dead]).toEqual([[null, 'cat', null], []]);
  });
});

describe('what is admitted can be exported', { timeout: 120_000 }, () => {
  let out: string;
  let admitted: readonly StoredDecision[];
  beforeAll(async () => {
    out = newPlace();
    await run(clip, out);
    admitted = foundIn(out).decisions.filter(({ verdict }) => verdict === 'admit');
  });

  async function exported(format: string): Promise<string> {
    const to = join(newFolder(), format);
    const reader = openReader(out);
    const warnings: string[] = [];
    await exportTo(reader, { format, to, verdict: 'admit' }, (text) => void warnings.push(text));
    reader.close();
    expect(warnings).toEqual([]);
    return to;
  }

  const digests = (dir: string): string[] => foundIds(dir).map(({ digest }) => digest).sort();
  function foundIds(dir: string): readonly StoredDecision[] {
    const reader = openReader(dir);
    const all = [...reader.decisions()];
    expect([...reader.dead()]).toEqual([]);
    reader.close();
    return all;
  }

  test('as YOLO: a folder with the frames, under names that trainers read', async () => {
    const to = await exported('yolo');
    const names = readFileSync(join(to, 'unlabelled.txt'), 'utf8').trimEnd().split('\n');
    expect(names[0]).toBe(`./images/${admitted[0]?.id}.jpg`);
    expect(names.map((name) => sha256(join(to, name)))).toEqual(admitted.map(({ digest }) => digest));
    const again = newPlace();
    await run(to, again);
    expect(digests(again)).toEqual(admitted.map(({ digest }) => digest).sort());
  });

  test('as COCO: relative to the folder of the run', async () => {
    const to = await exported('coco');
    const again = newPlace();
    await run(join(to, 'annotations/instances.json'), again, { root: out });
    expect(digests(again)).toEqual(admitted.map(({ digest }) => digest).sort());
  });

  test('as lines that name the files; and not over the video', async () => {
    const lines = readFileSync(await exported('jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as { uri: string });
    expect(lines.map(({ uri }) => sha256(uri))).toEqual(admitted.map(({ digest }) => digest));
    const sampled = newPlace();
    await run(clip, sampled, { fps: 1 });
    const reader = openReader(sampled);
    await expect(exportTo(reader, { format: 'jsonl', to: clip, verdict: 'all' })).rejects.toMatchObject({ code: 'SLUICE_E_USAGE', message: expect.stringContaining('made from') as string });
    reader.close();
  });
});

describe('a run that is stopped', { timeout: 120_000 }, () => {
  const args = (out: string): string[] => ['curate', clip, '--out', out, '--budget', '0.5', '--batch', '8', '--no-report', '--json'];
  let calm: unknown;
  let media: string[];
  beforeAll(async () => {
    const out = newPlace();
    await sluice(...args(out));
    [calm, media] = [alike(out), mediaOf(out)];
  }, 60_000);

  test.each([
    { at: '/media/', nth: 7, act: 'kill' },
    { at: 'before COMMIT', nth: 4, act: 'kill' },
  ] as const)('by kill -9 at %j goes on to the same decisions and files', async (point) => {
    const out = newPlace();
    expect((await start(args(out), { points: [point] }).ended).signal).toBe('SIGKILL');
    const [reader, kept] = [openReader(out), mediaOf(out).filter((name) => name.endsWith('.jpg'))];
    const before = [...reader.decisions()].filter(({ verdict }) => verdict === 'admit');
    reader.close();
    // The files were there first: some are of frames that no verdict was written of.
    expect(kept.length).toBeGreaterThan(new Set(before.map(({ digest }) => digest)).size);
    const { code, stdout } = await sluice(...args(out));
    const summary = JSON.parse(stdout) as { resumed_from: number; embedded: number };
    expect({ code, embedded: summary.embedded }).toEqual({ code: 0, embedded: COUNT - summary.resumed_from });
    expect(summary.resumed_from).toBeGreaterThan(0);
    expect(alike(out)).toEqual(calm);
    expect(mediaOf(out)).toEqual(media);
  });

  test('by Ctrl-C in the terminal takes no end of the child for the end of the video, and leaves none behind', async () => {
    // So large that pipes do not hold what is left of it.
    const large = await makeClip(COUNT, { name: 'large.mp4', args: ['-s', '960x720'] });
    const on = (out: string): string[] => ['curate', large, '--out', out, '--budget', '0.5', '--batch', '2', '--no-report', '--json'];
    const [out, undisturbed] = [newPlace(), newPlace()];
    const running = start(on(out), { points: [{ at: 'after COMMIT', nth: 4, act: 'stop' }] });
    await stopped(running);
    const children = ffmpegsOf(running.pid);
    expect(children).toHaveLength(1);
    running.signal('SIGINT', 'group');
    running.signal('SIGCONT', 'group');
    const { code, stderr } = await running.ended;
    expect({ code, stderr }).toMatchObject({ code: 130, stderr: expect.stringContaining('SLUICE_E_INTERRUPTED') as string });
    for (const pid of children) expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(foundIn(out).dead).toEqual([]);
    expect((await sluice(...on(out))).code).toBe(0);
    await sluice(...on(undisturbed));
    expect(alike(out)).toEqual(alike(undisturbed));
  });
});

describe('what is no whole video', { timeout: 120_000 }, () => {
  async function brokenAt(path: string): Promise<Found & { readonly letter: DeadLetter | undefined }> {
    const out = newPlace();
    await run(path, out);
    const found = foundIn(out);
    expect(found.dead).toHaveLength(1);
    const [letter] = found.dead;
    expect(letter).toMatchObject({ id: basename(path), code: 'SLUICE_E_VIDEO_BROKEN', seq: found.decisions.length });
    // It is one letter also when the file is tried again.
    expect(await run(path, out)).toMatchObject({ resumed_from: found.decisions.length + 1, embedded: 0, dead: 1 });
    return { ...found, letter };
  }

  const put = (name: string, bytes: string | Buffer): string => {
    const path = join(newFolder(), name);
    writeFileSync(path, bytes);
    return path;
  };

  test.each(['mkv', 'avi', 'ts.mpg'])('cut off (.%s): what is there is decided, the rest is one letter that says how far it went', async (kind) => {
    const whole = await makeClip(COUNT, { name: `whole.${kind}`, args: kind === 'ts.mpg' ? ['-f', 'mpegts'] : [] });
    const bytes = readFileSync(whole);
    const path = put(basename(whole), bytes.subarray(0, Math.floor(bytes.length * 0.6)));
    const { decisions, letter } = await brokenAt(path);
    expect(decisions.length).toBeGreaterThan(COUNT / 4);
    expect(decisions.length).toBeLessThan(COUNT);
    expect(letter?.cause).toMatch(/^\d+ frames could be decoded, the last at \d+\.\d{3} s/);
  });

  test('garbage in the middle: the frames round it are decided', async () => {
    const bytes = readFileSync(await makeClip(COUNT, { name: 'noise.avi' }));
    bytes.fill(0x5a, Math.floor(bytes.length * 0.5), Math.floor(bytes.length * 0.6));
    const { decisions, letter } = await brokenAt(put('noise.avi', bytes));
    expect(decisions.length).toBeGreaterThan(COUNT / 2);
    expect(decisions.at(-1)?.id).toMatch(/#t=1[01]\./);
    expect(letter?.cause).toMatch(/ffmpeg says "/);
  });

  test('nothing to see: no bytes, a text, sound alone', async () => {
    const sound = join(newFolder(), 'sound.mp4');
    ffmpeg('-f', 'lavfi', '-i', 'sine=duration=1', sound);
    for (const path of [put('empty.mp4', ''), put('text.mkv', 'once upon a time'), sound]) {
      const { decisions, letter } = await brokenAt(path);
      expect(decisions).toEqual([]);
      expect(letter?.cause).toMatch(/^no frame could be decoded; ffmpeg says "/);
    }
  });

  test('a playlist or list of files that is called a video opens nothing', async () => {
    const folder = newFolder();
    copyFileSync(clip, join(folder, 'secret.ts'));
    copyFileSync(clip, join(folder, 'secret.mp4'));
    const lists = {
      'hls.mp4': `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://${folder}/secret.ts\n#EXT-X-ENDLIST\n`,
      'concat.mkv': `ffconcat version 1.0\nfile secret.mp4\n`,
      'dash.mp4': `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet><Representation id="0"><BaseURL>secret.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>`,
      'sdp.avi': 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n',
    };
    for (const [name, text] of Object.entries(lists)) {
      writeFileSync(join(folder, name), text);
      expect((await brokenAt(join(folder, name))).decisions).toEqual([]);
    }
    // A name is a name, not an address.
    copyFileSync(clip, join(folder, 'concat:a|b.mp4'));
    const out = newPlace();
    expect(await run(join(folder, 'concat:a|b.mp4'), out)).toMatchObject({ decided: COUNT, dead: 0 });
  });
});

test('without ffmpeg only videos fail, and say what to do', { timeout: 60_000 }, async () => {
  const env = { PATH: newFolder() };
  const { code, stderr } = await start(['curate', clip, '--out', newPlace()], { env }).ended;
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^sluice: ffprobe could not be started: it was not found along PATH\n {2}Install ffmpeg .* \[SLUICE_E_FFMPEG\]\n$/) as string });
  expect((await start(['curate', newFolder(), '--out', newPlace()], { env }).ended).code).toBe(0);
  expect((await start(['doctor'], { env }).ended).stdout).toMatch(/ffmpeg.*videos need it/s);
  expect(() => execFileSync('ffmpeg', ['-version'])).not.toThrow();
});
