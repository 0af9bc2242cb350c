import { describe, expect, test } from 'vitest';
import { product } from '../../../../bench/quality/matmul.ts';
import { macroF1, presenceProbe, softmaxProbe } from '../../../../bench/quality/probe.ts';
import { embeddingOf, D } from '../../../support/streams.ts';

function made(n: number, from: number, jitter: number): { X: Float32Array; y: Int32Array } {
  const y = Int32Array.from({ length: n }, (_, i) => i % 3);
  return { X: Float32Array.from([...y].flatMap((kind, i) => [...embeddingOf(1, from + i, { kind, jitter })])), y };
}

describe('the product of two matrices', () => {
  const a = { data: Float32Array.of(1, 2, 3, 4, 5, 6), rows: 2, columns: 3 };

  test('as they are, and with either transposed', async () => {
    const b = { data: Float32Array.of(1, 0, 2, 1, 0, 3), rows: 3, columns: 2 };
    expect([...(await (await product(0))(a, b)).data]).toEqual([5, 11, 14, 23]);
    const square = { data: Float32Array.of(1, 2, 3, 4), rows: 2, columns: 2 };
    const first = await (await product(1))(a, square);
    expect([first.rows, first.columns, ...first.data]).toEqual([3, 2, 13, 18, 17, 24, 21, 30]);
    const second = await (await product(2))(a, a);
    expect([second.rows, second.columns, ...second.data]).toEqual([2, 2, 14, 32, 32, 77]);
  });
});

describe('the probe', () => {
  test('converges, and names what can be told apart', async () => {
    const [train, rest] = [made(90, 0, 0.3), made(60, 1000, 0.3)];
    const result = await softmaxProbe(train.X, train.y, rest.X, rest.y, 3);
    expect(result.gradientNorm).toBeLessThanOrEqual(1e-4);
    expect(result.accuracy).toBe(1);
    expect(macroF1(result)).toBe(100);
  });

  test('learns nothing of labels that say nothing', async () => {
    const [train, rest] = [made(300, 0, 0.3), made(300, 1000, 0.3)];
    const y = train.y.map((_, i) => (i * 7919) % 31 % 3);
    const { accuracy, gradientNorm } = await softmaxProbe(train.X, y, rest.X, rest.y, 3);
    expect(accuracy).toBeLessThan(0.7);
    expect(gradientNorm).toBeLessThanOrEqual(1e-4);
  });

  test('gives a class that is never named an F1 of 0', async () => {
    const { X, y } = made(60, 0, 0.2);
    const { f1 } = await softmaxProbe(X, y, X, y, 4);
    expect(f1[3]).toBe(0);
    expect(X.length).toBe(60 * D);
  });

  test('of several classes at once says which are there', async () => {
    const [train, rest] = [made(90, 0, 0.3), made(60, 1000, 0.3)];
    // The third kind shows both classes, the others one each.
    const shown = (y: Int32Array): Uint8Array => Uint8Array.from([...y].flatMap((kind) => [kind === 1 ? 0 : 1, kind === 0 ? 0 : 1]));
    const { scores, gradientNorm } = await presenceProbe(train.X, shown(train.y), rest.X, 2);
    expect(gradientNorm).toBeLessThanOrEqual(1e-4);
    expect(Uint8Array.from(scores.data, (score) => (score > 0 ? 1 : 0))).toEqual(shown(rest.y));
  });
});
