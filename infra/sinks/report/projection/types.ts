/** A map that stays as it is while the stream grows. */
import type { Matrix } from './vectors.ts';

/**
 * Anchors with their places. Anchors are only ever appended: those with a later `since` serve only items that came
 * after the report before, so that what was once placed never moves.
 */
export interface Projection {
  /** Identity of the embedding model; vectors of another one mean nothing here. */
  readonly model: string;
  /** The last seq that was looked at for anchors. */
  readonly through: number;
  /** How many of the anchors were laid out together at first. */
  readonly founders: number;
  /** An item whose nearest anchor is less similar than this is new ground. */
  readonly coverage: number;
  /** Unit vectors. */
  readonly vectors: Matrix;
  /** For each anchor, the first seq it serves; never falling. */
  readonly since: Uint32Array;
  /** [x0, y0, x1, …], about -20..20. */
  readonly places: Float32Array;
}

/** Items that can be drawn, in order of seq. */
export interface Placeable {
  readonly length: number;
  seq(i: number): number;
  /** How much the item should count when anchors are chosen, > 0. */
  weight(i: number): number;
  /** Unit length; null where the item has none that fits the model. */
  vector(i: number): Float32Array | null;
}
