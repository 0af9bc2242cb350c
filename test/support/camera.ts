/** Frames of a real camera (the bundled demo's), and what goes wrong with one done to them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp, { type Sharp } from 'sharp';
import type { Embedded } from '../../operators/items.ts';
import { items } from './streams.ts';

const DEMO = fileURLToPath(new URL('../../examples/demo/', import.meta.url));
/** Side of the square that `inspect` leaves. */
const SIDE = 112;

/** Files of the frames of a stream of the demo, in order. */
export function demoFrames(stream: string): readonly string[] {
  const rows = readFileSync(`${DEMO}stream.csv`, 'utf8').split('\n').map((row) => row.split(','));
  return rows.flatMap(([path = '', name]) => (name === stream && path.startsWith('frames/') ? [DEMO + path] : []));
}

/** What is done to a frame before it is looked at. */
export type Damage = (frame: Buffer, i: number) => Promise<Buffer>;

const jpeg = (picture: Sharp): Promise<Buffer> => picture.jpeg({ quality: 90 }).toBuffer();
/** Sensor noise over an even picture of a luma, no two the same. */
const noisy = (luma: number, i: number): Promise<Buffer> => jpeg(sharp(Uint8Array.from({ length: 160 * 90 }, (_, k) => Math.max(0, Math.min(255, luma + ((k * 7919 + i * 104_729) % 5) - 2))), { raw: { width: 160, height: 90, channels: 1 } }));

export const DAMAGE = {
  none: async (frame) => frame,
  dark: async (_, i) => noisy(4, i),
  /** The aperture stays open: everything but what was dark is white. */
  over_exposed: async (frame) => jpeg(sharp(frame).linear(3, 60)),
  out_of_focus: async (frame) => jpeg(sharp(frame).blur(5)),
  /** A sleeve on the lens: a part of the photo of a garment, too near to be sharp, moving a little. */
  covered: async (_, i) => jpeg(sharp(`${DEMO}frames/000002.jpg`).extract({ left: 60 + (i % 5), top: 70, width: 40, height: 40 }).resize(160, 90, { fit: 'fill' }).blur(6)),
  /** Knocked: it looks past a quarter of what it saw. */
  moved: async (frame) => {
    const { width, height } = await sharp(frame).metadata();
    const left = Math.round(width / 4);
    return jpeg(sharp(frame).extract({ left, top: 0, width: width - left, height }).extend({ right: left, extendWith: 'mirror' }));
  },
  /** The lamp of a corridor goes out; some light comes in from elsewhere. */
  dim: async (frame) => jpeg(sharp(frame).linear(0.3, 2)),
} as const satisfies Record<string, Damage>;

/** RGB of the squares that `inspect` leaves. */
export async function seen(files: readonly string[], damage: Damage = DAMAGE.none): Promise<Uint8Array<ArrayBuffer>[]> {
  return Promise.all(files.map(async (file, i) => new Uint8Array(await sharp(await damage(readFileSync(file), i)).resize(SIDE, SIDE, { fit: 'fill' }).removeAlpha().toColourspace('srgb').raw().toBuffer())));
}

/** Items of one camera, one a second. @param smalls what `seen` gives */
export function footage(smalls: readonly Uint8Array<ArrayBuffer>[], { stream = 'yard', time = 0 }: { readonly stream?: string; readonly time?: number } = {}): Embedded[] {
  const made = items(1, smalls.map((_, i) => ({ kind: 1, jitter: 0.3, stream, time: time + i * 1000 })));
  return made.flatMap((item, i) => ('error' in item ? [] : [{ ...item, small: smalls[i] ?? new Uint8Array() }]));
}
