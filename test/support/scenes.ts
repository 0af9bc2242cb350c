/** Scenes with objects, for tests of what the engine makes of them. */
import type { Embedded } from '../../operators/items.ts';
import { uniform } from '../../operators/state/hash.ts';
import type { Box } from '../../schemas/sample.ts';
import { embeddingOf, GOOD } from './streams.ts';

const CLASSES = 8;
/** The rarest class. */
export const RARE = 'class 7';
/** Item 400 shows an object of class 2 under the name of class 5, twice over, and one far outside. */
export const WRONG = 400;

/** A box of item 500 is around nothing. */
export const EMPTY = 500;

export const nameOf = (kind: number): string => `class ${kind}`;

/** Scenes that all look alike, with two to five objects of a long tail of classes; the rarest one comes every hundredth time. */
export function sceneWithObjects(seq: number): Embedded {
  const kinds = Array.from({ length: 2 + Math.floor(4 * uniform(seq, 'objects')) }, (_, i) => (i === 0 && seq % 100 === 50 ? 7 : Math.floor((CLASSES - 1) * uniform(seq, `kind ${i}`) ** 2)));
  if (seq === WRONG) kinds.splice(0, kinds.length, 2, 0, 0);
  const boxes: Box[] = kinds.map((kind, i) => ({ class: seq === WRONG && i === 0 ? nameOf(5) : nameOf(kind), bbox: [20 + 100 * i, 200 + 10 * kind, 80, 60] }));
  if (seq === WRONG) boxes.push({ class: nameOf(5), bbox: [21, 219, 80, 61] }, { class: nameOf(0), bbox: [900, 100, 50, 50] });
  const objects = kinds.map((kind, i) => ({ index: i, class: boxes[i]?.class ?? '', bbox: boxes[i]?.bbox ?? ([0, 0, 0, 0] as const), embedding: embeddingOf(3, 10 * seq + i, { kind: seq === EMPTY && i === 0 ? 70 : 50 + kind, jitter: 0.2 }) }));
  const background = embeddingOf(3, 10 * seq + 9, { kind: 70, jitter: 0.2 });
  const sample = { id: `scene-${seq}`, uri: `/nowhere/${seq}`, stream: 'default', time: null, label: boxes, origin: null };
  return { seq, sample, quality: GOOD, digest: String(seq), small: new Uint8Array([1]), embedding: embeddingOf(2, seq, { kind: seq % 5, jitter: 3 }), objects, background };
}
