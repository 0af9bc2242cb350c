/** Exact nearest neighbours, kept as small sorted lists. */
import { dotRows, type Matrix } from './vectors.ts';

/** For each of n rows its k nearest, best first: `index[i * k + j]`, `similarity[i * k + j]`; index -1 where there are fewer. */
export interface Nearest {
  readonly k: number;
  readonly index: Int32Array;
  readonly similarity: Float32Array;
}

/** Puts (candidate, s) into the sorted list of row `i`; of equals the earlier stays first. */
export function insert(list: Nearest, i: number, candidate: number, s: number): void {
  const base = i * list.k;
  let at = list.k - 1;
  if ((list.index[base + at] ?? -1) >= 0 && s <= (list.similarity[base + at] ?? 0)) return;
  while (at > 0 && ((list.index[base + at - 1] ?? -1) < 0 || s > (list.similarity[base + at - 1] ?? 0))) {
    list.index[base + at] = list.index[base + at - 1] ?? -1;
    list.similarity[base + at] = list.similarity[base + at - 1] ?? 0;
    at--;
  }
  list.index[base + at] = candidate;
  list.similarity[base + at] = s;
}

export function emptyNearest(rows: number, k: number): Nearest {
  return { k, index: new Int32Array(rows * k).fill(-1), similarity: new Float32Array(rows * k) };
}

/** The k nearest of each row among the other rows, O(n² d / 2). */
export function nearestWithin(matrix: Matrix, k: number): Nearest {
  const list = emptyNearest(matrix.rows, k);
  for (let i = 0; i < matrix.rows; i++) {
    for (let j = 0; j < i; j++) {
      const s = dotRows(matrix, i, matrix, j);
      insert(list, i, j, s);
      insert(list, j, i, s);
    }
  }
  return list;
}
