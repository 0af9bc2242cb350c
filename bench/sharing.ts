/**
 * `npm run bench:sharing -- FOLDER [--orders 5]`: a data set (labels.csv) split over four streams by groups of classes, each with an engine of its own, labels
 * of admitted items 200 items late, 25 %: macro-F1 of a probe on what they admit together, against one engine that saw everything, against four that
 * tell each other nothing, and against four that are told of scenes and scores under each other's names.
 */
import { parseArgs } from 'node:util';
import { cachedEmbeddings, row, type EmbeddedSet } from './quality/embeddings.ts';
import { macroF1, softmaxProbe } from './quality/probe.ts';
import { admittedBy, type Way } from './quality/fleet-run.ts';
import { hash32 } from '../operators/state/hash.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { orders: { type: 'string', default: '5' }, only: { type: 'string' }, groups: { type: 'string', default: 'runs' }, every: { type: 'string', default: '64' } } });
const [folder] = positionals;
if (folder === undefined) {
  process.stderr.write('usage: npm run bench:sharing -- FOLDER_WITH_LABELS_CSV [--orders 5]\n');
  process.exit(2);
}
const STREAMS = 4;
const WAYS: readonly Way[] = process.env['WAYS'] ? (process.env['WAYS'].split(',') as Way[]) : ['one', 'alone', 'sharing', 'permuted'];

const set = await cachedEmbeddings(folder);
const labels = set.columns['class'] ?? [];
const split = set.columns['split'] ?? [];
const names = [...new Set(labels)].sort();
const rows = (part: string): number[] => split.flatMap((name, i) => (name === part ? [i] : []));
const [train, test] = [rows('train'), rows('test')];
const [Xtest, ytest] = [gather(test), classes(test)];

/** Which stream shows a class: runs of neighbouring classes, or dealt out in turn, or (`mixed`) each item at random. */
function streamOf(i: number): number {
  const c = names.indexOf(labels[i] ?? '');
  if (values.groups === 'mixed') return hash32(7, set.paths[i] ?? '') % STREAMS;
  return values.groups === 'dealt' ? c % STREAMS : Math.floor((c * STREAMS) / names.length);
}

function gather(of: readonly number[]): Float32Array {
  const out = new Float32Array(of.length * set.dimension);
  of.forEach((i, at) => out.set(row(set, i), at * set.dimension));
  return out;
}

function classes(of: readonly number[]): Int32Array {
  return Int32Array.from(of, (i) => names.indexOf(labels[i] ?? ''));
}

interface Scored {
  readonly f1: number;
  readonly admitted: number;
  readonly byClass: readonly number[];
}

async function scored(sample: EmbeddedSet, order: readonly number[], seed: number, way: Way): Promise<Scored> {
  const kept = await admittedBy(sample, labels, order, streamOf, { way, seed, streams: STREAMS, every: Number(values.every) });
  const y = classes(kept);
  const result = await softmaxProbe(gather(kept), y, Xtest, ytest, names.length);
  return { f1: macroF1(result), admitted: kept.length, byClass: names.map((_, c) => y.reduce((sum, k) => sum + (k === c ? 1 : 0), 0)) };
}

const results = new Map<Way, Scored[]>(WAYS.map((way) => [way, []]));
for (let seed = 0; seed < Number(values.orders); seed++) {
  const order = train.toSorted((a, b) => hash32(seed, set.paths[a] ?? '') - hash32(seed, set.paths[b] ?? ''));
  for (const way of WAYS) {
    const result = await scored(set, order, seed, way);
    results.get(way)?.push(result);
    console.log(`order ${seed} ${way.padEnd(8)} macro-F1 ${result.f1.toFixed(2)}, ${result.admitted} of ${order.length} admitted; by class ${result.byClass.join(' ')}`);
  }
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
function difference(a: Way, b: Way): string {
  const others = results.get(b) ?? [];
  const differences = (results.get(a) ?? []).map(({ f1 }, i) => f1 - (others[i]?.f1 ?? NaN));
  const m = mean(differences);
  const error = Math.sqrt(mean(differences.map((d) => (d - m) ** 2)) / Math.max(1, differences.length - 1));
  return `${m.toFixed(2)} ± ${error.toFixed(2)}`;
}
for (const way of WAYS) console.log(`${way.padEnd(8)} macro-F1 ${mean((results.get(way) ?? []).map(({ f1 }) => f1)).toFixed(2)}`);
console.log(`sharing - one ${difference('sharing', 'one')}; sharing - alone ${difference('sharing', 'alone')}; permuted - alone ${difference('permuted', 'alone')} (± standard error)`);
