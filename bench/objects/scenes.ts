/**
 * A synthetic set: objects of a COCO folder pasted into other places, with a long tail of classes to train on and even ones to test. It is made into .cache/,
 * which is not part of the repository, and made anew where the folder's annotations or what is asked for change.
 *
 * Train and test scenes show other objects and other backgrounds, as far as a class has two. A class of which the folder has small objects only gets those, enlarged.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { uniform } from '../../operators/state/hash.ts';
import { annotationsOf, partsOf } from './coco-set.ts';
import { drawScene, type Pasted, planScene, type Style } from './compose.ts';
import { type Cutout, HEIGHT, material, type Material, WIDTH } from './cutouts.ts';
import { deal, longTail } from './long-tail.ts';

const CACHE = fileURLToPath(new URL('../../.cache/scenes', import.meta.url));
/** To be raised when scenes come out otherwise. */
const VERSION = 1;
const SEED = 6;
const TOGETHER = 4;

const PARTS = {
  train: { scenes: 4000, style: { side: [56, 150], brightness: [0.8, 1.25] }, counts: longTail },
  test: { scenes: 1000, style: { side: [48, 130], brightness: [0.7, 1.35] }, counts: (classes: number, scenes: number) => Array.from({ length: classes }, () => Math.round((3 * scenes) / classes)) },
} as const satisfies Record<string, { scenes: number; style: Style; counts: (classes: number, scenes: number) => readonly number[] }>;

type Part = keyof typeof PARTS;

/** Makes the set where it is not there. @returns its folder, itself one in COCO's layout */
export async function madeScenes(source: string): Promise<string> {
  const key = createHash('sha256').update(`${VERSION} ${SEED}`);
  for (const part of partsOf(source)) key.update(readFileSync(annotationsOf(source, part)));
  const folder = join(CACHE, `synthetic-${basename(resolve(source))}-${key.digest('hex').slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.part`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(join(unfinished, 'annotations'), { recursive: true });
  const start = performance.now();
  const from = await material(source, SEED);
  for (const part of ['train', 'test'] as const) await make(unfinished, part, from);
  renameSync(unfinished, folder);
  process.stderr.write(`synthetic scenes: ${((performance.now() - start) / 1000).toFixed(0)} s, ${folder}\n`);
  return folder;
}

async function make(folder: string, part: Part, from: Material): Promise<void> {
  mkdirSync(join(folder, part));
  const { scenes, style, counts } = PARTS[part];
  const names = [...from.counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([name]) => name);
  const pools = names.map((name) => poolOf(from.cutouts.get(name) ?? [], part));
  const places = from.backgrounds.filter((_, i) => i % 2 === (part === 'train' ? 0 : 1));
  const images: object[] = [];
  const annotations: object[] = [];
  const running: Promise<unknown>[] = [];
  for (const [n, ranks] of deal(counts(names.length, scenes), scenes, SEED + (part === 'train' ? 0 : 1)).entries()) {
    const draw = (what: string): number => uniform(SEED, `${part} ${n} ${what}`);
    const plan = planScene(ranks.map((rank) => pools[rank] ?? []), style, draw);
    const file_name = `${String(n + 1).padStart(6, '0')}.jpg`;
    images.push({ id: n + 1, file_name, width: WIDTH, height: HEIGHT });
    for (const { cutout, bbox } of plan) annotations.push({ id: annotations.length + 1, image_id: n + 1, category_id: names.indexOf(cutout.class) + 1, bbox, area: bbox[2] * bbox[3], iscrowd: 0, segmentation: [] });
    running.push(write(join(folder, part, file_name), places[Math.floor(draw('background') * places.length)], plan, draw, style));
    if (running.length === TOGETHER) await Promise.all(running.splice(0));
  }
  await Promise.all(running);
  const info = { description: 'SYNTHETIC scenes, made by Sluice (bench/objects/scenes.ts): objects cut out of another COCO-format set and pasted into parts of its pictures. No photographs.' };
  writeFileSync(join(folder, 'annotations', `instances_${part}.json`), JSON.stringify({ info, images, annotations, categories: names.map((name, i) => ({ id: i + 1, name })) }));
}

/** Every second object of a class for each part. */
function poolOf(cutouts: readonly Cutout[], part: Part): readonly Cutout[] {
  return cutouts.length < 2 ? cutouts : cutouts.filter((_, i) => i % 2 === (part === 'train' ? 0 : 1));
}

async function write(file: string, background: Uint8Array | undefined, plan: readonly Pasted[], draw: (what: string) => number, { brightness: [low, high] }: Style): Promise<void> {
  if (background === undefined) throw new Error('there is no picture for a background');
  const scene = drawScene(background, draw('flip') < 0.5, low + draw('brightness') * (high - low), plan);
  await sharp(scene, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } }).jpeg({ quality: 88 }).toFile(file);
}
