/** The embeddings of known pictures are those they were: the whole way from file to vector. Other kinds of CPU may change their last digits. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { dot } from '../../operators/state/vectors.ts';
import { embedScenes, GOLDEN, SCENES } from './embeddings.ts';

const D = 256;
const bytes = await readFile(GOLDEN);
const golden = new Float32Array(new Uint8Array(bytes).buffer);
const embedded = await embedScenes();
const cosine = (a: Float32Array, i: number, b: Float32Array, j: number): number => dot(a, i * D, b, j * D, D);

test('there is a golden vector of unit length for each scene', () => {
  expect(golden.length).toBe(SCENES.length * D);
  SCENES.forEach((_, i) => expect(cosine(golden, i, golden, i)).toBeCloseTo(1, 5));
});

test.each(SCENES.map(({ seed, kind }, i) => ({ seed, kind, i })))('scene $seed, $kind', ({ i }) => {
  expect(cosine(embedded, i, embedded, i)).toBeCloseTo(1, 5);
  expect(cosine(embedded, i, golden, i)).toBeGreaterThanOrEqual(0.995);
  // And of no other scene: a mix-up would not go unnoticed.
  SCENES.forEach((_, other) => other === i || expect(cosine(embedded, i, golden, other)).toBeLessThan(0.9));
});
