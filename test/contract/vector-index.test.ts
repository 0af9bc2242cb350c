/** What every VectorIndex must do: the one over faiss-node, and the plain loops that tests use in its place. */
import { afterEach, describe, expect, test } from 'vitest';
import { openIndex } from '../../infra/faiss/index.ts';
import type { Neighbours, VectorIndex } from '../../operators/ports.ts';
import { LoopIndex } from '../support/embedded-host.ts';
import { prng } from '../support/images.ts';

const D = 256;

/** `n` rows of unit length, the same for the same seed. */
function randomRows(seed: number, n: number, d = D): Float32Array {
  const draw = prng(seed);
  const rows = Float32Array.from({ length: n * d }, () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw()));
  for (let at = 0; at < rows.length; at += d) {
    const norm = Math.hypot(...rows.subarray(at, at + d));
    for (let i = at; i < at + d; i++) rows[i] = (rows[i] ?? 0) / norm;
  }
  return rows;
}

/** The k most similar rows, by sums in double precision. */
function bruteForce(rows: Float32Array, query: Float32Array, k: number): { row: number; similarity: number }[] {
  const all = Array.from({ length: rows.length / D }, (_, row) => {
    let similarity = 0;
    for (let i = 0; i < D; i++) similarity += (rows[row * D + i] ?? 0) * (query[i] ?? 0);
    return { row, similarity };
  });
  return all.sort((a, b) => b.similarity - a.similarity).slice(0, k);
}

function expectExact(found: Neighbours, rows: Float32Array, queries: Float32Array, k: number): void {
  const n = queries.length / D;
  expect([found.rows.length, found.similarities.length]).toEqual([n * k, n * k]);
  for (let q = 0; q < n; q++) {
    const wanted = bruteForce(rows, queries.subarray(q * D, (q + 1) * D), k);
    expect(found.rows[q * k]).toBe(wanted[0]?.row);
    wanted.forEach(({ similarity }, i) => expect(Math.abs((found.similarities[q * k + i] ?? 9) - similarity)).toBeLessThan(1e-5));
    // Each similarity is that of its row, and no row comes twice.
    const seen = found.rows.subarray(q * k, (q + 1) * k);
    expect(new Set(seen).size).toBe(k);
    expect([...seen].sort((a, b) => a - b)).toEqual(wanted.map(({ row }) => row).sort((a, b) => a - b));
  }
}

const axis = (i: number, length = 1, d = 4): Float32Array => Float32Array.from({ length: d }, (_, at) => (at === i ? length : 0));
const stack = (...rows: readonly Float32Array[]): Float32Array => Float32Array.from(rows.flatMap((row) => [...row]));

describe.each<[string, (dimension: number) => Promise<VectorIndex>]>([
  ['faiss-node', openIndex],
  ['plain loops', (dimension) => Promise.resolve(new LoopIndex(dimension))],
])('%s', (_, open) => {
  let index: VectorIndex | null = null;
  const opened = async (dimension = 4): Promise<VectorIndex> => (index = await open(dimension));
  afterEach(async () => {
    await index?.close();
    index = null;
  });

  test('rows are numbered in order of adding, over several calls', async () => {
    const it = await opened();
    expect([it.dimension, it.count]).toEqual([4, 0]);
    await it.add(stack(axis(0), axis(1)));
    await it.add(axis(2));
    await it.add(new Float32Array());
    await it.add(axis(3));
    expect(it.count).toBe(4);
    const { rows, similarities } = await it.search(stack(axis(3), axis(0), axis(2), axis(1)), 1);
    expect([...rows]).toEqual([3, 0, 2, 1]);
    expect([...similarities]).toEqual([1, 1, 1, 1]);
    expect([rows.constructor, similarities.constructor]).toEqual([Int32Array, Float32Array]);
  });

  test('the nearest come first, by inner product and not by distance', async () => {
    const it = await opened();
    await it.add(stack(axis(0, 0.5), axis(0, 3), axis(0, -1), axis(1), axis(0, 1)));
    const { rows, similarities } = await it.search(axis(0), 5);
    expect([...rows]).toEqual([1, 4, 0, 3, 2]);
    expect([...similarities]).toEqual([3, 1, 0.5, 0, -1]);
  });

  test('k may be all there are; no query gives nothing', async () => {
    const it = await opened();
    await it.add(stack(axis(0), axis(1)));
    expect((await it.search(axis(0), 2)).rows).toEqual(Int32Array.of(0, 1));
    expect(await it.search(new Float32Array(), 1)).toEqual({ rows: new Int32Array(), similarities: new Float32Array() });
  });

  test('reset forgets all rows and numbers from 0 again', async () => {
    const it = await opened();
    await it.add(stack(axis(0), axis(1)));
    await it.reset();
    expect(it.count).toBe(0);
    await it.add(axis(2));
    expect(it.count).toBe(1);
    expect((await it.search(axis(2), 1)).rows).toEqual(Int32Array.of(0));
  });

  test('calls that are not awaited count at once and are done in order', async () => {
    const it = await opened();
    const many = randomRows(1, 3000, 4);
    const adding = it.add(many);
    expect(it.count).toBe(3000);
    const all = it.search(axis(0), 3000);
    const resetting = it.reset();
    expect(it.count).toBe(0);
    const again = it.add(axis(3));
    const last = it.search(axis(3), 1);
    await Promise.all([adding, resetting, again]);
    expect((await all).rows.length).toBe(3000);
    expect((await last).rows).toEqual(Int32Array.of(0));
  });

  test('2,000 vectors of 256 numbers: exact, one query at a time and 64 at once', async () => {
    const it = await opened(D);
    const rows = randomRows(2, 2000);
    for (let at = 0; at < 2000; at += 500) await it.add(rows.subarray(at * D, (at + 500) * D));
    const queries = randomRows(3, 64);
    expectExact(await it.search(queries, 8), rows, queries, 8);
    for (let q = 0; q < 6; q++) {
      const one = queries.slice(q * D, (q + 1) * D);
      expectExact(await it.search(one, 8), rows, one, 8);
    }
    const known = rows.slice(700 * D, 701 * D);
    const itself = await it.search(known, 1);
    expect(itself.rows).toEqual(Int32Array.of(700));
    expect(itself.similarities[0]).toBeCloseTo(1, 5);
  });
});
