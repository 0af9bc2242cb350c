/** How often objects of a class come, and how large, how wide and where in the picture they usually are. Older ones fade. */
import type { ObjectFinding } from '../../../schemas/decision.ts';
import { decay } from '../clock.ts';
import { Packer, Unpacker } from '../codec.ts';
import { MAX_CLASSES } from '../head.ts';

/** Objects of a class before it is known what is usual. */
const ENOUGH = 8;
/** Variance to begin with (of logs of parts of the picture, and of the height in it), and the objects it is worth. */
const BEGIN = [0.5, 0.5, 0.05, 0.2] as const;
const WORTH = 8;
/** A class that has less than this left is as if it had never come. */
const LEAST_LEFT = 1e-6;
/** What taking away leaves at least. */
const LEAST_VARIANCE = 1e-4;

/** Logs of the box's width and height as parts of the picture's, the height of its centre (0 top, 1 bottom), log of width by height. */
export type Shape = readonly [number, number, number, number];

interface Usual {
  readonly key: number;
  /** Decayed number of objects, as of the object number `at`. */
  count: number;
  at: number;
  readonly mean: number[];
  readonly variance: number[];
}

export function shapeOf([, y, w, h]: ObjectFinding['bbox'], width: number, height: number): Shape {
  return [Math.log(w / width), Math.log(h / height), (y + h / 2) / height, Math.log(w / h)];
}

export class Shapes {
  readonly #halfLife: number;
  readonly #usual = new Map<string, Usual>();
  readonly #changed = new Set<string>();
  /** Objects so far, and their decayed number. */
  #seen = 0;
  #total = 0;

  /** @param halfLife in objects */
  constructor(halfLife: number) {
    this.#halfLife = halfLife;
  }

  /** Objects learned so far, the number of the last one. */
  get seen(): number {
    return this.#seen;
  }

  get classes(): number {
    return this.#usual.size;
  }

  /** Decayed number of objects of all classes. */
  get total(): number {
    return this.#total;
  }

  /** Decayed number of objects of a class. */
  count(name: string): number {
    const usual = this.#usual.get(name);
    return usual === undefined ? 0 : usual.count * decay(this.#seen - usual.at, this.#halfLife);
  }

  /** Deviations of what is least usual of a shape; 0 while too little is known of its class. */
  strangeness(name: string, shape: Shape): number {
    const usual = this.#usual.get(name);
    if (usual === undefined || usual.count < ENOUGH) return 0;
    return Math.max(...shape.map((value, i) => Math.abs(value - (usual.mean[i] as number)) / Math.sqrt(usual.variance[i] as number)));
  }

  learn(name: string, shape: Shape): void {
    this.#seen += 1;
    this.#total *= decay(1, this.#halfLife);
    this.#add(name, shape, 1);
  }

  /** Weighted means as they grow, after West, Comm. ACM 22 (1979) 532; older ones have faded by then. */
  #add(name: string, shape: Shape, weight: number): void {
    this.#total += weight;
    if (this.#usual.size === MAX_CLASSES && !this.#usual.has(name)) return;
    const usual = this.#usual.get(name) ?? { key: this.#usual.size, count: 0, at: this.#seen, mean: [...shape], variance: [...BEGIN] };
    this.#fade(usual);
    usual.count += weight;
    shape.forEach((value, i) => {
      const difference = value - (usual.mean[i] as number);
      usual.mean[i] = (usual.mean[i] as number) + (weight * difference) / usual.count;
      usual.variance[i] = (usual.variance[i] as number) + (weight * (difference * difference - (usual.variance[i] as number))) / (usual.count + WORTH);
    });
    this.#usual.set(name, usual);
    this.#changed.add(name);
  }

  /** The inverse of adding. */
  #remove(name: string, shape: Shape, weight: number): void {
    this.#total = Math.max(0, this.#total - weight);
    const usual = this.#usual.get(name);
    if (usual === undefined) return;
    this.#fade(usual);
    const left = usual.count - weight;
    this.#changed.add(name);
    if (left < LEAST_LEFT) {
      Object.assign(usual, { count: 0, variance: [...BEGIN] });
      return;
    }
    shape.forEach((value, i) => {
      const mean = (usual.mean[i] as number) + (weight * ((usual.mean[i] as number) - value)) / left;
      const before = ((usual.variance[i] as number) * (usual.count + WORTH) - weight * (value - mean) ** 2) / (usual.count + WORTH - weight);
      usual.mean[i] = mean;
      usual.variance[i] = Math.max(before, LEAST_VARIANCE);
    });
    usual.count = left;
  }

  #fade(usual: Usual): void {
    usual.count *= decay(this.#seen - usual.at, this.#halfLife);
    usual.at = this.#seen;
  }

  /**
   * What was learned as the object with this number is of another class, or has another box. The sums lose it at the weight it has left; the variance as if it had come last, which is exact
   * for the object that did. Nothing becomes of what is null.
   */
  correct(from: { readonly class: string | null; readonly shape: Shape; readonly number: number }, to: { readonly class: string | null; readonly shape: Shape }): void {
    if (from.class === to.class && from.shape.every((value, i) => value === to.shape[i])) return;
    const weight = decay(this.#seen - from.number, this.#halfLife);
    if (from.class !== null) this.#remove(from.class, from.shape, weight);
    if (to.class !== null) this.#add(to.class, to.shape, weight);
  }

  /** Key 0 holds the totals, key 1 + n a class. */
  *takeChanges(): Iterable<readonly [number, Uint8Array]> {
    if (this.#changed.size > 0) yield [0, new Packer().f64(this.#seen, this.#total).done()];
    for (const name of this.#changed) {
      const usual = this.#usual.get(name);
      if (usual !== undefined) yield [1 + usual.key, new Packer().text(name).f64(usual.count, usual.at, ...usual.mean, ...usual.variance).done()];
    }
    this.#changed.clear();
  }

  /** To be called in order of key. */
  restoreRow(key: number, value: Uint8Array): void {
    const from = new Unpacker(value);
    if (key === 0) {
      this.#seen = from.f64();
      this.#total = from.f64();
      return;
    }
    const four = (): number[] => [from.f64(), from.f64(), from.f64(), from.f64()];
    this.#usual.set(from.text(), { key: key - 1, count: from.f64(), at: from.f64(), mean: four(), variance: four() });
  }
}
