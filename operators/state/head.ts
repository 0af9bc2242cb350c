/**
 * An online classifier over embeddings: ridge regression to one-hot classes on decayed sufficient statistics (A = Σ w x xᵀ, B = Σ w x yᵀ).
 *
 * Older labels fade: instead of shrinking A at each label the new one gets a larger weight, 2^(labels / halfLife), and the scale is divided out when
 * the system is solved. It is solved at fixed label counts, so its answers depend on the labels learned and on nothing else.
 */
import { Packer, Unpacker } from './codec.ts';
import { choleskyFactor, choleskyGram, choleskyNorms, choleskySolve } from './cholesky.ts';
import { BLOCK, OuterSums, type Weighted } from './outer.ts';
import { Rows } from './rows.ts';
import { dot } from './vectors.ts';

const RIDGE = 2;
const MAX_WEIGHT = 2 ** 20;
/** Part of a lesson's weight that is no more than rounding. */
const NOTHING = 1e-9;
/** Classes learned at most, the first ones seen: labels that are all different (captions, numbers) must not fill the memory. */
export const MAX_CLASSES = 1000;

/** A snapshot is due whenever the label count is a multiple of this; the schedule of solving hits all of them. */
export const SNAPSHOT_EVERY = 2048;

/** Label counts at which the system is solved: often while little is known, then whenever there are a sixteenth more or so; with many classes less often, since each costs O(classes d²). */
export function solveDue(labels: number, classes: number): boolean {
  if (labels % SNAPSHOT_EVERY === 0) return true;
  if (labels < 512) return labels % 16 === 0;
  const many = classes > 64 || labels >= 2 * SNAPSHOT_EVERY;
  return labels % (many ? 256 : labels < SNAPSHOT_EVERY ? 64 : 128) === 0;
}

/** What the head was taught once. */
export interface Lesson {
  readonly x: Float32Array;
  readonly classes: readonly string[];
  /** Its number among the labels, from 1. */
  readonly number: number;
}

export class Head {
  readonly #d: number;
  readonly #halfLife: number;
  readonly #names: string[] = [];
  readonly #index = new Map<string, number>();
  readonly #gram: OuterSums;
  /** Lessons corrected since the last solution, by their number: the classes under which it holds them. */
  readonly #corrected = new Map<number, readonly string[]>();
  /** Learned, but not yet in the matrix. */
  #fresh: Weighted[] = [];
  readonly #moments: Float64Array[] = [];
  /** The solution as float32, one row for each class. */
  readonly #weights: Rows;
  #weight = 1;
  #labels = 0;
  /** The factor of the last solution, with the scale of its weights and the labels in it. */
  #solution: { readonly factor: Float64Array; readonly weight: number; readonly labels: number } | null = null;
  /** The scores asked for last, as long as nothing has been learned since: each item is looked at from several sides. */
  #asked: { readonly x: Float32Array; readonly scores: Float64Array } | null = null;

  /** @param halfLife in labels */
  constructor(dimension: number, halfLife: number) {
    this.#d = dimension;
    this.#halfLife = halfLife;
    this.#gram = new OuterSums(dimension);
    this.#weights = new Rows(dimension);
  }

  get labels(): number {
    return this.#labels;
  }

  /** Labels that the last solution holds. */
  get solved(): number {
    return this.#solution?.labels ?? 0;
  }

  get classes(): readonly string[] {
    return this.#names;
  }

  /** Learns that x shows these classes. O(d²). */
  learn(x: Float32Array, classes: readonly string[]): void {
    this.#asked = null;
    const w = this.#weight;
    this.#fresh.push({ x, weight: w });
    if (this.#fresh.length === BLOCK) this.#takeIn();
    for (const name of classes) this.#move(name, x, w);
    this.#count();
  }

  /**
   * Learns that what it was taught once shows other classes: the lesson keeps its place and its weight, and the classes it had are forgotten. Counts as a label like any other. O(d).
   * @param lesson as it was learned, or corrected last
   */
  correct({ x, classes, number }: Lesson, to: readonly string[]): void {
    this.#asked = null;
    const w = this.#weight * 2 ** ((number - 1 - this.#labels) / this.#halfLife);
    // A class that was one too many when it was learned is so still.
    for (const name of classes) if (this.#index.has(name)) this.#move(name, x, -w);
    for (const name of to) this.#move(name, x, w);
    if (!this.#corrected.has(number)) this.#corrected.set(number, classes);
    this.#count();
  }

  /**
   * Takes back what a lesson taught, as far as numbers allow: its class, and that there was such an item. Its number stays taken. Only as a part of a snapshot, which solves the system. O(d²).
   * @param lesson as it was learned, or corrected last
   */
  unlearn({ x, classes, number }: Lesson): void {
    this.#asked = null;
    this.#takeIn();
    const w = this.#weight * 2 ** ((number - 1 - this.#labels) / this.#halfLife);
    this.#gram.add([{ x, weight: -w }]);
    for (const name of classes) {
      if (!this.#index.has(name)) continue;
      this.#move(name, x, -w);
      // Where nothing else was learned of the class, rounding would leave a faint copy of the item.
      const moment = this.#momentOf(name);
      if (moment?.every((value) => Math.abs(value) < NOTHING * w) === true) moment.fill(0);
    }
  }

  #move(name: string, x: Float32Array, w: number): void {
    const moment = this.#momentOf(name);
    if (moment === null) return;
    for (let i = 0; i < this.#d; i++) moment[i] = (moment[i] as number) + w * (x[i] as number);
  }

  #count(): void {
    this.#labels += 1;
    this.#weight *= 2 ** (1 / this.#halfLife);
    if (this.#weight > MAX_WEIGHT) this.#rescale();
    if (solveDue(this.#labels, this.#names.length)) this.solve();
  }

  /** Ridge scores, one per class in the order of `classes`; a class not yet solved for scores 0. Null before the first solution. */
  scores(x: Float32Array): Float64Array | null {
    if (this.#weights.count === 0) return null;
    if (this.#asked?.x === x) return this.#asked.scores;
    const out = new Float64Array(this.#names.length);
    out.set(this.#weights.dots(x, 0, this.#weights.count));
    this.#asked = { x, scores: out };
    return out;
  }

  /**
   * The scores of what was learned as if it had not been: its own label makes the head's answer too good. For ridge regression they follow from the
   * leverage h = w xᵀ (A + ridge)⁻¹ x with the weight w that it has left: (score - h · target) / (1 - h). O(d²/2) each. Empty before the first solution.
   */
  scoresWithout(lessons: readonly Lesson[]): readonly Float64Array[] {
    const solution = this.#solution;
    if (solution === null) return [];
    const norms = choleskyNorms(solution.factor, this.#d, lessons.map(({ x }) => x));
    return lessons.map(({ x, classes, number }, i) => {
      const out = new Float64Array(this.#names.length);
      out.set(this.#weights.dots(x, 0, this.#weights.count));
      // The solution does not know of what came after it.
      if (number > solution.labels) return out;
      const leverage = (norms[i] as number) * solution.weight * 2 ** ((number - 1 - solution.labels) / this.#halfLife);
      for (const name of this.#corrected.get(number) ?? classes) {
        const c = this.#index.get(name);
        if (c !== undefined) out[c] = (out[c] as number) - leverage;
      }
      return out.map((score) => score / (1 - leverage));
    });
  }

  /**
   * The scores of a group that is learned together, of each as if the others had been learned and it had not: what an image shows besides tells much of an
   * object. With the kernel K = w X (A + ridge)⁻¹ Xᵀ of the group, its targets Y, R = Y - scores and M = (1 + K)⁻¹ the answer to the i-th is Yᵢ - (M R)ᵢ / Mᵢᵢ
   * (Rasmussen, Williams: Gaussian Processes for Machine Learning, 2006, 5.4.2). O(n d²/2 + n³).
   * @param classes columns of the answer; those the head does not know score 0 before the group is learned
   */
  scoresAmong(group: readonly { readonly x: Float32Array; readonly class: string }[], classes: readonly string[]): readonly Float64Array[] {
    const n = group.length;
    const all = group.map(({ x }) => x);
    const solution = this.#solution;
    const kernel = solution === null ? gramOf(all).map((value) => value / RIDGE) : choleskyGram(solution.factor, this.#d, all).map((value) => value * this.#weightSince(solution));
    for (let i = 0; i < n; i++) kernel[i * n + i] = (kernel[i * n + i] as number) + 1;
    const factor = choleskyFactor(kernel, n, 0);
    const columns = classes.map((name) => this.#index.get(name) ?? Infinity);
    const residuals = group.map((object) => {
      const scores = this.scores(object.x);
      return Float64Array.from(columns, (c, at) => (classes[at] === object.class ? 1 : 0) - (scores?.[c] ?? 0));
    });
    const inverse = choleskySolve(factor, n, group.map((_, i) => Float64Array.from({ length: n }, (__, j) => (i === j ? 1 : 0))));
    return group.map((object, i) => {
      const row = inverse[i] as Float64Array;
      return Float64Array.from(classes, (name, c) => {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += (row[j] as number) * (residuals[j]?.[c] as number);
        return (name === object.class ? 1 : 0) - sum / (row[i] as number);
      });
    });
  }

  /** What a label learned now weighs, in the scale of a solution. */
  #weightSince({ weight, labels }: { readonly weight: number; readonly labels: number }): number {
    return weight * 2 ** ((this.#labels - labels) / this.#halfLife);
  }

  /** The statistics of a class, begun where it is new; null where it is one too many. */
  #momentOf(name: string): Float64Array | null {
    const known = this.#index.get(name);
    if (known !== undefined) return this.#moments[known] as Float64Array;
    if (this.#names.length === MAX_CLASSES) return null;
    const moment = new Float64Array(this.#d);
    this.#index.set(name, this.#names.length);
    this.#names.push(name);
    this.#moments.push(moment);
    return moment;
  }

  #takeIn(): void {
    this.#gram.add(this.#fresh);
    this.#fresh = [];
  }

  #rescale(): void {
    this.#takeIn();
    const by = 1 / this.#weight;
    const { lower } = this.#gram;
    for (let i = 0; i < lower.length; i++) lower[i] = (lower[i] as number) * by;
    for (const moment of this.#moments) for (let i = 0; i < moment.length; i++) moment[i] = (moment[i] as number) * by;
    this.#weight = 1;
  }

  /** Answers by all that was learned from now on. */
  solve(): void {
    this.#takeIn();
    const factor = choleskyFactor(this.#gram.lower, this.#d, RIDGE * this.#weight);
    this.#solution = { factor, weight: this.#weight, labels: this.#labels };
    this.#corrected.clear();
    choleskySolve(factor, this.#d, this.#moments).forEach((weights, c) => {
      if (c === this.#weights.count) this.#weights.push(new Float32Array(weights));
      else this.#weights.row(c).set(weights);
    });
  }

  /** The whole head; only to be taken when it has just been solved, as whenever `labels` is a multiple of SNAPSHOT_EVERY: the solution follows from the statistics then. */
  pack(): Uint8Array {
    const d = this.#d;
    const triangle = new Float64Array((d * (d + 1)) / 2);
    for (let i = 0, at = 0; i < d; i++) for (let j = 0; j <= i; j++) triangle[at++] = this.#gram.lower[i * d + j] as number;
    const out = new Packer().f64(this.#weight, this.#labels).texts(this.#names).f64s(triangle);
    for (const moment of this.#moments) out.f64s(moment);
    return out.done();
  }

  restore(value: Uint8Array): void {
    this.#asked = null;
    const d = this.#d;
    const from = new Unpacker(value);
    this.#weight = from.f64();
    this.#labels = from.f64();
    const names = from.texts();
    const triangle = from.f64s();
    for (let i = 0, at = 0; i < d; i++) for (let j = 0; j <= i; j++) this.#gram.lower[i * d + j] = triangle[at++] as number;
    for (const name of names) this.#momentOf(name)?.set(from.f64s());
    this.solve();
  }
}

/** Inner products of each two, [n, n]. */
function gramOf(all: readonly Float32Array[]): Float64Array {
  return Float64Array.from({ length: all.length ** 2 }, (_, at) => dot(all[Math.floor(at / all.length)] as Float32Array, 0, all[at % all.length] as Float32Array, 0, (all[0] as Float32Array).length));
}
