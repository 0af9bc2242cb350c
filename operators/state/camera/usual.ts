/** What is usual of a camera: means over its frames that decay slowly, so that they follow the seasons and not a hand before the lens. */
import type { Packer, Unpacker } from '../codec.ts';
import { alike, BLOCKS, spread, type Sight } from './sight.ts';

/** Frames before anything is held against what is usual. */
const KNOWN_FROM = 30;
/** Frames over which the means are taken once there are as many. */
const MEMORY = 2000;
/** Usual detail from which a block is textured: less is noise, and noise is not lost. */
const EDGES = 30;
const TEXTURED = Math.log1p(EDGES);
/** Of what is usual: a block with less detail has lost it. */
const LOST = 0.2;
/** Textured blocks that a camera needs for its focus to be told by. */
const LEAST_TEXTURED = 16;

/** A frame beside what is usual. */
export interface Beside {
  /** Brightness against the usual one. */
  readonly light: number;
  /** Share of clipped pixels beyond the usual one. */
  readonly glare: number;
  /** Share of the textured blocks that have lost their detail, which is as much weaker as the light is; null where too few are textured. */
  readonly lost: number | null;
  /** Textured blocks against the usual number, wherever they are. */
  readonly textured: number;
  /** How different its blocks are from each other against what is usual, in the light there is. */
  readonly relief: number;
  /** Correlation of its blocks with the usual ones by their brightness, and by their edges. */
  readonly scene: number;
  readonly edges: number;
  /** The usual correlation by edges: low where the camera itself moves, or shows photos of all sorts. */
  readonly steady: number;
}

export class Usual {
  #frames = 0;
  #brightness = 0;
  #clipped = 0;
  #steady = 0;
  #means: Float32Array = new Float32Array(BLOCKS);
  #details: Float32Array = new Float32Array(BLOCKS);

  get known(): boolean {
    return this.#frames >= KNOWN_FROM;
  }

  beside({ brightness, clipped, means, details }: Sight): Beside {
    const light = brightness / Math.max(1e-3, this.#brightness);
    const gain = Math.min(1, light);
    const weaker = LOST * gain * gain;
    const visible = Math.log1p(EDGES * gain * gain);
    let textured = 0;
    let now = 0;
    let lost = 0;
    for (let i = 0; i < BLOCKS; i++) {
      const usual = this.#details[i] as number;
      if ((details[i] as number) >= visible) now += 1;
      if (usual < TEXTURED) continue;
      textured += 1;
      if (Math.expm1(details[i] as number) < weaker * Math.expm1(usual)) lost += 1;
    }
    return {
      light,
      glare: clipped - this.#clipped,
      lost: textured < LEAST_TEXTURED ? null : lost / textured,
      textured: now / Math.max(1, textured),
      relief: spread(means) / Math.max(1e-3, gain * spread(this.#means)),
      scene: alike(means, this.#means),
      edges: this.#edges(details),
      steady: this.#steady,
    };
  }

  learn({ brightness, clipped, means, details }: Sight): void {
    const rate = Math.max(1 / (this.#frames + 1), 1 / MEMORY);
    const into = (mean: number, value: number): number => mean + rate * (value - mean);
    if (this.#frames > 0) this.#steady += Math.max(1 / this.#frames, 1 / MEMORY) * (this.#edges(details) - this.#steady);
    this.#frames = Math.min(this.#frames + 1, MEMORY);
    this.#brightness = into(this.#brightness, brightness);
    this.#clipped = into(this.#clipped, clipped);
    for (let i = 0; i < BLOCKS; i++) {
      this.#means[i] = into(this.#means[i] as number, means[i] as number);
      this.#details[i] = into(this.#details[i] as number, details[i] as number);
    }
  }

  #edges(details: Float32Array): number {
    return alike(details, this.#details);
  }

  pack(out: Packer): void {
    out.f64(this.#frames, this.#brightness, this.#clipped, this.#steady).f32s(this.#means).f32s(this.#details);
  }

  restore(from: Unpacker): void {
    this.#frames = from.f64();
    this.#brightness = from.f64();
    this.#clipped = from.f64();
    this.#steady = from.f64();
    this.#means = from.f32s();
    this.#details = from.f32s();
  }
}
