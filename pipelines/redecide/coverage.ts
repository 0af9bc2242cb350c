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
  const index = await openIndex(dimension);
  try {
    for (const rows of matrices(dimension, selected, embeddingOf)) await index.add(rows);
    const found: number[] = [];
    for (const rows of matrices(dimension, probes, embeddingOf)) found.push(...(await index.search(rows, 1)).similarities);
    found.sort((a, b) => a - b);
    const worst = found.slice(0, Math.ceil(found.length / 20));
    return { mean: meanOf(found), worst: meanOf(worst) };
  } finally {
    await index.close();
  }
}

function* matrices(dimension: number, seqs: readonly number[], embeddingOf: (seq: number) => Float32Array): Generator<Float32Array> {
  for (let at = 0; at < seqs.length; at += CHUNK) {
    const part = seqs.slice(at, at + CHUNK);
    const rows = new Float32Array(part.length * dimension);
    part.forEach((seq, i) => rows.set(embeddingOf(seq), i * dimension));
    yield rows;
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
