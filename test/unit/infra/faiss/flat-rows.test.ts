import faiss from 'faiss-node';
import { expect, test } from 'vitest';
import { flatRows } from '../../../../infra/faiss/flat-rows.ts';

test.for([1, 3, 257])('%i rows are what adding them number by number makes', (n) => {
  const rows = Float32Array.from({ length: n * 5 }, (_, i) => Math.fround(Math.sin(i)));
  const added = new faiss.IndexFlatIP(5);
  added.add(Array.from(rows));
  // The library at hand is known: else all is as right, and slower.
  const made = flatRows(5)?.(rows);
  expect(made?.toBuffer()).toEqual(added.toBuffer());
});

test('they can be a part of a longer array, and be joined to others', () => {
  const all = Float32Array.from({ length: 12 }, (_, i) => i);
  const index = new faiss.IndexFlatIP(4);
  for (const part of [all.subarray(0, 4), all.subarray(4)]) index.mergeFrom(flatRows(4)?.(part) ?? new faiss.IndexFlatIP(4));
  expect(index.search([0, 0, 0, 1], 3)).toEqual({ distances: [11, 7, 3], labels: [2, 1, 0] });
});
