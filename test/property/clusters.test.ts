import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decay } from '../../operators/state/clock.ts';
import { Clusters, type ClusterOptions } from '../../operators/state/clusters.ts';
import { D, embeddingOf } from '../support/streams.ts';

const HALF_LIFE = 500;

function fed(options: ClusterOptions, kinds: readonly number[], steps: readonly number[] = []): { clusters: Clusters; now: number; plain: number } {
  const clusters = new Clusters(options, D);
  let now = 0;
  let plain = 0;
  kinds.forEach((kind, i) => {
    const step = steps[i % Math.max(1, steps.length)] ?? 1;
    now += step;
    plain = plain * 2 ** (-step / HALF_LIFE) + 1;
    const x = embeddingOf(1, i, { kind, jitter: 0.2 });
    clusters.add(x, clusters.place(x), now, HALF_LIFE);
  });
  return { clusters, now, plain };
}

const kinds = fc.array(fc.nat(60), { minLength: 1, maxLength: 400 });
const steps = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { minLength: 1, maxLength: 20 });

describe('decay', () => {
  test('by one time and then another equals by their sum, within 1e-9', () => {
    const time = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(fc.property(time, time, fc.double({ min: 1, max: 1e6, noNaN: true }), (a, b, halfLife) => Math.abs(decay(a, halfLife) * decay(b, halfLife) - decay(a + b, halfLife)) <= 1e-9));
  });

  test('halves in a half-life and never grows', () => {
    expect(decay(HALF_LIFE, HALF_LIFE)).toBe(0.5);
    expect(decay(-3, HALF_LIFE)).toBe(1);
  });
});

describe('total weight', () => {
  const sum = (clusters: Clusters, now: number): number => [...clusters.all(now, HALF_LIFE)].reduce((total, { weight }) => total + weight, 0);

  test.each([
    ['promotion alone', { max: 1000, maxCold: 1000, promoteAt: 3, spread: 1.5 }],
    ['eviction to the cold list', { max: 6, maxCold: 1000, promoteAt: 3, spread: 0.5 }],
    ['eviction and merging', { max: 6, maxCold: 5, promoteAt: 3, spread: 0.5 }],
  ])('%s keeps it: what was put in, decayed, is what is there', (_, options) => {
    fc.assert(
      fc.property(kinds, steps, (k, s) => {
        const { clusters, now, plain } = fed(options, k, s);
        expect(sum(clusters, now)).toBeCloseTo(plain, 6);
        expect(clusters.total(now, HALF_LIFE)).toBeCloseTo(plain, 6);
        expect(clusters.live).toBeLessThanOrEqual(options.max);
        expect(clusters.cold).toBeLessThanOrEqual(options.maxCold);
      }),
      { numRuns: 50 },
    );
  });

  test('weights decay before 1970 as after it', () => {
    const clusters = new Clusters({ max: 10, maxCold: 10, promoteAt: 3, spread: 1.5 }, D);
    const x = embeddingOf(1, 0, { kind: 1, jitter: 0 });
    for (let i = 0; i < 30; i++) clusters.add(x, clusters.place(x), -1e12 + i * HALF_LIFE, HALF_LIFE);
    expect(sum(clusters, -1e12 + 29 * HALF_LIFE)).toBeCloseTo(2, 6);
    expect(clusters.total(-1e12 + 29 * HALF_LIFE, HALF_LIFE)).toBeCloseTo(2, 6);
  });

  test('merging two clusters adds their weights and leaves one', () => {
    const { clusters, now } = fed({ max: 100, maxCold: 100, promoteAt: 3, spread: 0.5 }, [1, 1, 2, 3, 1, 2]);
    const [a, b] = [...clusters.all(now, HALF_LIFE)];
    const before = sum(clusters, now);
    const count = clusters.live;
    clusters.merge(a?.id ?? -1, b?.id ?? -1, now, HALF_LIFE);
    expect(clusters.live).toBe(count - 1);
    expect(sum(clusters, now)).toBeCloseTo(before, 9);
    expect([...clusters.all(now, HALF_LIFE)].find(({ id }) => id === b?.id)?.weight).toBeCloseTo((a?.weight ?? 0) + (b?.weight ?? 0), 9);
    expect(clusters.takeMerged()).toEqual(new Map([[a?.id, b?.id]]));
    expect(clusters.takeMerged().size).toBe(0);
  });
});

describe('tiers', () => {
  test('a cluster is confirmed by the item that brings its weight to the bound, once', () => {
    const clusters = new Clusters({ max: 10, maxCold: 10, promoteAt: 2.9, spread: 1.5 }, D);
    const x = embeddingOf(1, 0, { kind: 1, jitter: 0 });
    const confirmed = [1, 2, 3, 4].map((now) => clusters.add(x, clusters.place(x), now, 1e12).cluster.confirmed);
    expect(confirmed).toEqual([false, false, true, true]);
  });

  test('what decays faster than it comes is never confirmed', () => {
    const clusters = new Clusters({ max: 10, maxCold: 10, promoteAt: 3, spread: 1.5 }, D);
    const x = embeddingOf(1, 0, { kind: 1, jitter: 0 });
    for (let i = 1; i < 50; i++) expect(clusters.add(x, clusters.place(x), i * 2 * HALF_LIFE, HALF_LIFE).cluster.confirmed).toBe(false);
  });

  test('a cluster that went cold is taken up again under its old id', () => {
    const clusters = new Clusters({ max: 4, maxCold: 100, promoteAt: 3, spread: 0.5 }, 32);
    const of = (kind: number): Float32Array => Float32Array.from({ length: 32 }, (_, i) => (i === kind ? 1 : 0));
    const first = clusters.place(of(0)).id;
    clusters.add(of(0), clusters.place(of(0)), 1, HALF_LIFE);
    for (let kind = 1; kind < 30; kind++) clusters.add(of(kind), clusters.place(of(kind)), 1 + kind, HALF_LIFE);
    expect(clusters.cold).toBeGreaterThan(0);
    expect([...clusters.all(40, HALF_LIFE)].find(({ id }) => id === first)?.cold).toBe(true);
    const again = clusters.place(of(0));
    expect(again.id).toBe(first);
    clusters.add(of(0), again, 41, HALF_LIFE);
    expect([...clusters.all(41, HALF_LIFE)].find(({ id }) => id === first)?.cold).toBe(false);
  });
});

test('the share of all clusters, without the item in hand, is at most one', () => {
  const { clusters, now } = fed({ max: 100, maxCold: 100, promoteAt: 3, spread: 1 }, [1, 1, 1, 2, 3]);
  const x = embeddingOf(1, 0, { kind: 1, jitter: 0.2 });
  const share = clusters.share(clusters.place(x), now, HALF_LIFE);
  expect(share).toBeGreaterThan(0.5);
  expect(share).toBeLessThanOrEqual(1);
});
