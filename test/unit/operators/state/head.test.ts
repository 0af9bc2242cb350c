import { describe, expect, test } from 'vitest';
import { expected, suspicionOf } from '../../../../operators/state/audit.ts';
import { choleskyFactor, choleskySolve } from '../../../../operators/state/cholesky.ts';
import { Head, SNAPSHOT_EVERY, solveDue } from '../../../../operators/state/head.ts';
import { uniform } from '../../../../operators/state/hash.ts';
import { D, embeddingOf } from '../../../support/streams.ts';

const NEVER_FADES = 1e15;

function taught(labels: number, halfLife = NEVER_FADES): Head {
  const head = new Head(D, halfLife);
  for (let i = 0; i < labels; i++) head.learn(embeddingOf(4, i, { kind: i % 3, jitter: 0.5 }), [`class ${i % 3}`]);
  return head;
}

describe('head', () => {
  test('gives the scores of the normal equations', () => {
    const n = 64;
    const head = taught(n);
    const gram = Array.from({ length: D }, (_, r) => Array.from({ length: D }, (__, c) => (r === c ? 2 : 0)));
    const moment = Array.from({ length: D }, () => 0);
    for (let i = 0; i < n; i++) {
      const x = embeddingOf(4, i, { kind: i % 3, jitter: 0.5 });
      x.forEach((a, r) => x.forEach((b, c) => ((gram[r] as number[])[c] = ((gram[r] as number[])[c] as number) + a * b)));
      if (i % 3 === 1) x.forEach((a, r) => (moment[r] = (moment[r] as number) + a));
    }
    const probe = embeddingOf(4, 1000, { kind: 1, jitter: 0.5 });
    const weights = gauss(gram, moment);
    const direct = weights.reduce((sum, w, i) => sum + w * (probe[i] ?? 0), 0);
    expect(head.classes).toEqual(['class 0', 'class 1', 'class 2']);
    // The solution is kept as float32.
    expect(head.scores(probe)?.[1]).toBeCloseTo(direct, 7);
  });

  test('knows nothing before the first solution', () => {
    expect(taught(15).scores(embeddingOf(4, 0, { kind: 0, jitter: 0 }))).toBeNull();
    expect(taught(16).scores(embeddingOf(4, 0, { kind: 0, jitter: 0 }))).not.toBeNull();
  });

  test('unlearns: its answers are those of a head that never learned it, and of a class of its own nothing is left', () => {
    const x = embeddingOf(4, 99, { kind: 9, jitter: 0.5 });
    const [head, other] = [taught(20), taught(20)];
    head.learn(x, ['class 0', 'its own']);
    other.learn(new Float32Array(D), []);
    head.unlearn({ x, classes: ['class 0', 'its own'], number: 21 });
    for (const each of [head, other]) each.solve();
    const probe = embeddingOf(4, 1000, { kind: 1, jitter: 0.5 });
    const [is, was] = [head.scores(probe), other.scores(probe)];
    was?.forEach((score, c) => expect(is?.[c]).toBeCloseTo(score, 6));
    expect([...(head.scores(x) ?? [])].at(-1)).toBe(0);
  });

  test('recent labels outweigh old ones', () => {
    const head = new Head(D, 50);
    const x = (i: number): Float32Array => embeddingOf(4, i, { kind: 0, jitter: 0.1 });
    for (let i = 0; i < 512; i++) head.learn(x(i), ['old name']);
    for (let i = 512; i < 768; i++) head.learn(x(i), ['new name']);
    const [old = 0, now = 0] = head.scores(x(9999)) ?? [];
    expect(now).toBeGreaterThan(0.8);
    expect(old).toBeLessThan(0.2);
  });

  test('a corrected lesson is as if it had been learned so at once; corrected back, as if nothing had been', () => {
    const lesson = (i: number): { x: Float32Array; classes: string[]; number: number } => ({ x: embeddingOf(4, i, { kind: i % 3, jitter: 0.5 }), classes: [`class ${i % 3}`], number: i + 1 });
    const right = taught(62, 50);
    const wrong = new Head(D, 50);
    for (let i = 0; i < 62; i++) wrong.learn(lesson(i).x, i === 40 ? ['class 2'] : lesson(i).classes);
    // Both get as old: the class that item 40 has in either is corrected to what it was given, or there and back.
    wrong.correct({ ...lesson(40), classes: ['class 2'] }, lesson(40).classes);
    wrong.correct(lesson(41), lesson(41).classes);
    right.correct(lesson(40), ['class 2', 'new']);
    right.correct({ ...lesson(40), classes: ['class 2', 'new'] }, lesson(40).classes);
    expect([wrong.labels, wrong.solved, right.labels, right.solved]).toEqual([64, 64, 64, 64]);
    for (let i = 0; i < 10; i++) {
      const probe = embeddingOf(9, i, { kind: i % 3, jitter: 0.5 });
      const [scores, same] = [[...(wrong.scores(probe) ?? [])], [...(right.scores(probe) ?? [])]];
      for (const [c, name] of wrong.classes.entries()) expect(scores[c]).toBeCloseTo(same[right.classes.indexOf(name)] ?? NaN, 6);
      expect(same[right.classes.indexOf('new')]).toBeCloseTo(0, 6);
    }
  });

  test('is asked without a lesson as the solution holds it, whatever it was corrected to since', () => {
    const head = taught(64);
    const lesson = { x: embeddingOf(4, 7, { kind: 1, jitter: 0.5 }), classes: ['class 1'], number: 8 };
    const [before] = head.scoresWithout([lesson]);
    head.correct(lesson, ['class 2']);
    expect(head.scoresWithout([{ ...lesson, classes: ['class 2'] }])).toEqual([before]);
  });

  test('comes back from a snapshot with the same bits', () => {
    const head = taught(SNAPSHOT_EVERY, 300);
    const other = new Head(D, 300);
    other.restore(head.pack());
    for (let i = 0; i < 100; i++) {
      const x = embeddingOf(9, i, { kind: i % 4, jitter: 0.5 });
      expect(other.scores(x)).toEqual(head.scores(x));
      for (const h of [head, other]) h.learn(x, [`class ${i % 4}`]);
    }
    expect(other.labels).toBe(head.labels);
  });

  test('every snapshot falls on a solution', () => {
    for (const classes of [2, 100, 1000]) for (let n = SNAPSHOT_EVERY; n < 20 * SNAPSHOT_EVERY; n += SNAPSHOT_EVERY) expect(solveDue(n, classes)).toBe(true);
  });
});

test('Cholesky solves a positive definite system', () => {
  const d = 12;
  const half = Float64Array.from({ length: d * d }, (_, i) => uniform(1, `a${i}`) - 0.5);
  const full = new Float64Array(d * d);
  for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) for (let k = 0; k < d; k++) full[i * d + j] = (full[i * d + j] ?? 0) + (half[i * d + k] ?? 0) * (half[j * d + k] ?? 0);
  const truth = Float64Array.from({ length: d }, (_, i) => i - 3);
  const b = Float64Array.from({ length: d }, (_, i) => truth.reduce((sum, x, j) => sum + ((full[i * d + j] ?? 0) + (i === j ? 0.7 : 0)) * x, 0));
  const [solved = new Float64Array()] = choleskySolve(choleskyFactor(full, d, 0.7), d, [b]);
  solved.forEach((x, i) => expect(x).toBeCloseTo(truth[i] ?? NaN, 9));
});

describe('suspicion', () => {
  const names = ['cat', 'dog', 'car'];

  test('rises with the lead of another class over the given one', () => {
    const of = (cat: number, dog: number): number => suspicionOf(Float64Array.of(cat, dog, 0), names, ['cat']);
    expect(of(0.9, 0.1)).toBeLessThan(0.01);
    expect(of(0.1, 0.9)).toBeGreaterThan(0.95);
    expect(of(0.3, 0.6)).toBeGreaterThan(of(0.4, 0.5));
  });

  test('is low, not none, while nothing is known, and for a class never seen', () => {
    expect(suspicionOf(null, [], ['cat'])).toBeCloseTo(0.057, 3);
    expect(suspicionOf(Float64Array.of(0.1, 0.1, 0.1), names, ['bus'])).toBeLessThan(0.2);
  });

  test('of several classes the weakest counts', () => {
    const scores = Float64Array.of(0.9, 0.05, 0.6);
    expect(suspicionOf(scores, names, ['cat', 'dog'])).toBeGreaterThan(suspicionOf(scores, names, ['cat', 'car']));
  });
});

test('expected need follows the posterior', () => {
  const need = (name: string): number => (name === 'rare' ? 2 : 0);
  expect(expected(Float64Array.of(1, 0), ['rare', 'common'], need)).toBeGreaterThan(1.9);
  expect(expected(Float64Array.of(0, 1), ['rare', 'common'], need)).toBeLessThan(0.1);
  expect(expected(null, [], need)).toBeNull();
});

/** Gaussian elimination with pivoting, as a check from another side. */
function gauss(matrix: number[][], right: number[]): number[] {
  const a = matrix.map((row, i) => [...row, right[i] ?? 0]);
  const n = a.length;
  for (let c = 0; c < n; c++) {
    const pivot = a.slice(c).reduce((best, row, i) => (Math.abs(row[c] ?? 0) > Math.abs(a[best]?.[c] ?? 0) ? c + i : best), c);
    [a[c], a[pivot]] = [a[pivot] as number[], a[c] as number[]];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = (a[r]?.[c] ?? 0) / (a[c]?.[c] ?? 1);
      for (let k = c; k <= n; k++) (a[r] as number[])[k] = (a[r]?.[k] ?? 0) - factor * (a[c]?.[k] ?? 0);
    }
  }
  return a.map((row, i) => (row[n] ?? 0) / (row[i] ?? 1));
}
