/** Made-up items for the benches: embeddings scattered round the directions of many kinds of scene, always the same ones. */
import type { Embedded } from '../operators/items.ts';

export const DIMENSION = 256;
/** How far an item is from the direction of its kind: a similarity of about 0.6, as a photo has to the centre of its kind. */
const JITTER = 1.3;
const QUALITY = { brightness: 0.5, contrast: 0.2, sharpness: 500, width: 640, height: 480 };
const NO_PICTURE = new Uint8Array();

/** Mulberry32 (Tommy Ettinger, public domain): uniform draws in 0..1. */
function draws(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Unit vectors; item i is of kind i mod `kinds`. @param jitter how far each is from the direction of its kind */
export function madeVectors(kinds: number, jitter = JITTER): (i: number) => Float32Array {
  const centres = Array.from({ length: kinds }, (_, kind) => gaussian(draws(kind + 1), 1));
  return (i) => {
    const centre = centres[i % kinds] as Float32Array;
    const x = gaussian(draws(1e6 + i), jitter);
    let squares = 0;
    for (let j = 0; j < DIMENSION; j++) squares += (x[j] = (x[j] as number) + (centre[j] as number)) ** 2;
    return x.map((value) => value / Math.sqrt(squares));
  };
}

function gaussian(draw: () => number, scale: number): Float32Array {
  return Float32Array.from({ length: DIMENSION }, () => scale * Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw()));
}

/** Item number `seq` of a stream without times. */
export function madeItem(seq: number, embedding: Float32Array, label: string | null): Embedded {
  const id = `item-${seq}`;
  return { seq, sample: { id, uri: `made:${id}`, stream: 'default', time: null, label, origin: null }, quality: QUALITY, digest: id, small: NO_PICTURE, embedding, objects: [] };
}
