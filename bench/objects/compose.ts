/** Made-up scenes as plans, and drawn. */
import { type Cutout, HEIGHT, WIDTH } from './cutouts.ts';

/** Objects in a scene. */
const LEAST = 2;
const MOST = 8;
/** Part of the smaller of two objects that the other may cover, and places tried for that. */
const COVER = 0.3;
const TRIES = 15;
/** Area of a box at least, in pixels. */
const LEAST_AREA = 24 * 24;

/** In what the scenes of one part differ from another's. */
export interface Style {
  /** Longer side of an object in pixels. */
  readonly side: readonly [number, number];
  /** Factor on the pixels. */
  readonly brightness: readonly [number, number];
}

export interface Pasted {
  readonly cutout: Cutout;
  readonly bbox: readonly [x: number, y: number, width: number, height: number];
  readonly flip: boolean;
  readonly brightness: number;
}

/**
 * 2 to 8 objects, one of each class and more of some.
 * @param pools cutouts of each class shown. @param draw 0..1 for each thing that is drawn
 */
export function planScene(pools: readonly (readonly Cutout[])[], { side, brightness }: Style, draw: (what: string) => number): readonly Pasted[] {
  const count = Math.max(pools.length, LEAST + Math.floor(draw('count') * (MOST - LEAST + 1)));
  const pasted: Pasted[] = [];
  for (let k = 0; k < count; k++) {
    const of = (what: string): number => draw(`${what} ${k}`);
    const between = ([low, high]: readonly [number, number], at: number): number => low * (high / low) ** at;
    const pool = pools[k < pools.length ? k : Math.floor(of('class') * pools.length)] ?? [];
    const cutout = pool[Math.floor(of('cutout') * pool.length)];
    if (cutout === undefined) throw new Error('a class has no cutout');
    const [w, h] = fitted(cutout, between(side, of('side')));
    const bbox = placed(w, h, pasted.map((other) => other.bbox), of);
    pasted.push({ cutout, bbox, flip: of('flip') < 0.5, brightness: between(brightness, of('brightness')) });
  }
  return pasted;
}

/** Its longer side as asked for, enlarged to the least area, and smaller than the scene. */
function fitted({ width, height }: Cutout, longer: number): readonly [number, number] {
  const scale = Math.max(longer / Math.max(width, height), Math.sqrt(LEAST_AREA / (width * height)));
  return [Math.min(WIDTH - 2, Math.max(4, Math.ceil(width * scale))), Math.min(HEIGHT - 2, Math.max(4, Math.ceil(height * scale)))];
}

/** Where it covers little of the others; where there is no such place, where it covers least. */
function placed(w: number, h: number, others: readonly Pasted['bbox'][], of: (what: string) => number): Pasted['bbox'] {
  let best: { readonly covered: number; readonly bbox: Pasted['bbox'] } | null = null;
  for (let i = 0; i < TRIES; i++) {
    const bbox = [Math.floor(of(`x ${i}`) * (WIDTH - w + 1)), Math.floor(of(`y ${i}`) * (HEIGHT - h + 1)), w, h] as const;
    const covered = Math.max(0, ...others.map((other) => shared(bbox, other)));
    if (best === null || covered < best.covered) best = { covered, bbox };
    if (covered <= COVER) break;
  }
  return best?.bbox ?? [0, 0, w, h];
}

/** Part of the smaller one that both share. */
function shared([ax, ay, aw, ah]: Pasted['bbox'], [bx, by, bw, bh]: Pasted['bbox']): number {
  const both = Math.max(0, Math.min(ax + aw, bx + bw) - Math.max(ax, bx)) * Math.max(0, Math.min(ay + ah, by + bh) - Math.max(ay, by));
  return both / Math.min(aw * ah, bw * bh);
}

/** @param background RGB, WIDTH x HEIGHT. @returns the scene as RGB */
export function drawScene(background: Uint8Array, flip: boolean, brightness: number, objects: readonly Pasted[]): Uint8Array {
  const out = new Uint8Array(background.length);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const [to, from] = [(y * WIDTH + x) * 3, (y * WIDTH + (flip ? WIDTH - 1 - x : x)) * 3];
      for (let c = 0; c < 3; c++) out[to + c] = Math.min(255, (background[from + c] as number) * brightness);
    }
  }
  for (const object of objects) paste(out, object);
  return out;
}

/** Scaled bilinearly. */
function paste(scene: Uint8Array, { cutout: { width, height, rgba }, bbox: [left, top, w, h], flip, brightness }: Pasted): void {
  for (let y = 0; y < h; y++) {
    const v = Math.min(height - 1, Math.max(0, ((y + 0.5) * height) / h - 0.5));
    for (let x = 0; x < w; x++) {
      const along = ((flip ? w - 1 - x : x) + 0.5) / w;
      const u = Math.min(width - 1, Math.max(0, along * width - 0.5));
      const at = (c: number): number => sampled(rgba, width, height, u, v, c);
      const alpha = at(3) / 255;
      const to = ((top + y) * WIDTH + left + x) * 3;
      if (alpha > 0) for (let c = 0; c < 3; c++) scene[to + c] = Math.min(255, (scene[to + c] as number) * (1 - alpha) + at(c) * brightness * alpha);
    }
  }
}

function sampled(rgba: Uint8Array, width: number, height: number, u: number, v: number, c: number): number {
  const [x0, y0] = [Math.floor(u), Math.floor(v)];
  const [x1, y1] = [Math.min(width - 1, x0 + 1), Math.min(height - 1, y0 + 1)];
  const value = (x: number, y: number): number => rgba[(y * width + x) * 4 + c] as number;
  const above = value(x0, y0) * (1 - (u - x0)) + value(x1, y0) * (u - x0);
  const below = value(x0, y1) * (1 - (u - x0)) + value(x1, y1) * (u - x0);
  return above * (1 - (v - y0)) + below * (v - y0);
}
