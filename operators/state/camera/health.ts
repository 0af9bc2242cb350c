/**
 * The health of one camera, frame by frame: what each frame says of six states (docs/health.md), and whether one of them begins with it.
 * Of dark, over-exposed, covered, out of focus and moved only the first that holds is told of a frame: of the others it says nothing.
 */
import type { Packer, Unpacker } from '../codec.ts';
import type { Glimpse } from './glimpse.ts';
import { Hold, type Needed, type Sign } from './hold.ts';
import { Nights } from './nights.ts';
import { Repeats } from './repeats.ts';
import { see, spread, type Sight } from './sight.ts';
import { Usual, type Beside } from './usual.ts';

/** In the order in which one excludes the next. */
const STATES = ['dark', 'over_exposed', 'covered', 'out_of_focus', 'moved'] as const;
export type Ill = (typeof STATES)[number] | 'frozen';
type Signs = Readonly<Record<(typeof STATES)[number], Sign>>;

/** Longer than anybody passes by close to the lens, or exposure takes to follow a lamp. */
const SOON: Needed = { frames: 5, span: 5000, untimed: 10 };
/** Encoders repeat a frame where little moves, and slow cameras do in a fast container: for little more than a second, as measured in docs/health.md. */
const FROZEN: Needed = { frames: 10, span: 5000, untimed: 50 };
/** A cut to another scene and back, or a lorry that stops, is no other view. */
const FOR_GOOD: Needed = { frames: 20, span: 20_000, untimed: 50 };
/** Of luma (0..255): blocks that differ by less are an even picture, of which each looks like the one before. */
const EVEN = 0.5;
/** Usual correlation by edges from which a camera stands still. */
const STEADY = 0.5;

export class Health {
  readonly #holds: Readonly<Record<Ill, Hold>> = { dark: new Hold(SOON), over_exposed: new Hold(SOON), covered: new Hold(SOON), out_of_focus: new Hold(SOON), moved: new Hold(FOR_GOOD), frozen: new Hold(FROZEN) };
  readonly #nights = new Nights();
  readonly #repeats = new Repeats();
  #usual = new Usual();

  /** A further frame. @param time in milliseconds, null where it has none. @returns what begins with it */
  take(glimpse: Glimpse, time: number | null): readonly Ill[] {
    const sight = see(glimpse);
    const begun: Ill[] = [];
    const repeat = this.#repeats.take(glimpse);
    if (repeat !== 'earlier' && this.#holds.frozen.step(spread(sight.means) < EVEN ? 'between' : repeat === 'same' ? 'beyond' : 'well', time)) begun.push('frozen');
    const { known } = this.#usual;
    const signs: Partial<Signs> = known ? signsOf(sight, this.#usual.beside(sight)) : {};
    let beyond = false;
    for (const state of STATES) {
      const sign: Sign = beyond ? 'between' : (signs[state] ?? 'between');
      const hold = this.#holds[state];
      const was = hold.on;
      if (hold.step(sign, time) && !(state === 'dark' && this.#nights.usual(time))) begun.push(state);
      if (state === 'dark' && was && !hold.on) this.#nights.end(time);
      beyond ||= sign === 'beyond';
    }
    // The new view is the usual one from now on.
    if (begun.includes('moved')) this.#usual = new Usual();
    if (!beyond && !STATES.some((state) => state !== 'moved' && this.#holds[state].on)) this.#usual.learn(sight);
    return begun;
  }

  pack(out: Packer): void {
    for (const hold of Object.values(this.#holds)) hold.pack(out);
    this.#nights.pack(out);
    this.#repeats.pack(out);
    this.#usual.pack(out);
  }

  restore(from: Unpacker): void {
    for (const hold of Object.values(this.#holds)) hold.restore(from);
    this.#nights.restore(from);
    this.#repeats.restore(from);
    this.#usual.restore(from);
  }
}

/** Each state by its two thresholds. */
function signsOf({ brightness, clipped }: Sight, { light, glare, lost, textured, relief, scene, edges, steady }: Beside): Signs {
  const still = steady >= STEADY;
  // A blurred scene keeps its light and dark parts where they were; what lies on the lens has its own, and is too near to have edges, as another place has.
  const sameParts = relief >= 0.5 && (!still || scene >= 0.6);
  const detail: Sign = lost === null ? 'between' : lost >= 0.85 ? 'beyond' : lost < 0.65 ? 'well' : 'between';
  const only = (applies: boolean): Sign => (detail === 'beyond' && !applies ? 'between' : detail);
  return {
    dark: signOf(brightness < 0.06 && light < 0.35, brightness > 0.09 || light > 0.5),
    over_exposed: signOf(clipped >= 0.5 && glare >= 0.3, clipped < 0.35 || glare < 0.15),
    covered: only(!sameParts && textured < 0.1),
    out_of_focus: only(sameParts),
    moved: still ? signOf(edges < 0.55 * steady && scene < 0.9, edges > 0.75 * steady) : 'between',
  };
}

function signOf(beyond: boolean, well: boolean): Sign {
  return beyond ? 'beyond' : well ? 'well' : 'between';
}
