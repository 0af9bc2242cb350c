import { expect, test } from 'vitest';
import { balanceOf, informed, offline } from '../../../../bench/objects/balance.ts';
import { boxAt, objectsOf, withSwapped } from '../../../../bench/objects/places.ts';
import type { EmbeddedScenes } from '../../../../bench/objects/embedded-scenes.ts';

/** 100 images: `often` in each, `some` in every fourth, `rare` in ten, `gone` in eight, `single` in one. */
const SHOWN = Array.from({ length: 100 }, (_, i) => ['often', ...(i % 4 === 0 ? ['some'] : []), ...(i < 10 ? ['rare'] : []), ...(i >= 92 ? ['gone'] : []), ...(i === 50 ? ['single'] : [])]);

test('what a choice holds of each class', () => {
  const admitted = [0, 1, 2, 3, 4, 5, ...Array.from({ length: 14 }, (_, i) => 20 + i)];
  const { missing, rare, commonest, covered, coveredByRandom, share } = balanceOf(SHOWN, admitted, 1);
  expect(share).toBe(0.2);
  expect(missing).toEqual(['gone']);
  expect(rare.mean).toBeCloseTo(0.2, 9);
  expect(rare.least).toBe(0);
  expect(rare.random > 0.1 && rare.random < 0.35).toBe(true);
  expect(commonest).toEqual({ name: 'often', stream: 1, admitted: 1 });
  expect(covered).toBe(3);
  expect(coveredByRandom > 3 && coveredByRandom < 5).toBe(true);
});

test('the offline cover, and what it shows with fewer images', () => {
  expect(offline(SHOWN, 1)).toEqual({ images: 3, classes: 3 });
});

test('who knows how often each class still comes takes what is the last of its class', () => {
  expect(informed(SHOWN, [1, 2, 3])).toEqual([5, 5, 5]);
});

test('8 % of the objects get another class, and only those', () => {
  const samples = Array.from({ length: 50 }, (_, i) => ({ id: String(i), uri: '', stream: 's', time: null, origin: null, label: ['a', 'b', 'c', 'd', 'small'].map((name) => ({ class: name, bbox: [0, 0, 50, 50] as const })) }));
  // The fifth box of each is not looked at.
  const set: EmbeddedScenes = { samples, dimension: 1, vectors: new Float32Array(50), quality: [], digests: [], starts: Int32Array.from({ length: 51 }, (_, i) => 4 * i), places: Int32Array.from({ length: 200 }, (_, i) => i % 4), crops: new Float32Array(200), beside: new Int32Array(50).fill(-1), backgrounds: new Float32Array() };
  const { labels, wrong } = withSwapped(set, 0.08, 1);
  expect(wrong.length).toBe(16);
  const changed = objectsOf(set).filter((place) => (labels.get(place.sample)?.[place.index] ?? boxAt(set, place)).class !== boxAt(set, place).class);
  expect(new Set(changed.map((place) => `${place.sample} ${place.index}`))).toEqual(new Set(wrong.map((place) => `${place.sample} ${place.index}`)));
  for (const boxes of labels.values()) expect(boxes.map((box) => box.class)).not.toContain(undefined);
  expect([...labels.values()].flat().some((box, i) => i % 5 < 4 && box.class === 'small')).toBe(false);
});
