import { describe, expect, test } from 'vitest';
import { Clusters } from '../../../../operators/state/clusters.ts';
import { Tally } from '../../../../operators/state/tally.ts';
import { D, embeddingOf } from '../../../support/streams.ts';

const HALF_LIFE = 1e9;

function made(): { clusters: Clusters; tally: Tally; see: (kind: number, times: number) => number; take: () => ReturnType<Tally['take']> } {
  const clusters = new Clusters({ max: 100, maxCold: 100, promoteAt: 3, spread: 1 }, D);
  const tally = new Tally();
  const see = (kind: number, times: number): number => {
    let id = -1;
    for (let i = 0; i < times; i++) {
      const x = embeddingOf(1, i, { kind, jitter: 0 });
      id = clusters.add(x, clusters.place(x), 0, HALF_LIFE).cluster.id;
      tally.touch(id, 0, HALF_LIFE);
    }
    return id;
  };
  return { clusters, tally, see, take: () => tally.take(clusters, 0, HALF_LIFE, null, 7) };
}

describe('the others are told', () => {
  test('of a cluster with centroid, weight and the classes admitted of it, and not again while it is much the same', () => {
    const { tally, see, take } = made();
    const id = see(1, 20);
    tally.add(id, ['cat', 'dog'], 0, HALF_LIFE);
    const [told, ...rest] = take();
    expect(rest).toEqual([]);
    expect(told).toMatchObject({ cluster: id, sketch: { decided: 7, time: null, counts: [{ class: 'cat', weight: 1 }, { class: 'dog', weight: 1 }] } });
    expect(told?.sketch?.weight).toBeCloseTo(20, 4);
    expect(take()).toEqual([]);
    see(1, 1);
    expect(take()).toEqual([]);
    see(1, 4);
    expect(take()).toHaveLength(1);
    tally.add(id, ['cat'], 0, HALF_LIFE);
    expect(take()[0]?.sketch?.counts[0]?.weight).toBeCloseTo(2, 4);
  });

  test('and the log holds nothing for a look that found nothing to tell, nor for news that waits already', () => {
    const { tally, see, take } = made();
    see(1, 20);
    const single = see(2, 1);
    take();
    expect([...tally.takeChanges()]).toHaveLength(2);
    see(1, 1);
    expect([...tally.takeChanges()]).toHaveLength(1);
    see(1, 1);
    see(2, 1);
    tally.touch(99, 0, HALF_LIFE);
    expect([...tally.takeChanges()].map(({ key }) => key)).toEqual([99]);
    expect(take().map(({ cluster }) => cluster)).toEqual([single]);
    expect([...tally.takeChanges()].map(({ key }) => key)).toEqual([single]);
  });

  test('not of single items, until something of them was admitted with a label', () => {
    const { tally, see, take } = made();
    const id = see(2, 1);
    expect(take()).toEqual([]);
    tally.add(id, ['cat'], 0, HALF_LIFE);
    expect(take()).toHaveLength(1);
  });

  test('of classes without what a correction took back', () => {
    const { tally, see, take } = made();
    const id = see(1, 3);
    tally.add(id, ['cat'], 0, HALF_LIFE);
    tally.add(id, ['cat'], 0, HALF_LIFE);
    take();
    tally.remove(id, ['cat'], 0, 0, HALF_LIFE);
    tally.add(id, ['dog'], 0, HALF_LIFE);
    expect(take()[0]?.sketch?.counts).toEqual([{ class: 'cat', weight: 1 }, { class: 'dog', weight: 1 }]);
  });

  test('of no more classes than a few, the heaviest, and of none that has faded or is a text', () => {
    const { tally, see, take } = made();
    const id = see(1, 3);
    tally.add(id, ['x'.repeat(201)], 0, HALF_LIFE);
    for (let i = 0; i < 3000; i++) tally.add(id, [`caption ${i}`], 0, HALF_LIFE);
    tally.add(id, ['cat'], 0, HALF_LIFE);
    tally.add(id, ['cat'], 0, HALF_LIFE);
    const counts = take()[0]?.sketch?.counts ?? [];
    expect(counts.length).toBe(64);
    expect(counts.find((entry) => entry.class === 'cat')?.weight).toBe(2);
    tally.touch(id, 10 * HALF_LIFE, HALF_LIFE);
    expect([...tally.takeChanges()][0]?.value?.length).toBeLessThan(100);
  });

  test('that a cluster merged away is gone, and what it held is with the one that took it in', () => {
    const { clusters, tally, see, take } = made();
    const [a, b] = [see(1, 5), see(2, 5)];
    tally.add(a, ['cat'], 0, HALF_LIFE);
    take();
    clusters.merge(a, b, 0, HALF_LIFE);
    tally.follow(clusters.takeMerged(), 0, HALF_LIFE);
    const told = take();
    expect(told[0]).toEqual({ cluster: a, sketch: null });
    expect(told[1]).toMatchObject({ cluster: b, sketch: { counts: [{ class: 'cat' }] } });
    expect(told[1]?.sketch?.weight).toBeCloseTo(10, 4);
    expect(take()).toEqual([]);
  });
});
