/** What the engine is compared with. All but ThreeSieves see the whole stream first. Each takes the stream's rows [n, d] and gives the positions it keeps. */
import { uniform } from '../../operators/state/hash.ts';
import { dot } from '../../operators/state/vectors.ts';
import { kmeans } from './kmeans.ts';
import type { Matrix } from './matmul.ts';
import { shuffled } from './random.ts';
import { threeSieves } from './three-sieves.ts';

export type Selector = (X: Matrix, count: number, seed: number) => Promise<readonly number[]>;

export const SELECTORS: Readonly<Record<string, Selector>> = {
  'k-center greedy': kCenter,
  SemDeDup: semDeDup,
  'balanced k-means draw': balancedDraw,
  'ThreeSieves (online)': async (X, count, seed) => threeSieves(X, count, seed),
};

/** `count` of `n`, each set as likely. */
export function random(n: number, count: number, seed: number): readonly number[] {
  return [...shuffled(n, seed + 1_000_003).subarray(0, count)];
}

/** Always the row farthest from all that are kept (Gonzalez 1985; Sener and Savarese 2018). */
async function kCenter({ data, rows, columns: d }: Matrix, count: number, seed: number): Promise<readonly number[]> {
  const distance = new Float64Array(rows).fill(Infinity);
  const kept: number[] = [];
  let next = Math.floor(uniform(seed, 'k-center') * rows);
  while (kept.length < count) {
    kept.push(next);
    let farthest = 0;
    for (let i = 0; i < rows; i++) {
      distance[i] = Math.min(distance[i] as number, 1 - dot(data, i * d, data, next * d, d));
      if ((distance[i] as number) > (distance[farthest] as number)) farthest = i;
    }
    distance[next] = -Infinity;
    next = farthest;
  }
  return kept;
}

/** The rows least like any that are farther from their cluster's centre (Abbas et al. 2023: the outer one of a pair stays). */
async function semDeDup(X: Matrix, count: number, seed: number): Promise<readonly number[]> {
  const { of, similarity } = await kmeans(X, 100, seed);
  const d = X.columns;
  const twin = new Float64Array(X.rows);
  for (const members of byCluster(of)) {
    const outerFirst = members.sort((a, b) => (similarity[a] as number) - (similarity[b] as number) || a - b);
    outerFirst.forEach((i, at) => {
      for (const j of outerFirst.slice(0, at)) twin[i] = Math.max(twin[i] as number, dot(X.data, i * d, X.data, j * d, d));
    });
  }
  return [...twin.keys()].sort((a, b) => (twin[a] as number) - (twin[b] as number) || a - b).slice(0, count);
}

/** As many of each of 200 clusters, as far as they have them. */
async function balancedDraw(X: Matrix, count: number, seed: number): Promise<readonly number[]> {
  const { of } = await kmeans(X, 200, seed);
  const place = new Float64Array(X.rows);
  shuffled(X.rows, seed).forEach((i, at) => (place[i] = at));
  const drawn = byCluster(of).map((members) => members.sort((a, b) => (place[a] as number) - (place[b] as number)));
  const kept: number[] = [];
  for (let turn = 0; kept.length < count; turn++) {
    const row = drawn.flatMap((members) => members.slice(turn, turn + 1)).sort((a, b) => (place[a] as number) - (place[b] as number));
    kept.push(...row.slice(0, count - kept.length));
  }
  return kept;
}

function byCluster(of: Int32Array): number[][] {
  const clusters = new Map<number, number[]>();
  of.forEach((c, i) => clusters.set(c, [...(clusters.get(c) ?? []), i]));
  return [...clusters.values()];
}
