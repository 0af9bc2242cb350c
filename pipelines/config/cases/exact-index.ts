import type { Neighbours, VectorIndex } from '../../../operators/ports.ts';
import { dot } from '../../../operators/state/vectors.ts';

/** Exact search in plain loops, in this process: for a few thousand short vectors. */
export class ExactIndex implements VectorIndex {
  readonly dimension: number;
  #rows: Float32Array[] = [];

  constructor(dimension: number) {
    this.dimension = dimension;
  }

  get count(): number {
    return this.#rows.length;
  }

  async add(vectors: Float32Array): Promise<void> {
    for (let at = 0; at < vectors.length; at += this.dimension) this.#rows.push(vectors.slice(at, at + this.dimension));
  }

  async search(queries: Float32Array, k: number): Promise<Neighbours> {
    const n = queries.length / this.dimension;
    const rows = new Int32Array(n * k).fill(-1);
    const similarities = new Float32Array(n * k).fill(-Infinity);
    for (let q = 0; q < n; q++) {
      for (const [row, vector] of this.#rows.entries()) {
        insert(rows.subarray(q * k, (q + 1) * k), similarities.subarray(q * k, (q + 1) * k), row, Math.fround(dot(vector, 0, queries, q * this.dimension, this.dimension)));
      }
    }
    return { rows, similarities };
  }

  async reset(): Promise<void> {
    this.#rows = [];
  }

  async close(): Promise<void> {}
}

/** Keeps the best ones, the best first; of equals the earlier row. */
function insert(rows: Int32Array, similarities: Float32Array, row: number, similarity: number): void {
  let at = rows.length;
  while (at > 0 && similarity > (similarities[at - 1] ?? -Infinity)) at -= 1;
  if (at === rows.length) return;
  rows.copyWithin(at + 1, at);
  similarities.copyWithin(at + 1, at);
  rows[at] = row;
  similarities[at] = similarity;
}
