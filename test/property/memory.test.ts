import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rowsToDrop } from '../../operators/state/compact.ts';
import { Memory, type Proposal } from '../../operators/state/memory.ts';
import { dot } from '../../operators/state/vectors.ts';
import { D, embeddingOf } from '../support/streams.ts';

function filled(specs: readonly { kind: number; cluster?: number; classes?: readonly string[] }[], jitter = 0.4): Memory {
  const memory = new Memory(D);
  specs.forEach(({ kind, cluster, classes }, seq) => {
    memory.add({ seq, id: `item-${seq}`, cluster: cluster ?? kind, digest: String(seq), classes: classes ?? [] }, embeddingOf(2, seq, { kind, jitter }));
  });
  return memory;
}

describe('nearest', () => {
  const kinds = fc.array(fc.nat(20), { minLength: 1, maxLength: 300 });

  test('is that of an exact search, however poor the proposal', () => {
    fc.assert(
      fc.property(kinds, fc.nat(20), fc.nat(300), fc.array(fc.nat(299), { maxLength: 8 }), (all, kind, indexed, rows) => {
        const memory = filled(all.map((k) => ({ kind: k })));
        const x = embeddingOf(2, 999, { kind, jitter: 0.4 });
        const exact = memory.nearest(x, null);
        const known = Math.min(indexed, memory.count);
        const proposed = [...new Set(rows)].filter((row) => row < known);
        // The index is honest about its bound: nothing it left out is nearer than that.
        const rest = [...Array(known).keys()].filter((row) => !proposed.includes(row));
        const bound = rest.length === 0 ? -Infinity : Math.max(...rest.map((row) => similarity(memory, x, row)));
        const proposal: Proposal = { generation: 0, indexed: known, rows: Int32Array.from(proposed), bound };
        expect(memory.nearest(x, proposal)).toEqual(exact);
      }),
    );
  });

  test('of equal rows the earliest', () => {
    const memory = filled([{ kind: 1 }, { kind: 2 }, { kind: 1 }], 0);
    expect(memory.nearest(embeddingOf(2, 0, { kind: 1, jitter: 0 }), null)?.item.seq).toBe(0);
    const proposal: Proposal = { generation: 0, indexed: 3, rows: Int32Array.of(2, 0), bound: -Infinity };
    expect(memory.nearest(embeddingOf(2, 0, { kind: 1, jitter: 0 }), proposal)?.item.seq).toBe(0);
  });

  test('a proposal made before rows were dropped gives the same answer as none', () => {
    const all = Array.from({ length: 60 }, (_, i) => ({ kind: i % 9 }));
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(59), { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 2 }), fc.nat(8), (drops, kind) => {
        const memory = filled(all);
        const x = embeddingOf(2, 999, { kind, jitter: 0.4 });
        const order = [...all.keys()].sort((a, b) => similarity(memory, x, b) - similarity(memory, x, a)).slice(0, 8);
        const stale: Proposal = { generation: 0, indexed: 60, rows: Int32Array.from(order), bound: similarity(memory, x, order[7] ?? 0) };
        for (const rows of drops) memory.drop(new Set(rows.filter((row) => row < memory.count)));
        expect(memory.nearest(x, stale)).toEqual(memory.nearest(x, null));
      }),
    );
  });

  test('nothing in an empty memory', () => {
    expect(new Memory(D).nearest(embeddingOf(2, 0, { kind: 1, jitter: 0 }), null)).toBeNull();
  });

  function similarity(memory: Memory, x: Float32Array, row: number): number {
    return dot(memory.vectors(row), 0, x, 0, D);
  }
});

describe('compaction', () => {
  const specs = fc.array(fc.record({ kind: fc.nat(8), classes: fc.subarray(['a', 'b', 'c', 'd', 'e']) }), { minLength: 50, maxLength: 400 });

  test('brings the memory under its bound where exemplars and last members allow, and keeps those', () => {
    fc.assert(
      fc.property(specs, fc.integer({ min: 20, max: 200 }), (all, max) => {
        const memory = filled(all);
        const clusters = new Map<number, number>();
        for (const { cluster } of memory.items) clusters.set(cluster, (clusters.get(cluster) ?? 0) + 1);
        const dropped = memory.drop(rowsToDrop(memory, max, (cluster) => clusters.get(cluster) ?? 0));
        if (all.length <= max) expect(dropped).toHaveLength(0);
        const kept = memory.items;
        for (const [cluster, size] of clusters) expect(kept.filter((item) => item.cluster === cluster).length).toBeGreaterThanOrEqual(Math.min(size, 8));
        for (const name of new Set(all.flatMap(({ classes }) => classes))) expect(kept.some((item) => item.classes.includes(name))).toBe(true);
        const least = [...clusters.values()].reduce((sum, size) => sum + Math.min(size, 8), 0);
        expect(kept.length).toBeLessThanOrEqual(Math.max(max, least + 5));
        // Rows stay in order and keep their own vectors.
        expect(kept.map(({ seq }) => seq)).toEqual(kept.map(({ seq }) => seq).sort((a, b) => a - b));
        for (const item of kept.slice(0, 5)) expect(memory.nearest(embeddingOf(2, item.seq, { kind: all[item.seq]?.kind ?? 0, jitter: 0.4 }), null)?.item.seq).toBe(item.seq);
      }),
      { numRuns: 40 },
    );
  });

  test('copies leave, unlike items stay, whatever the weight of their clusters', () => {
    const memory = new Memory(D);
    const add = (seq: number, cluster: number, x: Float32Array): void => memory.add({ seq, id: `item-${seq}`, cluster, digest: String(seq), classes: [] }, x);
    for (let i = 0; i < 100; i++) add(i, 1, embeddingOf(2, i, { kind: i, jitter: 0 }));
    for (let i = 100; i < 190; i++) add(i, 2, embeddingOf(2, i, { kind: 1000, jitter: 0.01 }));
    const dropped = memory.drop(rowsToDrop(memory, 150, (cluster) => (cluster === 1 ? 1000 : 90)));
    expect(dropped).toHaveLength(55);
    expect(dropped.every(({ cluster }) => cluster === 2)).toBe(true);
    // What left is still remembered by something nearly the same.
    for (const { seq } of dropped) expect(memory.nearest(embeddingOf(2, seq, { kind: 1000, jitter: 0.01 }), null)?.similarity).toBeGreaterThan(0.99);
  });

  test('clusters that are not confirmed give nothing', () => {
    const memory = filled(Array.from({ length: 100 }, () => ({ kind: 1 })), 0);
    expect(rowsToDrop(memory, 50, () => 0).size).toBe(0);
    expect(rowsToDrop(memory, 50, () => 7).size).toBe(55);
  });

  test('items of clusters that were merged follow them', () => {
    const memory = filled([{ kind: 1 }, { kind: 2 }, { kind: 1 }, { kind: 3 }]);
    expect(memory.relabel(new Map([[1, 3]])).map(({ seq, cluster }) => [seq, cluster])).toEqual([[0, 3], [2, 3]]);
    expect(memory.items.map(({ cluster }) => cluster)).toEqual([3, 2, 3, 3]);
  });

  test('a label that comes later finds its row, and none where the item has left', () => {
    const memory = filled([{ kind: 1 }, { kind: 2 }, { kind: 3 }]);
    memory.drop(new Set([1]));
    expect(memory.classify(2, ['a'])?.classes).toEqual(['a']);
    expect(memory.items.find(({ seq }) => seq === 2)?.classes).toEqual(['a']);
    expect(memory.classify(1, ['a'])).toBeNull();
    expect(memory.classify(77, ['a'])).toBeNull();
  });
});
