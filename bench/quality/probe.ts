/**
 * The linear probe that every selection is judged by: multinomial logistic regression on standardised embeddings, L2 1e-3, to convergence
 * (gradient norm ≤ 1e-4), by L-BFGS (Liu and Nocedal: On the limited memory BFGS method for large scale optimization, 1989).
 */
import { type Matrix, type Product, product } from './matmul.ts';

const L2 = 1e-3;
const TOLERANCE = 1e-4;
const MOST_ITERATIONS = 2000;
const HISTORY = 20;

export interface ProbeResult {
  /** Class of each test row. */
  readonly predicted: Int32Array;
  readonly accuracy: number;
  /** F1 by class, 0..1; 0 for a class that is neither there nor predicted. */
  readonly f1: Float64Array;
  readonly iterations: number;
  /** Euclidean norm of the gradient of mean cross-entropy + L2/2 |W|² at the end. */
  readonly gradientNorm: number;
}

/** @param X [y.length, d]. @param Xtest [ytest.length, d]. @param y, ytest class numbers below `classes` */
export async function softmaxProbe(X: Float32Array, y: Int32Array, Xtest: Float32Array, ytest: Int32Array, classes: number): Promise<ProbeResult> {
  const d = X.length / y.length;
  const { scores, iterations, gradientNorm } = await fitted(X, d, Xtest, classes, (said) => crossEntropy(said, y));
  const predicted = largest(scores);
  return { predicted, ...agreement(predicted, ytest, classes), iterations, gradientNorm };
}

export interface PresenceResult {
  /** Log odds that each class is there, [test rows, classes]. */
  readonly scores: Matrix;
  readonly iterations: number;
  readonly gradientNorm: number;
}

/** The same where a row may be of several classes or of none: a logistic regression for each class. @param Y [rows, classes], 1 where the class is there */
export async function presenceProbe(X: Float32Array, Y: Uint8Array, Xtest: Float32Array, classes: number): Promise<PresenceResult> {
  return await fitted(X, (X.length * classes) / Y.length, Xtest, classes, (said) => logisticLoss(said, Y));
}

/** @param d columns of X. @param lossOf mean loss of the scores, which become its derivatives */
async function fitted(X: Float32Array, d: number, Xtest: Float32Array, classes: number, lossOf: (scores: Matrix) => number): Promise<PresenceResult> {
  const { mean, scale } = moments(X, d);
  const loss = await Loss.of(standardised(X, d, mean, scale), classes, lossOf);
  const { weights, iterations, gradientNorm } = await minimise(loss);
  return { scores: await loss.scores(standardised(Xtest, d, mean, scale), weights), iterations, gradientNorm };
}

/** Mean of the classes' F1 in percent. */
export function macroF1({ f1 }: Pick<ProbeResult, 'f1'>): number {
  return (100 * f1.reduce((sum, value) => sum + value, 0)) / f1.length;
}

function moments(X: Float32Array, d: number): { mean: Float64Array; scale: Float64Array } {
  const n = X.length / d;
  const mean = new Float64Array(d);
  const scale = new Float64Array(d);
  for (let i = 0; i < X.length; i++) mean[i % d] = (mean[i % d] as number) + (X[i] as number) / n;
  for (let i = 0; i < X.length; i++) scale[i % d] = (scale[i % d] as number) + ((X[i] as number) - (mean[i % d] as number)) ** 2 / n;
  return { mean, scale: scale.map((value) => Math.sqrt(value) + 1e-3) };
}

/** With a last column of ones, for the bias. */
function standardised(X: Float32Array, d: number, mean: Float64Array, scale: Float64Array): Matrix {
  const rows = X.length / d;
  const data = new Float32Array(rows * (d + 1)).fill(1);
  for (let i = 0; i < X.length; i++) data[i + Math.floor(i / d)] = ((X[i] as number) - (mean[i % d] as number)) / (scale[i % d] as number);
  return { data, rows, columns: d + 1 };
}

interface Point {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** Mean loss + L2/2 of the weights without the bias, [d + 1, classes]. */
class Loss {
  readonly #X: Matrix;
  readonly #classes: number;
  readonly #lossOf: (scores: Matrix) => number;
  readonly #forward: Product;
  readonly #backward: Product;

  static async of(X: Matrix, classes: number, lossOf: (scores: Matrix) => number): Promise<Loss> {
    return new Loss(X, classes, lossOf, await product(0), await product(1));
  }

  private constructor(X: Matrix, classes: number, lossOf: (scores: Matrix) => number, forward: Product, backward: Product) {
    this.#X = X;
    this.#classes = classes;
    this.#lossOf = lossOf;
    this.#forward = forward;
    this.#backward = backward;
  }

  get size(): number {
    return this.#X.columns * this.#classes;
  }

  scores(X: Matrix, weights: Float64Array): Promise<Matrix> {
    return this.#forward(X, { data: Float32Array.from(weights), rows: X.columns, columns: this.#classes });
  }

  async at(weights: Float64Array): Promise<Point> {
    const scores = await this.scores(this.#X, weights);
    let value = this.#lossOf(scores);
    const { data } = await this.#backward(this.#X, scores);
    const gradient = Float64Array.from(data);
    for (let i = 0; i < this.size - this.#classes; i++) {
      gradient[i] = (gradient[i] as number) + L2 * (weights[i] as number);
      value += (L2 / 2) * (weights[i] as number) ** 2;
    }
    return { value, gradient };
  }
}

/** Mean cross-entropy of the scores, which become its derivatives. */
function crossEntropy({ data, rows, columns }: Matrix, y: Int32Array): number {
  let total = 0;
  for (let i = 0, start = 0; i < rows; i++, start += columns) {
    let top = -Infinity;
    for (let c = start; c < start + columns; c++) top = Math.max(top, data[c] as number);
    let mass = 0;
    const own = start + (y[i] as number);
    const given = (data[own] as number) - top;
    for (let c = start; c < start + columns; c++) mass += data[c] = Math.exp((data[c] as number) - top);
    for (let c = start; c < start + columns; c++) data[c] = (data[c] as number) / (mass * rows);
    data[own] = (data[own] as number) - 1 / rows;
    total += Math.log(mass) - given;
  }
  return total / rows;
}

/** Mean over the rows of the classes' logistic losses, together; the scores become its derivatives. */
function logisticLoss({ data, rows }: Matrix, Y: Uint8Array): number {
  let total = 0;
  for (let i = 0; i < data.length; i++) {
    const [score, there] = [data[i] as number, Y[i] as number];
    // log(1 + e^s) without overflow.
    total += Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - there * score;
    data[i] = (1 / (1 + Math.exp(-score)) - there) / rows;
  }
  return total / rows;
}

/** L-BFGS with a line search that halves; what rounding (float32) hides is taken as good. */
async function minimise(loss: Loss): Promise<{ weights: Float64Array; iterations: number; gradientNorm: number }> {
  let weights = new Float64Array(loss.size);
  let here = await loss.at(weights);
  const steps: { s: Float64Array; g: Float64Array; r: number }[] = [];
  let iterations = 0;
  for (; iterations < MOST_ITERATIONS && norm(here.gradient) > TOLERANCE; iterations++) {
    const direction = towards(here.gradient, steps);
    const slope = inner(direction, here.gradient);
    let size = steps.length === 0 ? 1 / norm(here.gradient) : 1;
    for (;;) {
      const next = weights.map((value, i) => value + size * (direction[i] as number));
      const there = await loss.at(next);
      if (there.value <= here.value + 1e-4 * size * slope + 1e-6 * Math.abs(here.value) || size < 1e-6) {
        const s = direction.map((value) => size * value);
        const g = there.gradient.map((value, i) => value - (here.gradient[i] as number));
        const r = inner(s, g);
        if (r > 0) steps.push({ s, g, r });
        if (steps.length > HISTORY) steps.shift();
        weights = next;
        here = there;
        break;
      }
      size /= 2;
    }
  }
  return { weights, iterations, gradientNorm: norm(here.gradient) };
}

/** The two-loop recursion. */
function towards(gradient: Float64Array, steps: readonly { s: Float64Array; g: Float64Array; r: number }[]): Float64Array {
  const direction = gradient.map((value) => -value);
  const parts: number[] = [];
  for (const { s, g, r } of steps.toReversed()) {
    const part = inner(s, direction) / r;
    parts.push(part);
    for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] as number) - part * (g[i] as number);
  }
  const last = steps.at(-1);
  if (last !== undefined) for (let i = 0, by = last.r / inner(last.g, last.g); i < direction.length; i++) direction[i] = (direction[i] as number) * by;
  for (const { s, g, r } of steps) {
    const part = (parts.pop() ?? 0) - inner(g, direction) / r;
    for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] as number) + part * (s[i] as number);
  }
  return direction;
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function norm(a: Float64Array): number {
  return Math.sqrt(inner(a, a));
}

function largest({ data, rows, columns }: Matrix): Int32Array {
  const out = new Int32Array(rows);
  for (let i = 0; i < rows; i++) for (let c = 1; c < columns; c++) if ((data[i * columns + c] as number) > (data[i * columns + (out[i] as number)] as number)) out[i] = c;
  return out;
}

/** Also for what a probe said of a part of its test rows, or against other labels. */
export function agreement(predicted: Int32Array, truth: Int32Array, classes: number): { accuracy: number; f1: Float64Array } {
  const hits = new Float64Array(classes);
  const marks = new Float64Array(classes);
  predicted.forEach((p, i) => {
    const t = truth[i] as number;
    marks[p] = (marks[p] as number) + 1;
    marks[t] = (marks[t] as number) + 1;
    if (p === t) hits[p] = (hits[p] as number) + 1;
  });
  return { accuracy: hits.reduce((sum, hit) => sum + hit, 0) / truth.length, f1: hits.map((hit, c) => (2 * hit) / Math.max(1, marks[c] as number)) };
}
