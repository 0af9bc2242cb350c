/** How near what is selected lies to everything: a selection that leaves a kind out is far from its items. */
import { openIndex } from '../../infra/faiss/index.ts';

export interface Coverage {
  /** Similarity of an item of the stream to the nearest selected one, on average. */
  readonly mean: number;
  /** That of the worst twentieth. */
  readonly worst: number;
}

const CHUNK = 1024;

/** @param selected seqs of the selection. @param probes seqs that are looked at */
export async function coverage(dimension: number, selected: readonly number[], probes: readonly number[], embeddingOf: (seq: number) => Float32Array): Promise<Coverage | null> {
  if (selected.length === 0 || probes.length === 0) return null;
  const found = [...(await nearestOf(dimension, lazily(selected, embeddingOf), lazily(probes, embeddingOf)))].sort((a, b) => a - b);
  const worst = found.slice(0, Math.ceil(found.length / 20));
  return { mean: meanOf(found), worst: meanOf(worst) };
}

/** Similarity of each probe to the nearest row. @param rows at least one */
export async function nearestOf(dimension: number, rows: Iterable<Float32Array>, probes: Iterable<Float32Array>): Promise<readonly number[]> {
  const index = await openIndex(dimension);
  try {
    for (const matrix of matrices(dimension, rows)) await index.add(matrix);
    const found: number[] = [];
    for (const matrix of matrices(dimension, probes)) found.push(...(await index.search(matrix, 1)).similarities);
    return found;
  } finally {
    await index.close();
  }
}

function* lazily(seqs: readonly number[], embeddingOf: (seq: number) => Float32Array): Generator<Float32Array> {
  for (const seq of seqs) yield embeddingOf(seq);
}

function* matrices(dimension: number, vectors: Iterable<Float32Array>): Generator<Float32Array> {
  let rows = new Float32Array(CHUNK * dimension);
  let count = 0;
  for (const vector of vectors) {
    rows.set(vector, count * dimension);
    count += 1;
    if (count < CHUNK) continue;
    yield rows;
    [rows, count] = [new Float32Array(CHUNK * dimension), 0];
  }
  if (count > 0) yield rows.slice(0, count * dimension);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
