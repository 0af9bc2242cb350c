import { expect, test } from 'vitest';
import { Crops, type Taught } from '../../../../../operators/state/objects/crops.ts';

const taught = (n: number, lesson = 1): Taught => ({
  width: 640,
  height: 480,
  boxes: 7,
  lesson,
  shape: 3,
  crops: Array.from({ length: n }, (_, i) => ({ class: i === 0 ? null : `class ${i}`, bbox: [i, 2, 3, 4], embedding: new Float32Array([0.6, 0.8]) })),
});

test('the images decided last are kept, up to a number of crops; what leaves is told', () => {
  const crops = new Crops(10);
  for (let seq = 0; seq < 4; seq++) crops.set(seq, taught(3, seq));
  expect([0, 1, 2, 3].map((seq) => crops.of(seq)?.lesson ?? null)).toEqual([null, 1, 2, 3]);
  const changes = new Map(crops.takeChanges());
  expect(changes.get(0)).toBeNull();
  // The same image again takes no more room than before.
  crops.set(2, taught(4));
  expect([1, 2, 3].map((seq) => crops.of(seq)?.crops.length)).toEqual([3, 4, 3]);
  crops.forget(1);
  crops.forget(1);
  expect([...crops.takeChanges()].map(([seq, value]) => [seq, value === null])).toEqual([[2, false], [1, true]]);
});

test('one image with more crops than are kept is not kept', () => {
  const crops = new Crops(2);
  crops.set(0, taught(3));
  expect(crops.of(0)).toBeNull();
});

test('restored is what it was, and lets go of the same ones', () => {
  const [crops, again] = [new Crops(7), new Crops(7)];
  for (const seq of [4, 9]) crops.set(seq, taught(3, seq));
  for (const [seq, value] of crops.takeChanges()) again.restoreRow(seq, value ?? new Uint8Array());
  for (const one of [crops, again]) one.set(11, taught(2));
  expect([...again.takeChanges()]).toEqual([...crops.takeChanges()]);
  for (const seq of [4, 9, 11]) expect(again.of(seq)).toEqual(crops.of(seq));
});
