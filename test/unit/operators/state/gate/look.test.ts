/** What the gate says of frames, on pictures that are made: a street of blocks, and what happens to it. */
import { describe, expect, test } from 'vitest';
import type { Glimpse } from '../../../../../operators/state/camera/glimpse.ts';
import { Packer, Unpacker } from '../../../../../operators/state/codec.ts';
import { CHANGED, look, packGate, PERIOD, unpackGate, type GateState } from '../../../../../operators/state/gate/look.ts';
import { uniform } from '../../../../../operators/state/hash.ts';

const SIDE = 112;

/** A still scene in which each pixel may be moved. */
function frame(n: number, change: (x: number, y: number, luma: number) => number = (_x, _y, luma) => luma, noise = 2): Glimpse {
  const luma = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => {
    const [x, y] = [at % SIDE, Math.floor(at / SIDE)];
    const scene = 60 + 100 * uniform(1, `${Math.floor(x / 9)} ${Math.floor(y / 9)}`);
    return Math.max(0, Math.min(255, Math.round(change(x, y, scene) + noise * (uniform(n, String(at)) - 0.5))));
  });
  return { width: SIDE, height: SIDE, luma };
}

/** After so many frames of the still scene. */
function settled(frames = 60): GateState {
  let state: GateState | null = null;
  for (let n = 0; n < frames; n++) state = look(state, frame(n), true).state;
  return state as GateState;
}

const said = (glimpse: Glimpse): ReturnType<typeof look> => look(settled(), glimpse, true);

describe('a frame', () => {
  test('is the first of its camera: it passes, and those that show the same do not', () => {
    expect(look(null, frame(0), true).passes).toBe(true);
    let state = look(null, frame(0), true).state;
    for (let n = 1; n < 100; n++) {
      const seen = look(state, frame(n), true);
      expect([n, seen.passes]).toEqual([n, false]);
      state = seen.state;
    }
  });

  test('in which something has come passes', () => {
    const seen = said(frame(99, (x, y, luma) => (x > 40 && x < 60 && y > 50 && y < 80 ? 240 : luma)));
    expect(seen.passes).toBe(true);
    expect(seen.changed).toBeGreaterThanOrEqual(CHANGED);
  });

  test.each([
    ['a step of exposure', (_x: number, _y: number, luma: number) => 1.2 * luma + 5],
    ['a lamp that leaves bands', (_x: number, y: number, luma: number) => luma + 2.5 * Math.sin(y / 9)],
  ])('that %s alone tells from the one before does not pass', (_name, change) => {
    expect(said(frame(99, change)).passes).toBe(false);
  });

  test('hardly ever passes for leaves that have always moved, once they are known to', () => {
    const leaves = (n: number): Glimpse => frame(n, (x, y, luma) => (x < 28 && y < 28 ? luma + 60 * (uniform(n, `leaf ${x} ${y}`) - 0.5) : luma));
    const passes = (learns: boolean): number => {
      let state: GateState | null = null;
      let passed = 0;
      for (let n = 0; n < 120; n++) {
        const seen = look(state, leaves(n), true);
        if (n >= 60 && seen.passes) passed += 1;
        state = learns || seen.state === null ? seen.state : { ...seen.state, usual: new Float32Array(256) };
      }
      return passed;
    };
    expect(passes(true)).toBeLessThanOrEqual(6);
    expect(passes(false)).toBeGreaterThan(30);
  });

  test('of a slow drift passes by and by, though none differs from the one before', () => {
    let state: GateState | null = settled();
    let passes = 0;
    for (let n = 0; n < 120; n++) {
      const seen = look(state, frame(n, (x, y, luma) => (x < 56 && y < 56 ? luma + n / 2 : luma)), true);
      passes += seen.passes ? 1 : 0;
      state = seen.state;
    }
    expect(passes).toBeGreaterThanOrEqual(2);
    expect(passes).toBeLessThan(30);
  });

  test('passes after so many in a row that did not, whatever it shows', () => {
    let state: GateState | null = null;
    const passed: number[] = [];
    for (let n = 0; n < 2 * PERIOD + 3; n++) {
      const seen = look(state, frame(n), true);
      if (seen.passes) passed.push(n);
      state = seen.state;
    }
    expect(passed.length).toBe(3);
    expect(passed.slice(1).map((n, i) => n - (passed[i] ?? 0)).every((apart) => Math.abs(apart - PERIOD) <= 1)).toBe(true);
  });

  test('without a picture is what was said of the last one that had one, and never passes', () => {
    const state = settled();
    const seen = look(state, frame(99, () => 0), false);
    expect(seen).toMatchObject({ passes: false, changed: state.changed });
  });
});

test('a state that was put down and taken up again says the same of what comes', () => {
  const state = settled();
  const again = unpackGate(new Unpacker(packGate(state, new Packer()).done()));
  expect(again).toEqual(state);
  for (let n = 60; n < 70; n++) expect(look(again, frame(n), true)).toEqual(look(state, frame(n), true));
});
