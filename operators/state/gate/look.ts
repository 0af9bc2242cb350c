/**
 * Whether a camera shows what it showed before, from a glimpse of each frame (docs/gate.md). A pure step: the state of one camera and a further frame give
 * what is said of the frame, and the next state. What is compared are means of blocks, with the last frame that passed, so that a drift adds up until it is noticed.
 */
import type { Glimpse } from '../camera/glimpse.ts';
import type { Packer, Unpacker } from '../codec.ts';
import { BLOCKS, blocksOf, differences } from './blocks.ts';

/** Levels of luma (0..255) by which the mean of a block differs at least where it has changed. */
const LEAST = 4;
/** So many times what it usually differs by from one frame to the next: less is noise. */
const TIMES = 4;
/** Blocks that have changed, of 256, from which a frame passes. */
export const CHANGED = 2;
/** The first frame with a picture passes, whatever it shows, after so many in a row that did not: what no block tells of, the embedding may. */
export const PERIOD = 300;
/** Frames over which it is learned what a block usually differs by. */
const LEARNED = 200;

/** What is known of one camera. Never changed: each frame makes a new one. */
export interface GateState {
  /** Block means of the last frame that passed. */
  readonly passed: Float32Array;
  /** Those of the last frame that came with a picture. */
  readonly last: Float32Array;
  /** By how many levels each block usually differs from the frame before: a running median. */
  readonly usual: Float32Array;
  /** Blocks that had changed in the last frame that came with a picture. */
  readonly changed: number;
  /** Frames since the last one that passed. */
  readonly since: number;
  /** Frames that were compared, up to LEARNED. */
  readonly seen: number;
}

/** What is said of a frame. */
export interface Look {
  readonly passes: boolean;
  /** Blocks that have changed since the last frame that passed; all of them where nothing can be compared. */
  readonly changed: number;
  readonly state: GateState | null;
}

/**
 * A further frame of a camera.
 * @param state null before the first
 * @param picture false where whoever decodes found it plainly the same as the last frame that came with one: what was said of that holds of it
 */
export function look(state: GateState | null, glimpse: Glimpse, picture: boolean): Look {
  if (!picture) return { passes: false, changed: state?.changed ?? 0, state: state === null ? null : { ...state, since: state.since + 1 } };
  const now = blocksOf(glimpse);
  if (state === null) return { passes: true, changed: BLOCKS, state: { passed: now, last: now, usual: new Float32Array(BLOCKS), changed: 0, since: 0, seen: 1 } };
  const usual = learned(state, differences(state.last, now));
  const apart = differences(state.passed, now);
  const changed = apart === null ? BLOCKS : changedOf(apart, usual);
  const passes = changed >= CHANGED || state.since + 1 >= PERIOD;
  const seen = Math.min(LEARNED, state.seen + 1);
  return { passes, changed, state: passes ? { passed: now, last: now, usual, changed: 0, since: 0, seen } : { passed: state.passed, last: now, usual, changed, since: state.since + 1, seen } };
}

function changedOf(apart: Float32Array, usual: Float32Array): number {
  let changed = 0;
  for (let i = 0; i < BLOCKS; i++) if (Math.abs(apart[i] as number) > Math.max(LEAST, TIMES * (usual[i] as number))) changed += 1;
  return changed;
}

/** A running median: up by a fixed step as often as down. The steps are large while little is known. */
function learned({ usual, seen }: GateState, moved: Float32Array | null): Float32Array {
  if (moved === null) return usual;
  const step = 1 / seen;
  return usual.map((before, i) => {
    const now = Math.abs(moved[i] as number);
    return now > before ? Math.min(now, before + step) : Math.max(now, before - step);
  });
}

export function packGate({ passed, last, usual, changed, since, seen }: GateState, out: Packer): Packer {
  return out.f64(changed, since, seen).f32s(passed).f32s(last).f32s(usual);
}

export function unpackGate(from: Unpacker): GateState {
  const [changed, since, seen] = [from.f64(), from.f64(), from.f64()];
  return { passed: from.f32s(), last: from.f32s(), usual: from.f32s(), changed, since, seen };
}
