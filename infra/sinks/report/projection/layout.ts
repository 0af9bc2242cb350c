/**
 * A plane in which neighbours stay neighbours: UMAP (McInnes, Healy, Melville 2018) for at most a few thousand anchors,
 * started from the principal plane and without randomness but a counter-based hash, so that the same anchors give the same map.
 * Anchors that are `pinned` stay where they are; only the others move, which is how a map grows without jumping.
 */
import type { Nearest } from './neighbours.ts';
import { hash01 } from './vectors.ts';

/** Curve parameters for min_dist 0.4 and spread 1, fitted once as the authors do: points part a little, so that a screen shows them. */
const A = 0.768;
const B = 1.22;
const EPOCHS = 400;
const NEGATIVES = 5;
const REACH = 4;
/** A slight pull to the middle: how far apart groups that share no neighbours lie means nothing, and wide gaps waste the screen. */
const GRAVITY = 0.03;

interface Edges {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly weight: Float64Array;
}

/** Moves `places` ([x0, y0, x1, …], about -10..10) in place. */
export function layOut(places: Float64Array, neighbours: Nearest, pinned: number): void {
  const n = places.length / 2;
  if (n - pinned < 1 || n < 3) return;
  const edges = fuzzyEdges(neighbours, n);
  const most = edges.weight.reduce((a, b) => Math.max(a, b), 0);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const step = 1 - epoch / EPOCHS;
    for (let v = pinned * 2; v < places.length; v++) places[v] = (places[v] ?? 0) * (1 - GRAVITY * step);
    for (let e = 0; e < edges.from.length; e++) {
      // An edge is walked as often as it is heavy, spread evenly over the epochs.
      const rate = (edges.weight[e] ?? 0) / most;
      if (Math.floor((epoch + 1) * rate) === Math.floor(epoch * rate)) continue;
      const i = edges.from[e] ?? 0;
      attract(places, i, edges.to[e] ?? 0, step, pinned);
      for (let s = 0; s < NEGATIVES; s++) {
        const j = Math.floor(hash01(e * NEGATIVES + s, epoch) * n);
        if (j !== i) repel(places, i, j, step, pinned);
      }
    }
  }
}

/** UMAP's fuzzy set: similarity falls from the nearest neighbour on, so that sparse and dense regions count alike. */
function fuzzyEdges({ k, index, similarity }: Nearest, n: number): Edges {
  const weights = new Map<number, number>();
  for (let i = 0; i < n; i++) {
    const distance = (j: number): number => Math.max(0, 1 - (similarity[i * k + j] ?? 0));
    const count = Math.min(k, index.subarray(i * k, (i + 1) * k).findIndex((v) => v < 0) >>> 0);
    const sigma = solveSigma(distance, count);
    for (let j = 0; j < count; j++) {
      const w = Math.exp(-Math.max(0, distance(j) - distance(0)) / sigma);
      weights.set(i * n + (index[i * k + j] ?? 0), w);
    }
  }
  const from: number[] = [];
  const to: number[] = [];
  const weight: number[] = [];
  for (const [key, w] of weights) {
    const i = Math.floor(key / n);
    const j = key % n;
    const back = weights.get(j * n + i) ?? 0;
    from.push(i);
    to.push(j);
    weight.push(w + back - w * back);
    if (back === 0) {
      from.push(j);
      to.push(i);
      weight.push(w);
    }
  }
  return { from: Int32Array.from(from), to: Int32Array.from(to), weight: Float64Array.from(weight) };
}

/** The width at which the memberships of one row sum to log2(k), by bisection. */
function solveSigma(distance: (j: number) => number, count: number): number {
  const target = Math.log2(Math.max(2, count));
  let low = 1e-6;
  let high = 4;
  for (let round = 0; round < 48; round++) {
    const middle = (low + high) / 2;
    let sum = 0;
    for (let j = 0; j < count; j++) sum += Math.exp(-Math.max(0, distance(j) - distance(0)) / middle);
    if (sum > target) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}

const clip = (v: number): number => (v > REACH ? REACH : v < -REACH ? -REACH : v);

function move(places: Float64Array, i: number, dx: number, dy: number, pinned: number): void {
  if (i < pinned) return;
  places[i * 2] = (places[i * 2] ?? 0) + dx;
  places[i * 2 + 1] = (places[i * 2 + 1] ?? 0) + dy;
}

function attract(places: Float64Array, i: number, j: number, step: number, pinned: number): void {
  const dx = (places[i * 2] ?? 0) - (places[j * 2] ?? 0);
  const dy = (places[i * 2 + 1] ?? 0) - (places[j * 2 + 1] ?? 0);
  const d2 = dx * dx + dy * dy;
  if (d2 === 0) return;
  const pull = (-2 * A * B * d2 ** (B - 1)) / (1 + A * d2 ** B);
  const mx = clip(pull * dx) * step;
  const my = clip(pull * dy) * step;
  move(places, i, mx, my, pinned);
  move(places, j, -mx, -my, pinned);
}

function repel(places: Float64Array, i: number, j: number, step: number, pinned: number): void {
  const dx = (places[i * 2] ?? 0) - (places[j * 2] ?? 0);
  const dy = (places[i * 2 + 1] ?? 0) - (places[j * 2 + 1] ?? 0);
  const d2 = dx * dx + dy * dy;
  // Two on one spot: any direction will do, as long as it is always the same.
  const push = (2 * B) / ((0.001 + d2) * (1 + A * d2 ** B));
  move(places, i, d2 > 0 ? clip(push * dx) * step : REACH * step, d2 > 0 ? clip(push * dy) * step : REACH * step, pinned);
}
