/** What made-up scenes are put together from: objects cut out of the pictures of a COCO folder, and parts of pictures that show none. */
import sharp from 'sharp';
import { uniform } from '../../operators/state/hash.ts';
import { LEAST_AREA } from '../../operators/state/objects/choose.ts';
import { type Annotation, annotationsIn, type BoxedSample, cocoSamples, partsOf } from './coco-set.ts';

export const WIDTH = 320;
export const HEIGHT = 240;
/** Bounds what is held: objects of a class, their longer side in pixels, pictures that give backgrounds. */
const MOST_OF_CLASS = 40;
const LONGEST = 160;
const MOST_BACKGROUNDS = 400;
/** Of a picture that shows objects all over. In pixels. */
const BLUR = 14;
/** A smaller object cannot be enlarged to anything. In pixels. */
const LEAST_SIDE = 8;
const WINDOW_TRIES = 12;

export interface Cutout {
  readonly class: string;
  readonly width: number;
  readonly height: number;
  /** RGB and how much of the pixel is of the object. */
  readonly rgba: Uint8Array;
}

export interface Material {
  readonly cutouts: ReadonlyMap<string, readonly Cutout[]>;
  /** Objects of each class in the folder, of whatever size. */
  readonly counts: ReadonlyMap<string, number>;
  /** RGB, WIDTH x HEIGHT. */
  readonly backgrounds: readonly Uint8Array[];
}

interface Place {
  readonly sample: BoxedSample;
  readonly annotation: Annotation;
  readonly class: string;
  readonly bbox: readonly [number, number, number, number];
}

/** @param seed draws which objects and pictures are taken where there are more than are held */
export async function material(folder: string, seed: number): Promise<Material> {
  const places = new Map<string, Place[]>();
  const samples: BoxedSample[] = [];
  for (const part of partsOf(folder)) {
    for await (const sample of cocoSamples(folder, part)) {
      samples.push(sample);
      const annotations = annotationsIn(sample);
      sample.label.forEach(({ class: name, bbox, crowd }, i) => {
        if (crowd !== true && Math.min(bbox[2], bbox[3]) >= LEAST_SIDE) places.set(name, [...(places.get(name) ?? []), { sample, annotation: annotations[i] ?? {}, class: name, bbox }]);
      });
    }
  }
  const drawn = (list: readonly BoxedSample[]): readonly BoxedSample[] => list.toSorted((a, b) => uniform(seed, `background ${a.id}`) - uniform(seed, `background ${b.id}`)).slice(0, MOST_BACKGROUNDS);
  const cutouts = new Map<string, readonly Cutout[]>();
  for (const [name, list] of [...places].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const taken = chosen(list, seed);
    const cut: Cutout[] = [];
    for (const place of taken) cut.push(await cutOut(place));
    cutouts.set(name, cut);
  }
  const backgrounds: Uint8Array[] = [];
  for (const sample of drawn(samples)) backgrounds.push(await background(sample, seed));
  return { cutouts, counts: new Map([...places].map(([name, list]) => [name, list.length])), backgrounds };
}

/** Those of reasonable size; of a class that has none, what there is. */
function chosen(places: readonly Place[], seed: number): readonly Place[] {
  const large = places.filter(({ bbox }) => bbox[2] * bbox[3] >= LEAST_AREA);
  const key = ({ sample, bbox }: Place): number => uniform(seed, `object ${sample.id} ${bbox.join(' ')}`);
  return (large.length > 0 ? large : places).toSorted((a, b) => key(a) - key(b)).slice(0, MOST_OF_CLASS);
}

/** By its polygons; by its box where it has none. */
async function cutOut({ sample, annotation, class: name, bbox: [x, y, w, h] }: Place): Promise<Cutout> {
  const { data, info } = await sharp(sample.uri).autoOrient().toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const left = Math.max(0, Math.floor(x));
  const top = Math.max(0, Math.floor(y));
  const width = Math.max(1, Math.min(info.width, Math.ceil(x + w)) - left);
  const height = Math.max(1, Math.min(info.height, Math.ceil(y + h)) - top);
  const small = await sharp(data, { raw: info }).extract({ left, top, width, height }).resize(LONGEST, LONGEST, { fit: 'inside' }).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const polygons = Array.isArray(annotation.segmentation) ? (annotation.segmentation as readonly (readonly number[])[]) : [];
  const [across, down] = [width / small.info.width, height / small.info.height];
  if (polygons.length > 0) {
    for (let i = 0; i < small.info.width * small.info.height; i++) {
      const px = left + ((i % small.info.width) + 0.5) * across;
      const py = top + (Math.floor(i / small.info.width) + 0.5) * down;
      if (!polygons.some((points) => isInside(points, px, py))) small.data[4 * i + 3] = 0;
    }
  }
  return { class: name, width: small.info.width, height: small.info.height, rgba: small.data };
}

/** Whether a ray from the point crosses the polygon's edges an odd number of times. @param points [x, y, x, y, …] */
export function isInside(points: readonly number[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, before = points.length - 2; i < points.length; before = i, i += 2) {
    const [ax, ay, bx, by] = [points[i] as number, points[i + 1] as number, points[before] as number, points[before + 1] as number];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** A part of the picture without objects; blurred as a whole where none is found. */
async function background({ id, uri, label }: BoxedSample, seed: number): Promise<Uint8Array> {
  const picture = sharp(uri).autoOrient().toColourspace('srgb').removeAlpha();
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  const window = freeWindow(label.map(({ bbox }) => bbox), info.width, info.height, (what) => uniform(seed, `${id} ${what}`));
  const whole = sharp(data, { raw: info });
  const part = window === null ? whole.blur(BLUR) : whole.extract(window);
  return await part.resize(WIDTH, HEIGHT, { fit: 'cover' }).raw().toBuffer();
}

type Bbox = Place['bbox'];

/** Of several sizes, the largest first. @param draw 0..1 for each thing that is drawn. @returns null where all meet an object */
export function freeWindow(boxes: readonly Bbox[], width: number, height: number, draw: (what: string) => number): { left: number; top: number; width: number; height: number } | null {
  for (let w = Math.min(width, Math.floor((height * WIDTH) / HEIGHT)); w >= WIDTH / 3; w = Math.floor(w * 0.8)) {
    const h = Math.floor((w * HEIGHT) / WIDTH);
    for (let i = 0; i < WINDOW_TRIES; i++) {
      const left = Math.floor(draw(`left ${w} ${i}`) * (width - w + 1));
      const top = Math.floor(draw(`top ${w} ${i}`) * (height - h + 1));
      if (boxes.every(([bx, by, bw, bh]) => bx >= left + w || by >= top + h || bx + bw <= left || by + bh <= top)) return { left, top, width: w, height: h };
    }
  }
  return null;
}
