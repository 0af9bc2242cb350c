/** Five streams made of imagenette-lt that a selection must not fall for: each with the set its rows are of, and the labels it shows. */
import { join } from 'node:path';
import sharp from 'sharp';
import { uniform } from '../../operators/state/hash.ts';
import { cachedEmbeddings, type EmbeddedSet } from './embeddings.ts';
import type { StreamItem } from './engine-run.ts';
import { rowsOf, shuffledStream } from './orders.ts';
import { shuffled } from './random.ts';
import { type BenchSet, probeOn } from './sets.ts';

const WRONG = 0.3;
/** Of the Gaussian, in pixels of pictures of 224 or so. */
const BLUR = 4;
const CAMERAS = 4;

/** @param set imagenette-lt */
export async function madeUpStreams(data: string, { set, labels, train, probe }: BenchSet): Promise<readonly BenchSet[]> {
  const classes = [...new Set(train.map((i) => labels[i] ?? ''))].sort();
  const even = evenPart(train, labels);
  const order = (seed: number): StreamItem[] => shuffledStream(train, labels, seed);
  const base = { set, labels, train, probe };
  const blurred = await withBlurred(data, set);
  const twice = [...labels, ...labels];
  return [
    { ...base, name: 'i.i.d.', train: even, order: (seed) => shuffledStream(even, labels, seed) },
    { ...base, name: 'class-sorted', order: (seed) => order(seed).sort((a, b) => classes.indexOf(a.label ?? '') - classes.indexOf(b.label ?? '')) },
    { ...base, name: 'one camera frozen', order: (seed) => frozen(order(seed)) },
    { ...base, name: '30 % noisy labels', order: (seed) => order(seed).map((item) => ({ ...item, label: noisy(item, classes, WRONG, seed) })) },
    { name: 'half blurred', set: blurred, labels: twice, train, probe: probeOn(blurred, twice, train, rowsOf(set, 'test')), order: (seed) => order(seed).map((item) => (uniform(seed, `blur ${item.row}`) < 0.5 ? { ...item, row: item.row + labels.length } : item)) },
  ];
}

/** As many of each class as the rarest has, but at least 40, so that something is left to choose from. */
function evenPart(train: readonly number[], labels: readonly string[]): readonly number[] {
  const counts = new Map<string, number>();
  for (const i of train) counts.set(labels[i] ?? '', (counts.get(labels[i] ?? '') ?? 0) + 1);
  const least = Math.max(40, Math.min(...counts.values()));
  const taken = new Map<string, number>();
  return [...shuffled(train.length, 0)].map((k) => train[k] as number).filter((i) => {
    const n = (taken.get(labels[i] ?? '') ?? 0) + 1;
    taken.set(labels[i] ?? '', n);
    return n <= least;
  });
}

/** Every fourth item is the same picture again. */
function frozen(items: readonly StreamItem[]): StreamItem[] {
  const [first] = items;
  return items.map((item, i) => {
    const camera = i % CAMERAS;
    if (camera > 0 || first === undefined) return { ...item, stream: `camera ${camera}` };
    return { ...first, id: `frozen ${i}`, stream: 'camera 0' };
  });
}

/** The item's label, or with probability `share` another one, any of them alike. */
export function noisy({ row, label }: StreamItem, classes: readonly string[], share: number, seed: number): string | null {
  if (uniform(seed, `noise ${row}`) >= share) return label;
  const others = classes.filter((name) => name !== label);
  return others[Math.floor(uniform(seed, `wrong ${row}`) * others.length)] ?? null;
}

/** The set, and after its rows the same pictures blurred. */
async function withBlurred(data: string, set: EmbeddedSet): Promise<EmbeddedSet> {
  const blurred = await cachedEmbeddings(join(data, set.name), { name: `blur ${BLUR}`, change: (bytes) => sharp(bytes).blur(BLUR).jpeg().toBuffer() });
  const vectors = new Float32Array(2 * set.vectors.length);
  vectors.set(set.vectors);
  vectors.set(blurred.vectors, set.vectors.length);
  const twice = (name: string): string => `${name} blurred`;
  return { ...set, vectors, paths: [...set.paths, ...set.paths.map(twice)], quality: [...set.quality, ...blurred.quality], digests: [...set.digests, ...blurred.digests] };
}
