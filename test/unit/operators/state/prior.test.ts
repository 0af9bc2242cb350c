import { describe, expect, test } from 'vitest';
import { Classes } from '../../../../operators/state/classes.ts';
import { Clusters } from '../../../../operators/state/clusters.ts';
import { Prior } from '../../../../operators/state/prior.ts';
import type { ClusterSketch } from '../../../../schemas/told.ts';
import { D, embeddingOf } from '../../../support/streams.ts';

const HALF_LIFE = 100;
const of = (kind: number, i = 0): Float32Array => embeddingOf(1, i, { kind, jitter: 0.1 });
const foreign = (): boolean => true;
const sketch = (kind: number, weight: number, counts: ClusterSketch['counts'] = [], time: number | null = null): ClusterSketch => ({ decided: 10, centroid: embeddingOf(1, 0, { kind, jitter: 0 }), weight, time, counts });

describe('a scene', () => {
  test('that is dense elsewhere is not rare here', () => {
    const clusters = new Clusters({ max: 100, maxCold: 100, promoteAt: 3, spread: 1 }, D);
    for (let i = 0; i < 50; i++) clusters.add(of(1, i), clusters.place(of(1, i)), i, HALF_LIFE);
    const prior = new Prior();
    const share = (): number => clusters.share(clusters.place(of(2)), 50, HALF_LIFE, prior.weigh(of(2), clusters.radius, 50, HALF_LIFE));
    const alone = share();
    prior.hear(7, 0, sketch(2, 40), 50, foreign);
    prior.settle(50, HALF_LIFE);
    expect(share()).toBeGreaterThan(10 * alone);
    // What is seen elsewhere but looks otherwise makes it rarer.
    const other = new Prior();
    other.hear(7, 0, sketch(3, 40), 50, foreign);
    other.settle(50, HALF_LIFE);
    expect(clusters.share(clusters.place(of(2)), 50, HALF_LIFE, other.weigh(of(2), clusters.radius, 50, HALF_LIFE))).toBeLessThan(alone);
  });

  test('counts once for each partition that has it, as its nearest cluster', () => {
    const prior = new Prior();
    prior.hear(1, 0, sketch(2, 10), 0, foreign);
    prior.hear(1, 1, { ...sketch(2, 5), centroid: of(2, 9) }, 0, foreign);
    prior.hear(3, 0, sketch(2, 7), 0, foreign);
    prior.settle(0, HALF_LIFE);
    expect(prior.weigh(embeddingOf(1, 0, { kind: 2, jitter: 0 }), 0.5, 0, HALF_LIFE)).toEqual({ near: 17, total: 22 });
  });

  test('fades by our clock: from its time on where there are times, from when it was heard where there are none', () => {
    const prior = new Prior();
    prior.hear(1, 0, sketch(2, 8, [], 1000 - HALF_LIFE), 1000, foreign);
    prior.hear(1, 1, sketch(3, 8, [], null), 1000, foreign);
    prior.hear(1, 2, sketch(4, 8, [], 5000), 1000, foreign);
    prior.settle(1000, HALF_LIFE);
    const near = (kind: number, now: number): number => prior.weigh(embeddingOf(1, 0, { kind, jitter: 0 }), 0.9, now, HALF_LIFE).near;
    expect([near(2, 1000), near(3, 1000), near(4, 1000)]).toEqual([4, 8, 8]);
    expect([near(2, 1100), near(3, 1100)]).toEqual([2, 4]);
  });

  test('is as the newest says that came, whatever comes after it', () => {
    const prior = new Prior();
    prior.hear(1, 0, { ...sketch(2, 8), decided: 20 }, 0, foreign);
    prior.hear(1, 0, { ...sketch(2, 3), decided: 19 }, 0, foreign);
    prior.settle(0, HALF_LIFE);
    expect(prior.weigh(of(2), 0.5, 0, HALF_LIFE).near).toBe(8);
  });

  test('is near by direction alone, if it weighs enough by now', () => {
    const prior = new Prior();
    const pure = embeddingOf(1, 0, { kind: 2, jitter: 0 });
    expect(prior.nearest(pure, 4, 0, HALF_LIFE)).toBe(-1);
    prior.hear(1, 0, sketch(2, 6), 0, foreign);
    prior.settle(0, HALF_LIFE);
    expect(prior.nearest(pure.map((value) => value / 2), 4, 0, HALF_LIFE)).toBeCloseTo(1, 6);
    expect(prior.nearest(pure, 4, HALF_LIFE, HALF_LIFE)).toBe(-1);
  });

  test('is forgotten when its worker says that it is gone', () => {
    const prior = new Prior();
    prior.hear(1, 0, sketch(2, 8), 0, foreign);
    prior.hear(1, 0, null, 0, foreign);
    prior.settle(0, HALF_LIFE);
    expect(prior.size).toBe(0);
    expect(prior.weigh(of(2), 0.1, 0, HALF_LIFE)).toEqual({ near: 0, total: 0 });
  });
});

test('whether we have a scene ourselves is looked up again as it grows, not each time', () => {
  const prior = new Prior();
  let looks = 0;
  const look = (): boolean => ++looks < 2;
  for (const [i, weight] of [2, 2.5, 2.9, 3.1, 4].entries()) prior.hear(1, 0, { ...sketch(2, weight), decided: i }, 0, look);
  prior.settle(0, HALF_LIFE);
  expect(looks).toBe(2);
  expect(prior.foreign).toBe(0);
});

test('at its bound it lets the lightest go', () => {
  const prior = new Prior();
  for (let cluster = 0; cluster < 1200; cluster++) prior.hear(1, cluster, sketch(cluster, 1 + ((cluster * 7) % 1200)), 0, foreign);
  prior.settle(0, HALF_LIFE);
  expect(prior.size).toBe(500);
  expect(prior.foreign).toBe(500);
  expect(prior.weigh(of(1), 2, 0, HALF_LIFE).total).toBe((500 * (701 + 1200)) / 2);
});

test('a class that is full elsewhere is not short here', () => {
  const classes = new Classes();
  for (let i = 0; i < 20; i++) classes.add(['street'], 0, HALF_LIFE);
  classes.add(['night'], 0, HALF_LIFE);
  const prior = new Prior();
  const need = (name: string): number => classes.needs(0, HALF_LIFE, prior.counts(0, HALF_LIFE))(name);
  const before = need('night');
  prior.hear(1, 0, sketch(2, 50, [{ class: 'night', weight: 30 }, { class: 'snow', weight: 2 }]), 0, foreign);
  prior.settle(0, HALF_LIFE);
  expect(before).toBeGreaterThan(0.5);
  expect(need('night')).toBeLessThan(0);
  expect(need('snow')).toBeGreaterThan(0.5);
});
