/**
 * Builds the demo stream in examples/demo from the original data sets: see examples/README.md.
 *   npx node examples/build-demo.ts --data DIR [--out DIR] [--seed N]
 * Same data, seed and versions of sharp and ffmpeg = same bytes. Needs ffmpeg; the demo itself does not.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp, { type Sharp } from 'sharp';
import { oddFiles, prng } from '../test/support/images.ts';
import {
  BOTTLES,
  BOTTLE_VIEWS,
  DAY,
  DOOR,
  DROPPED,
  EMPTY_LINE,
  EMPTY_VIEWS,
  LEFT_OUT,
  LOOKALIKES,
  QUALITY,
  ROWS_BEFORE_NEW_KIND,
  SHARE,
  SHORT_SIDE,
  START,
  STREET,
  VIDEOS,
  WRONG,
  type Camera,
  type Run,
  type View,
} from './demo-plan.ts';

// --------------------------------------------------------------------------------------------------------------------------- shapes

interface Photo {
  readonly path: string;
  readonly label: string;
  readonly sender: string;
}
interface Frame {
  readonly camera: Camera;
  readonly frame: number;
  readonly view?: View;
  readonly newKind?: true;
}
/** What a camera sends at some millisecond of the day. */
interface Shot {
  readonly stream: string;
  readonly at: number;
  readonly label: string;
  readonly shown: Photo | Frame;
}
/** A row that something is to be said about: `outcome` is verdict or dead. */
interface Expectation {
  readonly outcome: string;
  readonly why: string;
}
interface Row {
  readonly path: string;
  readonly stream: string;
  readonly time: string;
  readonly label: string;
  readonly shot?: Shot;
  readonly bytes?: Buffer;
  readonly expected?: Expectation;
}

const digest = (seed: number, text: string): string => createHash('sha256').update(`${seed}:${text}`).digest('hex');
const bySeed = <T>(items: readonly T[], seed: number, key: (item: T) => string): T[] =>
  items
    .map((item) => ({ item, order: digest(seed, key(item)) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ item }) => item);
const groups = <T>(items: readonly T[], key: (item: T) => string): T[][] => [...Map.groupBy(items, key).values()];
const frames = (runs: readonly Run[], offset: number): number[] =>
  runs.flatMap(([from, to, step]) => Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step + offset));

// -------------------------------------------------------------------------------------------------------------------- the wardrobes

/** Usable photos in a seeded order. The set's own CSV has no quoted fields. */
async function readPhotos(data: string, seed: number): Promise<Photo[]> {
  const [, ...lines] = (await readFile(join(data, 'clothing-cc0/labels.csv'), 'utf8')).trim().split('\n');
  const photos = lines.map((line): Photo => {
    const [path = '', label = '', sender = ''] = line.split(',');
    return { path, label, sender };
  });
  const usable = photos.filter(({ path, label }) => !DROPPED.has(label) && !LEFT_OUT.has(basename(path).slice(0, 8)));
  return bySeed(usable, seed, ({ path }) => path);
}

/** The same share of each class, at least five. */
const pick = (photos: readonly Photo[]): Photo[] =>
  groups(photos, ({ label }) => label).flatMap((all) => all.slice(0, Math.max(5, Math.round(all.length * SHARE))));

/** Whole senders go to one of two cameras, the largest first to the emptier one: each camera has its own rooms and its own light. */
function shareOut(photos: readonly Photo[]): Map<string, Photo[]> {
  const [a, b]: [Photo[], Photo[]] = [[], []];
  const senders = bySeed(
    groups(photos, ({ sender }) => sender),
    0,
    (all) => all[0]?.sender ?? '',
  ).sort((x, y) => y.length - x.length);
  for (const sender of senders) (a.length * 0.8 <= b.length ? a : b).push(...sender);
  return new Map([
    ['wardrobe-a', a],
    ['wardrobe-b', b],
  ]);
}

/** A camera's day: sittings of up to eight photos of one sender, some seconds apart, in a seeded order, evenly over the day. */
function sittings(stream: string, photos: readonly Photo[], seed: number): Shot[] {
  const senders = groups(photos, ({ sender }) => sender);
  const chunks = senders.flatMap((all) => Array.from({ length: Math.ceil(all.length / 8) }, (_, i) => all.slice(i * 8, i * 8 + 8)));
  const draw = prng(seed + photos.length);
  let before = 0;
  return bySeed(chunks, seed, (chunk) => chunk[0]?.path ?? '').flatMap((chunk) => {
    let at = (DAY * before) / photos.length + draw() * 20_000;
    before += chunk.length;
    return chunk.map((shown): Shot => ({ stream, at: (at += 4000 + draw() * 10_000), label: shown.label, shown }));
  });
}

// ------------------------------------------------------------------------------------------------------------------ the video cameras

const burst = (camera: Camera, at: number, chosen: readonly number[], view?: View): Shot[] =>
  chosen.map((frame): Shot => ({
    stream: camera,
    at: at + (frame - (chosen[0] ?? 0)) * VIDEOS[camera].frameMs,
    label: '',
    shown: { camera, frame, ...(view && { view }) },
  }));

/** The video twice a day in its own order: even frames before noon, the odd ones between them after it, so that what was seen returns. */
function twice(camera: Camera, events: readonly (readonly Run[])[], seed: number): Shot[] {
  const draw = prng(seed + events.length);
  return [0, 1].flatMap((half) =>
    events.flatMap((runs, i) => burst(camera, DAY * (half * 0.5 + (0.46 * (i + draw() * 0.7)) / events.length + 0.01), frames(runs, half))),
  );
}

/** The line with nothing on it, all day long: four frames every now and then, seen from three sides. */
function emptyLine(seed: number): Shot[] {
  const draw = prng(seed + 77);
  return Array.from({ length: 20 }, (_, i) => {
    const runs = EMPTY_LINE.slice(i % EMPTY_LINE.length).slice(0, 1);
    return burst('line-1', (DAY * (i + draw() * 0.8)) / 20, frames(runs, Math.floor(i / EMPTY_LINE.length)), EMPTY_VIEWS[i % EMPTY_VIEWS.length]);
  }).flat();
}

/** The visits of bottles, evenly from `from` to the end of the day, half a minute between the frames of one. */
function bottles(from: number, seed: number): Shot[] {
  const draw = prng(seed + 99);
  return BOTTLES.flatMap(([view, chosen], i) => {
    const at = from + ((DAY * 0.985 - from) * (i + (i === 0 ? 0 : draw() * 0.6))) / BOTTLES.length;
    return chosen.map((frame, n): Shot => ({
      stream: 'line-1',
      at: at + n * (20_000 + draw() * 15_000),
      label: '',
      shown: { camera: 'line-1', frame, view: BOTTLE_VIEWS[view], newKind: true },
    }));
  });
}

function planShots(photos: readonly Photo[], seed: number): Shot[] {
  const known = [
    ...[...shareOut(photos)].flatMap(([stream, own]) => sittings(stream, own, seed)),
    ...twice('street', STREET, seed),
    ...twice('door', DOOR, seed),
    ...emptyLine(seed),
  ].sort((a, b) => a.at - b.at);
  const shots = [...known, ...bottles(known[ROWS_BEFORE_NEW_KIND]?.at ?? DAY / 2, seed)].sort((a, b) => a.at - b.at);
  // Two cameras may press the shutter in the same millisecond; event times still increase.
  let last = -1;
  return shots.map((shot) => ({ ...shot, at: (last = Math.max(last + 1, Math.round(shot.at))) }));
}

// ------------------------------------------------------------------------------------------------------- wrong labels and bad rows

/** Another class for some labelled shots: every second one a look-alike, the others a neighbour in the alphabetic list. */
function mislabel(shots: readonly Shot[], seed: number): Map<Shot, string> {
  const labelled = shots.filter(({ label }) => label !== '');
  const classes = [...new Set(labelled.map(({ label }) => label))].sort();
  const chosen = bySeed(labelled, seed + 1, ({ at }) => String(at)).slice(0, Math.round(labelled.length * WRONG));
  const draw = prng(seed + 4);
  return new Map(
    chosen.map((shot, i) => {
      const place = classes.indexOf(shot.label);
      const slips = [classes[place - 1], classes[place + 1]].filter((name) => name !== undefined);
      const others = i % 2 === 0 ? (LOOKALIKES[shot.label] ?? slips) : slips;
      return [shot, others[Math.floor(draw() * others.length)] ?? shot.label];
    }),
  );
}

const WHY: Readonly<Record<string, string>> = {
  'zero-bytes.jpg': 'no bytes at all',
  'truncated.jpg': 'a JPEG cut off half-way',
  'random-bytes.jpg': 'noise with the name of a JPEG',
  'html-page.jpg': 'a web page saved in place of a picture',
  'text.jpg': 'plain text',
  'bomb.png': 'a tiny PNG that claims 60000 x 60000 pixels',
  'broken-header.jpg': 'a JPEG whose frame header claims no rows and no columns',
  'polyglot-zip.jpg': 'a whole JPEG with a ZIP behind it',
  'png-inside.jpg': 'a PNG named .jpg',
  'cmyk.jpg': 'a JPEG in CMYK',
  'sixteen-bit.png': 'a PNG of 16 bits a channel',
  'grey.jpg': 'a JPEG of one channel',
  'alpha.png': 'a PNG with transparent edges',
  'exif-rotated.jpg': 'stored on its side, EXIF orientation 6',
  'animated.gif': 'three frames; the first one counts',
};

/** The bad and odd rows in a seeded order. `spare` are photos that are not in the stream; `repeat` is the path of an early row. */
async function badRows(
  data: string,
  spare: readonly Photo[],
  repeat: string,
  seed: number,
): Promise<(Expectation & { path: string; time?: string; bytes?: Buffer })[]> {
  const base = (i: number): Promise<Buffer> =>
    sharp(join(data, 'clothing-cc0', spare[i]?.path ?? ''))
      .resize(120, 160, { fit: 'cover' })
      .jpeg({ quality: 75, mozjpeg: true })
      .toBuffer();
  const made = (await oddFiles(base)).filter(({ name }) => name in WHY);
  return bySeed(
    [
      ...made.map(({ name, bytes, outcome }) => ({ path: `odd/${name}`, bytes, outcome, why: WHY[name] ?? '' })),
      { path: 'odd/missing.jpg', outcome: 'dead', why: 'there is no such file' },
      { path: '../secret.jpg', outcome: 'dead', why: 'the path leaves the root' },
      { path: repeat, outcome: 'dead', why: 'the id of an earlier row once more' },
      { path: 'odd/clock-broken.jpg', time: 'half past nine', bytes: await base(20), outcome: 'dead', why: 'the time cannot be read; the picture is fine' },
      { path: 'odd/two, words.jpg', bytes: await base(21), outcome: 'verdict', why: 'a comma and a space in the name, quoted in the CSV' },
    ],
    seed,
    ({ path }) => path,
  );
}

const stamp = (at: number): string => new Date(START + at).toISOString();

/** All rows in stream order; the bad ones evenly among them, each behind a row of a wardrobe, whose stream it takes. */
function planRows(shots: readonly Shot[], wrong: ReadonlyMap<Shot, string>, bad: Awaited<ReturnType<typeof badRows>>): Row[] {
  const rows: Row[] = [];
  const waiting = [...bad];
  for (const [i, shot] of shots.entries()) {
    const path = `frames/${String(rows.length).padStart(6, '0')}.jpg`;
    rows.push({ path, stream: shot.stream, time: stamp(shot.at), label: wrong.get(shot) ?? shot.label, shot });
    const due = ((bad.length - waiting.length + 0.6) / bad.length) * shots.length;
    const roomAfter = (shots[i + 1]?.at ?? Infinity) > shot.at + 1;
    if (i < due || shot.label === '' || !roomAfter) continue;
    const next = waiting.shift();
    if (next === undefined) continue;
    const { path: odd, time = stamp(shot.at + 1), bytes, outcome, why } = next;
    rows.push({ path: odd, stream: shot.stream, time, label: '', ...(bytes && { bytes }), expected: { outcome, why } });
  }
  return rows;
}

// -------------------------------------------------------------------------------------------------------------------------- writing

const small = (image: Sharp): Promise<Buffer> =>
  image.resize(SHORT_SIDE, SHORT_SIDE, { fit: 'outside', withoutEnlargement: true }).jpeg({ quality: QUALITY, mozjpeg: true }).toBuffer();

/** Raw RGB frames of a video, one by one. The flags keep ffmpeg's colour conversion the same on every kind of CPU. */
async function* decode(file: string, bytesPerFrame: number): AsyncGenerator<Buffer> {
  const flags = 'bitexact+accurate_rnd+full_chroma_int';
  const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-i', file, '-fps_mode', 'passthrough', '-sws_flags', flags, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(ffmpeg, 'close');
  let frame = Buffer.alloc(bytesPerFrame);
  let filled = 0;
  for await (const chunk of ffmpeg.stdout as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length;) {
      const taken = chunk.copy(frame, filled, at);
      at += taken;
      filled += taken;
      if (filled < bytesPerFrame) continue;
      yield frame;
      frame = Buffer.alloc(bytesPerFrame);
      filled = 0;
    }
  }
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`ffmpeg ended with ${code} on ${file}`);
}

async function writeFrames(data: string, out: string, camera: Camera, rows: readonly Row[]): Promise<void> {
  const { file, width, height } = VIDEOS[camera];
  const wanted = Map.groupBy(rows, ({ shot }) => (shot && 'frame' in shot.shown && shot.shown.camera === camera ? shot.shown.frame : -1));
  let number = 0;
  for await (const pixels of decode(join(data, 'video/intel', file), width * height * 3)) {
    for (const { path, shot } of wanted.get(number) ?? []) {
      const view = shot && 'frame' in shot.shown ? shot.shown.view : undefined;
      const [left, top, w, h] = view ?? [0, 0, width, height];
      const part = sharp(pixels, { raw: { width, height, channels: 3 } }).extract({ left, top, width: w, height: h });
      await writeFile(join(out, path), await small(part));
    }
    number++;
  }
}

async function writePhotos(data: string, out: string, rows: readonly Row[]): Promise<void> {
  for (const { path, shot, bytes } of rows) {
    if (bytes) await writeFile(join(out, path), bytes);
    if (shot && 'sender' in shot.shown) await writeFile(join(out, path), await small(sharp(join(data, 'clothing-cc0', shot.shown.path)).rotate()));
  }
}

const csv = (header: string, lines: readonly (readonly (string | number)[])[]): string =>
  [header, ...lines.map((line) => line.map((field) => (/[",\n]/.test(String(field)) ? `"${field}"` : field)).join(','))].join('\n') + '\n';

async function writeTables(out: string, rows: readonly Row[], wrong: ReadonlyMap<Shot, string>): Promise<void> {
  const numbered = rows.map((row, seq) => ({ ...row, seq }));
  const swapped = rows.flatMap(({ path, label, shot }) => (shot && wrong.has(shot) ? [[path, shot.label, label]] : []));
  const expected = numbered.flatMap(({ seq, path, expected: e }) => (e ? [[seq, path, e.outcome, e.why]] : []));
  const fresh = numbered.flatMap(({ seq, path, shot }) => (shot && 'frame' in shot.shown && shot.shown.newKind ? [[seq, path]] : []));
  await writeFile(
    join(out, 'stream.csv'),
    csv(
      'path,stream,time,label',
      rows.map(({ path, stream, time, label }) => [path, stream, time, label]),
    ),
  );
  await writeFile(join(out, 'truth.csv'), csv('path,true_label,given_label', swapped));
  await writeFile(join(out, 'expected.csv'), csv('seq,path,outcome,why', expected));
  await writeFile(join(out, 'new-kind.csv'), csv('seq,path', fresh));
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { data: { type: 'string' }, out: { type: 'string' }, seed: { type: 'string' } } });
  if (values.data === undefined) throw new Error('usage: npx node examples/build-demo.ts --data DIR [--out DIR] [--seed N]');
  const { data, out = join(import.meta.dirname, 'demo') } = values;
  const seed = Number(values.seed ?? 7);
  const photos = await readPhotos(data, seed);
  const picked = new Set(pick(photos));
  const spare = photos.filter((photo) => !picked.has(photo));
  const shots = planShots([...picked], seed);
  const wrong = mislabel(shots, seed);
  const rows = planRows(shots, wrong, await badRows(data, spare, 'frames/000040.jpg', seed));
  for (const folder of ['frames', 'odd']) {
    await rm(join(out, folder), { recursive: true, force: true });
    await mkdir(join(out, folder), { recursive: true });
  }
  await writePhotos(data, out, rows);
  for (const camera of Object.keys(VIDEOS) as Camera[]) await writeFrames(data, out, camera, rows);
  await writeTables(out, rows, wrong);
  console.log(`${rows.length} rows in ${out}`);
}

await main();
