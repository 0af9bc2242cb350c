import { describe, expect, test } from 'vitest';
import { choleskyFactor, choleskySolve } from '../../../../../operators/state/cholesky.ts';
import { Head } from '../../../../../operators/state/head.ts';
import { D, embeddingOf } from '../../../../support/streams.ts';

const RIDGE = 2;
const NAMES = ['class 0', 'class 1', 'class 2', 'class 3'];
const lesson = (i: number): { readonly x: Float32Array; readonly class: string } => ({ x: embeddingOf(4, i, { kind: i % 4, jitter: 0.5 }), class: `class ${i % 4}` });

/** Ridge scores for x of what was learned with these weights. */
function direct(lessons: readonly { readonly x: Float32Array; readonly class: string }[], weights: readonly number[], ridge: number, x: Float32Array): readonly number[] {
  const gram = new Float64Array(D * D);
  const moments = NAMES.map(() => new Float64Array(D));
  lessons.forEach((one, n) => {
    const w = weights[n] ?? 0;
    for (let i = 0; i < D; i++) for (let j = 0; j <= i; j++) gram[i * D + j] = (gram[i * D + j] ?? 0) + w * (one.x[i] ?? 0) * (one.x[j] ?? 0);
    const moment = moments[NAMES.indexOf(one.class)];
    if (moment !== undefined) one.x.forEach((value, i) => (moment[i] = (moment[i] ?? 0) + w * value));
  });
  return choleskySolve(choleskyFactor(gram, D, ridge), D, moments).map((solved) => solved.reduce((sum, w, i) => sum + w * (x[i] ?? 0), 0));
}

describe('the scores of a group that is learned together', () => {
  test.each([[0, 1e15], [32, 1e15], [32, 40], [48, 20]])('are those of a head that has learned the others: %d labels before, half-life %d', (before, halfLife) => {
    const head = new Head(D, halfLife);
    const known = Array.from({ length: before }, (_, i) => lesson(i));
    for (const one of known) head.learn(one.x, [one.class]);
    const group = [101, 102, 103, 105, 106, 107, 109, 110, 111, 113].map(lesson);
    const found = head.scoresAmong(group, NAMES);
    group.forEach((own, i) => {
      const others = group.filter((other) => other !== own);
      const weights = [...known.map((_, n) => 2 ** (n / halfLife)), ...others.map(() => 2 ** (before / halfLife))];
      const expected = direct([...known, ...others], weights, RIDGE * 2 ** (before / halfLife), own.x);
      // The solution before the group is kept as float32.
      expected.forEach((score, c) => expect(found[i]?.[c]).toBeCloseTo(score, 5));
    });
  });

  test('changes nothing, and of nobody it is nothing', () => {
    const head = new Head(D, 1e15);
    for (let i = 0; i < 32; i++) head.learn(lesson(i).x, [lesson(i).class]);
    const before = Float64Array.from(head.scores(lesson(200).x) ?? []);
    head.scoresAmong([lesson(200), lesson(201)], NAMES);
    expect(head.scores(lesson(200).x)).toEqual(before);
    expect(head.labels).toBe(32);
    expect(head.scoresAmong([], NAMES)).toEqual([]);
  });

  test('goes by the weights they have, also when those were scaled down since the last solution', () => {
    const [halfLife, solved, before] = [4, 80, 95];
    const head = new Head(D, halfLife);
    const known = Array.from({ length: before }, (_, i) => lesson(i));
    // Scaled down with the 81st.
    for (const one of known) head.learn(one.x, [one.class]);
    const [own, other] = [lesson(301), lesson(305)];
    const weights = [...known.slice(0, solved).map((_, n) => 2 ** ((n - solved) / halfLife)), 2 ** ((before - solved) / halfLife)];
    const expected = direct([...known.slice(0, solved), other], weights, RIDGE, own.x);
    const [found] = head.scoresAmong([own, other], NAMES);
    expected.forEach((score, c) => expect(found?.[c]).toBeCloseTo(score, 5));
  });
});
