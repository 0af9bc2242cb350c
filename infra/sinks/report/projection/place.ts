/** Where an item lies on a map: among its nearest anchors, the more similar one pulling the more. */
import { emptyNearest, insert } from './neighbours.ts';
import type { Projection } from './types.ts';
import { dotRows, matrixOf, type Matrix } from './vectors.ts';

const PULLING = 8;
/** The pull falls by e for each 0.03 of similarity (measured on three photo sets: sharper scatters kinds, softer heaps them up). */
const SOFTNESS = 0.03;
/** Groups of anchors that are looked at closely. */
const GROUPS_SEARCHED = 6;

export interface Place {
  readonly x: number;
  readonly y: number;
  /** With the nearest anchor found. */
  readonly similarity: number;
}

/**
 * Anchors are searched in two steps, nearest groups first, which makes 100,000 items a matter of seconds. Groups are founded by the
 * first anchors only and an item sees only anchors up to its own time: so its place never depends on what came later.
 */
export function placer(projection: Projection): (vector: Float32Array, seq: number) => Place {
  const { vectors, since, places } = projection;
  const heads = Math.max(1, Math.floor(Math.sqrt(projection.founders)));
  const groups = groupAnchors(vectors, heads);
  return (vector, seq) => {
    const item = matrixOf([vector], vectors.dim);
    const near = nearest(item, vectors, heads, Math.min(heads, GROUPS_SEARCHED));
    const list = emptyNearest(1, PULLING);
    for (const head of near) {
      for (const anchor of groups[head] ?? []) if ((since[anchor] ?? 0) <= seq) insert(list, 0, anchor, dotRows(item, 0, vectors, anchor));
    }
    const best = list.similarity[0] ?? 0;
    let x = 0;
    let y = 0;
    let sum = 0;
    for (let j = 0; j < PULLING; j++) {
      const anchor = list.index[j] ?? -1;
      if (anchor < 0) break;
      const pull = Math.exp(((list.similarity[j] ?? 0) - best) / SOFTNESS);
      x += pull * (places[anchor * 2] ?? 0);
      y += pull * (places[anchor * 2 + 1] ?? 0);
      sum += pull;
    }
    return { x: x / sum, y: y / sum, similarity: best };
  };
}

/** Each anchor with the most similar of the first `heads` anchors. */
function groupAnchors(vectors: Matrix, heads: number): number[][] {
  const groups: number[][] = Array.from({ length: heads }, () => []);
  for (let i = 0; i < vectors.rows; i++) {
    const head = i < heads ? i : (nearest({ ...vectors, data: vectors.data.subarray(i * vectors.dim), rows: 1 }, vectors, heads, 1)[0] ?? 0);
    groups[head]?.push(i);
  }
  return groups;
}

function nearest(item: Matrix, vectors: Matrix, among: number, k: number): Int32Array {
  const list = emptyNearest(1, k);
  for (let j = 0; j < among; j++) insert(list, 0, j, dotRows(item, 0, vectors, j));
  return list.index;
}
