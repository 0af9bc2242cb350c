/** The centroids side by side give the bits that plain loops give, wherever they stand. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DIMENSION, madeVectors } from '../../bench/made-items.ts';
import { Centroids, type Tier } from '../../operators/state/centroids.ts';
import { newRow, norm, type Row } from '../../operators/state/cluster-row.ts';
import { RoughRows } from '../../operators/state/rough-rows.ts';
import { Rows } from '../../operators/state/rows.ts';
import { dot } from '../../operators/state/vectors.ts';

const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -2, max: 2 });
const vectors = fc.integer({ min: 1, max: 37 }).chain((d) => fc.record({ x: fc.float32Array({ minLength: d, maxLength: d, noNaN: true, noDefaultInfinity: true }), rows: fc.array(fc.float32Array({ minLength: d, maxLength: d, noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 9 }) }));

test('inner products with all rows at once are those of one at a time, for every length and from every row on', () => {
  fc.assert(
    fc.property(vectors, fc.nat(8), fc.nat(9), ({ x, rows }, a, b) => {
      const all = new Rows(x.length);
      for (const row of rows) all.push(row);
      const from = Math.min(a, rows.length);
      const to = Math.max(from, Math.min(b, rows.length));
      expect([...all.dots(x, from, to)]).toEqual(rows.slice(from, to).map((row) => dot(x, 0, row, 0, x.length)));
    }),
  );
});

test('rows stay as they are when the memory grows', () => {
  const d = 256;
  const all = new Rows(d);
  const rows = Array.from({ length: 1001 }, (_, i) => new Float32Array(d).map((__, j) => Math.sin(i * d + j)));
  for (const row of rows) all.push(row);
  const x = rows[500] ?? new Float32Array(d);
  expect(all.row(1000)).toEqual(rows[1000]);
  expect([...all.dots(x, 0, 1001)]).toEqual(rows.map((row) => dot(x, 0, row, 0, d)));
});

// Rows that hardly differ: their copies are often the same ones, and only the bound keeps the nearest from being ruled out.
const alike = fc.integer({ min: 1, max: 37 }).chain((d) => {
  const row = fc.array(finite, { minLength: d, maxLength: d });
  return fc.record({ x: row, base: row, spread: fc.constantFrom(1e-6, 1e-3, 0.1, 1), aside: fc.array(row, { minLength: 1, maxLength: 12 }) });
});

test('what the 8-bit copies rule out is not the nearest, however alike the rows', () => {
  fc.assert(
    fc.property(alike, ({ x, base, spread, aside }) => {
      const wanted = Float32Array.from(x);
      const centroids = new Centroids(x.length);
      const rows = aside.map((other) => Float32Array.from(base, (value, i) => value + spread * (other[i] ?? 0)));
      for (const [id, row] of rows.entries()) centroids.add(newRow(id, 0), row);
      const plain = rows.map((row, id) => ({ id, similarity: dot(wanted, 0, row, 0, x.length) / norm(row) })).sort((a, b) => b.similarity - a.similarity || a.id - b.id)[0];
      const nearest = centroids.nearest(wanted, 'all');
      expect(nearest === null ? undefined : { id: nearest.row.id, similarity: nearest.similarity }).toEqual(plain);
    }),
    { numRuns: 1000 },
  );
});

test('of 1,000 centroids no more than a few are compared in full', () => {
  const vectorOf = madeVectors(1000);
  const rough = new RoughRows(DIMENSION);
  for (let i = 0; i < 1000; i++) rough.push(vectorOf(i), 1);
  for (let i = 1000; i < 1100; i++) expect(rough.nearest(vectorOf(i), 1, 0, 1000).length).toBeLessThan(10);
});

type Step = { readonly what: 'add'; readonly x: Float32Array } | { readonly what: 'warm' | 'cool' | 'remove' | 'move'; readonly which: number };
const D = 5;
const vector = fc.array(finite, { minLength: D, maxLength: D }).map((numbers) => Float32Array.from(numbers));
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ what: fc.constant('add' as const), x: vector }),
  fc.record({ what: fc.constantFrom('warm' as const, 'cool' as const, 'remove' as const, 'move' as const), which: fc.nat(50) }),
);

test('whatever comes and goes, the nearest of each tier is that of a plain search, ties to the older one', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 80 }), vector, (steps, x) => {
      const centroids = new Centroids(D);
      const plain = new Map<Row, { cold: boolean; centroid: Float32Array }>();
      steps.forEach((one, id) => {
        if (one.what === 'add') {
          const row = newRow(id, 0);
          centroids.add(row, one.x);
          plain.set(row, { cold: true, centroid: one.x.slice() });
          return;
        }
        const [row, kept] = [...plain][one.which % Math.max(1, plain.size)] ?? [];
        if (row === undefined || kept === undefined) return;
        if (one.what === 'move') {
          centroids.move(row, x, 0.25);
          kept.centroid = kept.centroid.map((value, i) => value + 0.25 * ((x[i] ?? 0) - value));
        } else if (one.what === 'remove') {
          centroids.remove(row);
          plain.delete(row);
        } else if ((one.what === 'warm') === kept.cold) {
          centroids[one.what](row);
          kept.cold = !kept.cold;
        }
      });
      expect(centroids.live).toBe([...plain.values()].filter(({ cold }) => !cold).length);
      for (const [row, { cold, centroid }] of plain) expect([centroids.isCold(row), [...centroids.of(row)]]).toEqual([cold, [...centroid]]);
      for (const tier of ['live', 'cold', 'all'] satisfies readonly Tier[]) {
        for (const counts of [undefined, (row: Row) => row.id % 2 === 0]) {
          const found = [...plain]
            .filter(([row, { cold }]) => (tier === 'all' || cold === (tier === 'cold')) && counts?.(row) !== false)
            .map(([row, { centroid }]) => ({ id: row.id, similarity: dot(x, 0, centroid, 0, D) / norm(centroid) }))
            .sort((a, b) => b.similarity - a.similarity || a.id - b.id)[0];
          const nearest = centroids.nearest(x, tier, counts);
          expect(nearest === null ? undefined : { id: nearest.row.id, similarity: nearest.similarity }).toEqual(found);
        }
      }
    }),
    { numRuns: 300 },
  );
});
