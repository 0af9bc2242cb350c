/**
 * From the embeddings of one model to those of another, where a picture is not there any more to be embedded again: a linear map, found by ridge regression from pictures that
 * both have embedded (after Mikolov, Le, Sutskever: Exploiting similarities among languages for machine translation, 2013). It is an estimate, good for where a cluster lies, not for telling copies apart.
 */
import { choleskyFactor, choleskySolve } from './cholesky.ts';
import { norm } from './cluster-row.ts';
import { BLOCK, OuterSums, type Weighted } from './outer.ts';
import { dot } from './vectors.ts';

/** Of unit vectors, where a pair weighs 1: the one is taken by which pictures that were not learned from are estimated best. */
const RIDGES = [0.001, 0.01, 0.1, 1];
/** Where there are none to tell. */
const RIDGE = 0.1;

/** One picture by two models, unit length each. */
export interface Pair {
  readonly from: Float32Array;
  readonly to: Float32Array;
}

export class Translation {
  readonly #from: number;
  /** One row for each number of the target: how much of each number of the source, and of a constant. */
  readonly #rows: readonly Float64Array[];

  private constructor(from: number, rows: readonly Float64Array[]) {
    this.#from = from;
    this.#rows = rows;
  }

  /**
   * O(n d² + d³).
   * @param pairs at least one, of the same dimensions. @param tried others, not learned from
   * @returns with the mean similarity of estimates to what they estimate, on those; null where there are none
   */
  static fit(pairs: readonly Pair[], tried: readonly Pair[]): { readonly translation: Translation; readonly likeness: number | null } {
    const solve = solver(pairs);
    const from = pairs[0]?.from.length ?? 0;
    if (tried.length === 0) return { translation: new Translation(from, solve(RIDGE)), likeness: null };
    const found = RIDGES.map((ridge) => {
      const translation = new Translation(from, solve(ridge));
      return { translation, likeness: tried.reduce((sum, pair) => sum + dot(translation.of(pair.from), 0, pair.to, 0, pair.to.length), 0) / tried.length };
    });
    return found.reduce((best, each) => (each.likeness > best.likeness ? each : best));
  }

  /** Of a mean of embeddings the mean of their estimates. Not made unit length. */
  mean(x: Float32Array): Float32Array {
    return Float32Array.from(this.#rows, (row) => {
      let sum = row[this.#from] as number;
      for (let i = 0; i < this.#from; i++) sum += (row[i] as number) * (x[i] as number);
      return sum;
    });
  }

  /** Unit length. */
  of(x: Float32Array): Float32Array {
    const estimate = this.mean(x);
    const length = norm(estimate);
    return estimate.map((value) => value / length);
  }
}

/** The rows of the map by its ridge. */
function solver(pairs: readonly Pair[]): (ridge: number) => readonly Float64Array[] {
  const d = (pairs[0]?.from.length ?? 0) + 1;
  const sums = new OuterSums(d);
  const moments = Array.from({ length: pairs[0]?.to.length ?? 0 }, () => new Float64Array(d));
  const block: Weighted[] = [];
  for (const { from, to } of pairs) {
    const x = withConstant(from);
    block.push({ x, weight: 1 });
    if (block.length === BLOCK) sums.add(block.splice(0));
    moments.forEach((moment, j) => {
      const y = to[j] as number;
      for (let i = 0; i < d; i++) moment[i] = (moment[i] as number) + y * (x[i] as number);
    });
  }
  sums.add(block);
  return (ridge) => choleskySolve(choleskyFactor(sums.lower, d, ridge), d, moments);
}

function withConstant(x: Float32Array): Float32Array {
  const longer = new Float32Array(x.length + 1);
  longer.set(x);
  longer[x.length] = 1;
  return longer;
}
