/**
 * Whether a camera shows what it showed before, from a glimpse of each frame (docs/gate.md). A pure step: the state of one camera and a further frame give
 * what is said of the frame and the next state. Compared are means of blocks, with the last frame that passed.
 */
import type { Packer, Unpacker } from '../codec.ts';
import { blocksOf, differences } from './blocks.ts';
import type { Glimpse } from './glimpse.ts';

/** Levels of luma (0..255) by which the mean of a block must differ at least to have changed. */
const LEAST = 7;
/** It must differ by so many times what it usually differs by from one frame to the next. */
const TIMES = 4;
/** Blocks that must have changed, of 256. */
export const CHANGED = 2;
/** After so many frames without one that passed the next one does, whatever it shows: what no block tells of, the embedding may. */
export const PERIOD = 300;
/** Frames over which it is learned what a block usually differs by. */
const LEARNED = 200;

/** What is known of one camera. Never changed: each frame makes a new one. */
export interface GateState {
  /** Block means of the last frame that passed. */
  readonly passed: Float32Array;
  /** Those of the last frame. */
  readonly last: Float32Array;
  /** By how many levels each block usually differs from the frame before: a running median. */
  readonly usual: Float32Array;
  /** Frames since the last one that passed. */
  readonly since: number;
  /** Frames so far, up to LEARNED. */
  readonly seen: number;
}

/** What is said of a frame. */
export interface Look {
  /** Blocks that have changed since the last frame that passed, of 256; all of them where nothing can be compared. */
  readonly changed: number;
  readonly passes: boolean;
  readonly state: GateState;
}

/** A further frame of a camera. @param state null before the first. @param picture whether there is one that may pass */
export function look(state: GateState | null, glimpse: Glimpse, picture: boolean): Look {
  const means = blocksOf(glimpse);
  if (state === null) {
    const fresh: GateState = { passed: means, last: means, usual: new Float32Array(means.length), since: 0, seen: 1 };
    return { changed: means.length, passes: true, state: fresh };
  }
  const usual = learned(state, differences(state.last, means));
  const apart = differences(state.passed, means);
  const changed = apart === null ? means.length : count(apart, state.usual);
  const passes = picture && (changed >= CHANGED || state.since + 1 >= PERIOD);
  return { changed, passes, state: { passed: passes ? means : state.passed, last: means, usual, since: passes ? 0 : state.since + 1, seen: Math.min(LEARNED, state.seen + 1) } };
}

function count(apart: Float32Array, usual: Float32Array): number {
  let changed = 0;
  for (let i = 0; i < apart.length; i++) if (Math.abs(apart[i] as number) > Math.max(LEAST, TIMES * (usual[i] as number))) changed += 1;
  return changed;
}

/** A running median moves by a fixed part of itself, up as often as down; quickly while little is known. */
function learned({ usual, seen }: GateState, moved: Float32Array | null): Float32Array {
  if (moved === null) return usual;
  const next = new Float32Array(usual.length);
  const step = Math.max(1 / seen, 1 / LEARNED);
  for (let i = 0; i < next.length; i++) {
    const [before, now] = [usual[i] as number, Math.abs(moved[i] as number)];
    next[i] = now > before ? Math.min(now, before + step) : Math.max(now, before - step);
  }
  return next;
}

export function packGate({ passed, last, usual, since, seen }: GateState, out: Packer): Packer {
  return out.f64(since, seen).f32s(passed).f32s(last).f32s(usual);
}

export function unpackGate(from: Unpacker): GateState {
  const [since, seen] = [from.f64(), from.f64()];
  return { passed: from.f32s(), last: from.f32s(), usual: from.f32s(), since, seen };
}
