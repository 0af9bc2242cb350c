/** The development sets as the harness uses them: stream orders, and the probe on the test rows. */
import { join } from 'node:path';
import { uniform } from '../../operators/state/hash.ts';
import { cachedEmbeddings, type EmbeddedSet, row } from './embeddings.ts';
import type { StreamItem } from './engine-run.ts';
import { rowsOf, shuffledStream, trackStream } from './orders.ts';
import { type ProbeResult, softmaxProbe } from './probe.ts';

export interface BenchSet {
  readonly name: string;
  readonly set: EmbeddedSet;
  /** Class of each row. */
  readonly labels: readonly string[];
  readonly train: readonly number[];
  readonly order: (seed: number) => StreamItem[];
  /** @param rows what is kept. @param labels other ones to learn from, for streams with wrong labels */
  readonly probe: (rows: readonly number[], labels?: ReadonlyMap<number, string>) => Promise<ProbeResult>;
}

/** Part of a set without an official split that is kept for the test. */
const TEST_PART = 0.35;
/** What says nothing of the picture. */
const NO_CLASS: ReadonlySet<string> = new Set(['Skip', 'Not sure', 'Other']);

export async function loadSet(data: string, name: string): Promise<BenchSet> {
  const set = await cachedEmbeddings(join(data, name));
  const labels = set.columns['class'] ?? set.columns['label'] ?? [];
  const [train, test] = 'split' in set.columns ? [rowsOf(set, 'train'), rowsOf(set, 'test')] : hashedSplit(set, labels);
  const order = (seed: number): StreamItem[] => ('track' in set.columns ? trackStream(set, train, labels, seed) : shuffledStream(train, labels, seed));
  return { name, set, labels, train, order, probe: probeOn(set, labels, train, test) };
}

/** @param set may hold other embeddings than the one it was made for: those of made-up faults */
export function probeOn(set: EmbeddedSet, labels: readonly string[], train: readonly number[], test: readonly number[]): BenchSet['probe'] {
  const classes = [...new Set(train.map((i) => labels[i] ?? ''))].sort();
  const known = test.filter((i) => classes.includes(labels[i] ?? ''));
  const numbers = (rows: readonly number[], other?: ReadonlyMap<number, string>): Int32Array => Int32Array.from(rows, (i) => classes.indexOf(other?.get(i) ?? labels[i] ?? ''));
  return (rows, other) => softmaxProbe(matrix(set, rows), numbers(rows, other), matrix(set, known), numbers(known), classes.length);
}

function hashedSplit(set: EmbeddedSet, labels: readonly string[]): readonly [number[], number[]] {
  const rows = set.paths.flatMap((_, i) => (NO_CLASS.has(labels[i] ?? '') ? [] : [i]));
  const inTest = (i: number): boolean => uniform(7, set.paths[i] ?? '') < TEST_PART;
  return [rows.filter((i) => !inTest(i)), rows.filter(inTest)];
}

export function matrix(set: EmbeddedSet, rows: readonly number[]): Float32Array {
  const out = new Float32Array(rows.length * set.dimension);
  rows.forEach((i, k) => out.set(row(set, i), k * set.dimension));
  return out;
}
