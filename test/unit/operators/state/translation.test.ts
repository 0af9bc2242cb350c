import { expect, test } from 'vitest';
import { Translation } from '../../../../operators/state/translation.ts';
import { dot } from '../../../../operators/state/vectors.ts';
import { prng } from '../../../support/images.ts';

const [FROM, TO] = [13, 18];

function unit(values: readonly number[]): Float32Array {
  const length = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / length);
}

/** The same by a model of more numbers: turned by a reflection, and squared off a little where `bend` is not 0. */
function other(x: Float32Array, bend = 0): Float32Array {
  const longer = Float32Array.from({ length: TO }, (_, i) => x[i] ?? 0);
  const axis = unit(Array.from({ length: TO }, (_, i) => Math.cos(i + 1)));
  const along = 2 * dot(longer, 0, axis, 0, TO);
  return unit([...longer].map((value, i) => value - along * (axis[i] as number)).map((value) => value + bend * value * value));
}

function drawn(count: number): readonly Float32Array[] {
  const random = prng(3);
  return Array.from({ length: count }, () => unit(Array.from({ length: FROM }, (_, i) => (random() - 0.4) / (i + 1))));
}

test('what is linear is found, up to the ridge, for pictures it has not seen; what is nearly so nearly', () => {
  const unseen = drawn(400).slice(300);
  for (const [bend, least] of [[0, 0.999], [0.5, 0.95]] as const) {
    const pairs = drawn(440).map((x) => ({ from: x, to: other(x, bend) }));
    const { translation, likeness } = Translation.fit(pairs.slice(0, 300), pairs.slice(400));
    expect(likeness).toBeGreaterThan(least);
    for (const x of unseen) {
      const estimate = translation.of(x);
      expect(dot(estimate, 0, other(x, bend), 0, TO)).toBeGreaterThan(least);
      expect(dot(estimate, 0, estimate, 0, TO)).toBeCloseTo(1, 5);
    }
  }
});

test('the estimate of a mean is the mean of the estimates, before they are made unit length', () => {
  const pictures = drawn(40);
  const { translation, likeness } = Translation.fit(pictures.map((x) => ({ from: x, to: other(x, 0.5) })), []);
  expect(likeness).toBeNull();
  const mean = Float32Array.from({ length: FROM }, (_, i) => pictures.reduce((sum, x) => sum + (x[i] as number), 0) / pictures.length);
  const estimates = pictures.map((x) => translation.mean(x));
  translation.mean(mean).forEach((value, i) => expect(value).toBeCloseTo(estimates.reduce((sum, x) => sum + (x[i] as number), 0) / pictures.length, 5));
});

test('of one picture it says that all are that one', () => {
  const [x, y] = drawn(2) as [Float32Array, Float32Array];
  const { translation } = Translation.fit([{ from: x, to: other(x) }], []);
  expect(dot(translation.of(y), 0, other(x), 0, TO)).toBeCloseTo(1, 5);
});

test('numbers without meaning are held down: of the ridges the one is taken by which others are estimated best', () => {
  const random = prng(9);
  const noise = (x: Float32Array): Float32Array => unit([...x].map((value) => value + 0.8 * (random() - 0.5)));
  const pairs = drawn(60).map((x) => ({ from: x, to: noise(other(x)) }));
  const [few, tried] = [pairs.slice(0, 20), pairs.slice(20)];
  const held = Translation.fit(few, tried);
  const asOne = tried.reduce((sum, { from, to }) => sum + dot(Translation.fit(few, few).translation.of(from), 0, to, 0, TO), 0) / tried.length;
  expect(held.likeness).toBeGreaterThan(asOne);
});
