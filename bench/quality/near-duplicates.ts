/** Where near-duplicates begin in a set's stream, whether copies are then caught and different pictures let through, and whether the nearest is found at all. */
import { join } from 'node:path';
import { from, lastValueFrom, toArray } from 'rxjs';
import sharp from 'sharp';
import { openIndex } from '../../infra/faiss/index.ts';
import { type Decided, type Embedded, isAlive } from '../../operators/items.ts';
import { recall } from '../../operators/recall.ts';
import { Memory } from '../../operators/state/memory.ts';
import { dot } from '../../operators/state/vectors.ts';
import { cachedEmbeddings, type EmbeddedSet, row } from './embeddings.ts';
import { BATCH, embeddedItem, runEngine } from './engine-run.ts';
import { shuffled } from './random.ts';
import type { BenchSet } from './sets.ts';

/** All pairs of so many pictures. */
const PAIRED = 2000;
const REMEMBERED = 100_000;
const QUERIES = 500;
/** Of another row, in one that is remembered again. */
const MIXED = 0.2;

/** Scaled by 0.9, 5 % brighter, encoded again at quality 60. */
async function copied(bytes: Buffer): Promise<Uint8Array> {
  const { width } = await sharp(bytes).metadata();
  return await sharp(bytes).resize(Math.round(0.9 * width)).linear(1.05, 0).jpeg({ quality: 60 }).toBuffer();
}

/** Budget 25 %, default policy, no labels. Copies are made of sets of single pictures: the frames of a track are likenesses enough. @returns a table */
export async function nearDuplicates(data: string, bench: BenchSet, orders: number): Promise<string> {
  const { name, set, train } = bench;
  const copies = 'track' in set.columns ? null : (await cachedEmbeddings(join(data, name), { name: 'copy 0.9 1.05 60', change: copied })).vectors;
  const different = pairs(set, [...shuffled(train.length, 0)].slice(0, PAIRED).map((k) => train[k] as number));
  const found = `${((100 * (await foundOf(set))) / QUERIES).toFixed(1)} %`;
  const head = ['order', 'threshold from the 500th item on', 'at the end', 'copies at or above it', 'copies of what was admitted, rejected for it', 'different pairs at or above it', 'admitted that have an earlier one as near: by the threshold then', 'by the one at the end'];
  const lines = [`## Near-duplicates: ${name}`, '', `| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`];
  for (let seed = 1; seed <= orders; seed++) {
    const items = bench.order(seed);
    const decided = await runEngine(set, items, { budget: 0.25 });
    const late = decided.slice(500).map(inForce);
    const end = inForce(decided.at(-1));
    const kept = decided.filter(({ judgement }) => judgement.verdict === 'admit');
    const nearest = nearestEarlier(kept, set.dimension);
    const cells = [
      `${Math.min(...late).toFixed(3)} to ${Math.max(...late).toFixed(3)}`,
      end.toFixed(3),
      copies === null ? '' : share(train, (i) => dot(row(set, i), 0, row({ ...set, vectors: copies }, i), 0, set.dimension) >= end),
      copies === null ? '' : share(await sentAgain(set, copies, items, kept), ({ judgement }) => judgement.reasons[0]?.code === 'near_duplicate'),
      share(different, (similarity) => similarity >= end, 3),
      share(nearest, (similarity, k) => similarity >= inForce(kept[k])),
      share(nearest, (similarity) => similarity >= end),
    ];
    lines.push(`| ${seed} | ${cells.join(' | ')} |`);
  }
  return [...lines, '', `The nearest of ${REMEMBERED} remembered, index and comparison against exhaustive search: ${found} of ${QUERIES} the same.`].join('\n');
}

/** The threshold that stands in the reasons. */
function inForce(item: Decided | undefined): number {
  return 1 - (item?.judgement.reasons.find(({ code }) => code === 'novelty')?.threshold ?? NaN);
}

function share<T>(all: readonly T[], is: (one: T, k: number) => boolean, digits = 1): string {
  return `${((100 * all.filter(is).length) / all.length).toFixed(digits)} %`;
}

/** Similarities of all pairs of these rows. */
function pairs(set: EmbeddedSet, rows: readonly number[]): readonly number[] {
  return rows.flatMap((a, i) => rows.slice(0, i).map((b) => dot(row(set, a), 0, row(set, b), 0, set.dimension)));
}

/** The same stream, and behind it the copies of what was admitted. @returns what became of the copies */
async function sentAgain(set: EmbeddedSet, copies: Float32Array, items: ReturnType<BenchSet['order']>, kept: readonly Decided[]): Promise<readonly Decided[]> {
  const vectors = new Float32Array(2 * set.vectors.length);
  vectors.set(set.vectors);
  vectors.set(copies, set.vectors.length);
  const copyOf = (name: string): string => `copy of ${name}`;
  const twice = { ...set, vectors, paths: [...set.paths, ...set.paths.map(copyOf)], quality: [...set.quality, ...set.quality], digests: [...set.digests, ...set.digests.map(copyOf)] };
  const again = kept.map(({ seq }) => ({ row: (items[seq]?.row ?? 0) + set.paths.length, label: null }));
  return (await runEngine(twice, [...items, ...again], { budget: 0.25 })).slice(items.length);
}

/** Of each admitted item, by exhaustive search: the similarity of the nearest one admitted before. */
function nearestEarlier(kept: readonly Decided[], dimension: number): readonly number[] {
  const memory = new Memory(dimension);
  return kept.map(({ embedding, seq, sample, digest }) => {
    const nearest = memory.nearest(embedding, null)?.similarity ?? -1;
    memory.add({ seq, id: sample.id, cluster: 0, digest, classes: [] }, embedding);
    return nearest;
  });
}

/** Queries are rows of the set; the others are remembered, again and again with a little of another one in them until there are enough. @returns how many find the same as exhaustive search */
async function foundOf(set: EmbeddedSet): Promise<number> {
  const rows = [...shuffled(set.paths.length, 1)];
  const queries = rows.slice(0, QUERIES).map((i, seq) => embeddedItem(set, { row: i, label: null }, seq));
  const others = rows.slice(QUERIES);
  const memory = new Memory(set.dimension);
  for (let n = 0; n < REMEMBERED; n++) {
    const x = row(set, others[n % others.length] as number);
    const round = Math.floor(n / others.length);
    const other = row(set, others[(n + round) % others.length] as number);
    memory.add({ seq: n, id: String(n), cluster: 0, digest: '', classes: [] }, round === 0 ? x : unit(x.map((value, i) => value + MIXED * (other[i] as number))));
  }
  const index = await openIndex(set.dimension);
  try {
    const recalled = recall(index, memory);
    let found = 0;
    for (let at = 0; at < QUERIES; at += BATCH) {
      const batch: readonly Embedded[] = queries.slice(at, at + BATCH);
      const out = (await lastValueFrom(from(batch).pipe(recalled, toArray()))).filter(isAlive);
      found += out.filter(({ embedding, nearest }) => nearest?.item.seq === memory.nearest(embedding, null)?.item.seq).length;
    }
    return found;
  } finally {
    await index.close();
  }
}

function unit(x: Float32Array): Float32Array {
  const length = Math.hypot(...x);
  return x.map((value) => value / length);
}
