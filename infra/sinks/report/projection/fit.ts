/** Making a projection, and extending one by what it does not cover yet. */
import { sampleItems } from './anchors.ts';
import { layOut } from './layout.ts';
import { nearestWithin, type Nearest } from './neighbours.ts';
import { principalPlane } from './pca.ts';
import { placer } from './place.ts';
import type { Placeable, Projection } from './types.ts';
import { hash01, matrixOf } from './vectors.ts';

const FOUNDERS = 1000;
const MOST_ANCHORS = 2000;
const NEIGHBOURS = 15;
/** Half the width of the plane before the layout pulls it apart. */
const SPAN = 10;
/** An item is covered if its nearest anchor is as close as this neighbour of an anchor usually is. */
const COVERING_RANK = 5;

/** Lays out a sample of the items. @returns null where no item has a vector */
export function fitProjection(items: Placeable, model: string): Projection | null {
  const all = Array.from({ length: items.length }, (_, i) => i);
  const chosen = sampleItems(items, all, FOUNDERS).flatMap((i) => items.vector(i) ?? []);
  const first = chosen[0];
  if (first === undefined) return null;
  const vectors = matrixOf(chosen, first.length);
  const neighbours = nearestWithin(vectors, NEIGHBOURS);
  const places = principalPlane(vectors).map((v) => v * SPAN);
  layOut(places, neighbours, 0);
  turnUpright(places);
  const through = items.seq(items.length - 1);
  return { model, through, founders: vectors.rows, coverage: coverageOf(neighbours, vectors.rows), vectors, since: new Uint32Array(vectors.rows), places: Float32Array.from(places) };
}

/** Appends anchors for what came since and lies on new ground; the anchors there are stay where they are. */
export function extendProjection(old: Projection, items: Placeable): Projection {
  const through = Math.max(old.through, items.seq(items.length - 1));
  if (through === old.through) return old;
  const chosen = furtherAnchors(old, items).flatMap((i) => items.vector(i) ?? []);
  if (chosen.length === 0) return { ...old, through };
  const { dim, rows } = old.vectors;
  const vectors = matrixOf([...rowsOf(old), ...chosen], dim);
  const place = placer(old);
  const places = new Float64Array(vectors.rows * 2);
  places.set(old.places);
  chosen.forEach((vector, i) => {
    const at = place(vector, old.through);
    // Not on one spot, from where nothing would part them.
    places.set([at.x + hash01(i, 41) - 0.5, at.y + hash01(i, 42) - 0.5], (rows + i) * 2);
  });
  layOut(places, nearestWithin(vectors, NEIGHBOURS), rows);
  const since = new Uint32Array(vectors.rows).fill(old.through + 1);
  since.set(old.since);
  return { ...old, through, vectors, since, places: Float32Array.from(places) };
}

/** While anchors are few, any new item may become one; later only those on new ground. */
function furtherAnchors(old: Projection, items: Placeable): number[] {
  const place = placer(old);
  const few = old.vectors.rows < FOUNDERS;
  const candidates: number[] = [];
  for (let i = 0; i < items.length; i++) {
    if (items.seq(i) <= old.through) continue;
    const vector = items.vector(i);
    if (vector !== null && (few || place(vector, old.through).similarity < old.coverage)) candidates.push(i);
  }
  return sampleItems(items, candidates, (few ? FOUNDERS : MOST_ANCHORS) - old.vectors.rows);
}

function rowsOf({ vectors: { data, rows, dim } }: Projection): Float32Array[] {
  return Array.from({ length: rows }, (_, i) => data.subarray(i * dim, (i + 1) * dim));
}

/** The median similarity of an anchor and its fifth neighbour; 1 where there are too few to tell, so that all that follows is new ground. */
function coverageOf({ k, similarity, index }: Nearest, rows: number): number {
  const at = Array.from({ length: rows }, (_, i) => i * k + COVERING_RANK - 1).filter((j) => (index[j] ?? -1) >= 0);
  if (at.length === 0) return 1;
  const sorted = at.map((j) => similarity[j] ?? 0).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 1;
}

/** Turns the plane about its middle so that it is widest from left to right, as screens are. */
function turnUpright(places: Float64Array): void {
  const n = places.length / 2;
  let [mx, my, xx, xy, yy] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    mx += (places[i * 2] ?? 0) / n;
    my += (places[i * 2 + 1] ?? 0) / n;
  }
  for (let i = 0; i < n; i++) {
    const x = (places[i * 2] ?? 0) - mx;
    const y = (places[i * 2 + 1] ?? 0) - my;
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (let i = 0; i < n; i++) {
    const x = (places[i * 2] ?? 0) - mx;
    const y = (places[i * 2 + 1] ?? 0) - my;
    places[i * 2] = x * cos + y * sin;
    places[i * 2 + 1] = y * cos - x * sin;
  }
}
