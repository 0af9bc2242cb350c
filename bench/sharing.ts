/**
 * `npm run bench:sharing -- FOLDER [--orders 5]`: a data set (labels.csv) split over four streams by groups of classes, each with an engine of its own, labels of
 * admitted items only and late, 25 %: macro-F1 of a probe on what the four admit together. Compared in the same order with one engine that saw everything, with
 * four that tell each other nothing, with four that are told of scenes and scores under each other's names, and with four of which each is told besides that it
 * stands to the others as another does. Exit 1 where a bound is not met.
 *
 * `admitted:200` is read so: a label comes 200 items of the whole after its own, since whoever labels takes as long for four engines as for one. Then, for comparison
 * and without a bound, the same with labels 200 items of their own stream late, as `reveal: admitted:200` counts them in each engine: for one of four streams that is
 * up to all that it shows, and the one engine has them sooner.
 */
import { parseArgs } from 'node:util';
import { DEFAULT_POLICY } from '../pipelines/config/policy.ts';
import type { EngineSettings } from '../operators/state/engine.ts';
import { cachedEmbeddings, row } from './quality/embeddings.ts';
import { permuted, renamed, runFleet, type FleetItem, type Post } from './quality/fleet-run.ts';
import { rowsOf, shuffledStream } from './quality/orders.ts';
import { macroF1, softmaxProbe } from './quality/probe.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { orders: { type: 'string', default: '5' }, every: { type: 'string', default: '32' } } });
const [folder] = positionals;
if (folder === undefined) {
  process.stderr.write('usage: npm run bench:sharing -- FOLDER_WITH_LABELS_CSV [--orders 5] [--every 32]\n');
  process.exit(2);
}
const STREAMS = 4;
/** Below one engine that saw everything at most, and above four that tell each other nothing at least, in points. */
const MOST_BELOW = 1.5;
const LEAST_ABOVE = 1;

const set = await cachedEmbeddings(folder);
const labels = set.columns['class'] ?? [];
const names = [...new Set(labels)].sort();
const classOf = (i: number): number => names.indexOf(labels[i] ?? '');
const test = rowsOf(set, 'test');

/** Which stream shows a class: dealt out in turn, so that each has common and rare ones, or runs of neighbours, so that all that a stream shows is rare or common. */
const GROUPS = {
  'dealt in turn': (c: number): number => c % STREAMS,
  'runs of neighbours': (c: number): number => Math.floor((c * STREAMS) / names.length),
} as const;

function gather(rows: readonly number[]): Float32Array {
  const out = new Float32Array(rows.length * set.dimension);
  rows.forEach((i, at) => out.set(row(set, i), at * set.dimension));
  return out;
}

async function f1Of(rows: readonly number[]): Promise<number> {
  const { gradientNorm, ...result } = await softmaxProbe(gather(rows), Int32Array.from(rows, classOf), gather(test), Int32Array.from(test, classOf), names.length);
  if (gradientNorm > 1e-4) throw new Error(`the probe has not converged: gradient norm ${gradientNorm}`);
  return macroF1(result);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}

/** Mean of the paired differences, with its standard error. */
function paired(a: readonly number[], b: readonly number[]): { readonly value: number; readonly text: string } {
  const differences = a.map((x, i) => x - (b[i] ?? NaN));
  const value = mean(differences);
  const error = Math.sqrt(mean(differences.map((d) => (d - value) ** 2)) / Math.max(1, differences.length - 1));
  return { value, text: `${value.toFixed(2)} ± ${error.toFixed(2)}` };
}

const WAYS = ['one', 'alone', 'sharing', 'renamed', 'permuted'] as const;
const LABELS_AFTER = 200;
/** How the engines learn labels, and how many items of the whole late where it is not they who count. */
const LABELS = {
  'of the whole': { reveal: { when: 'never' }, lateLabels: true, labelled: LABELS_AFTER },
  'of their own stream': { reveal: { when: 'admitted', after: LABELS_AFTER }, lateLabels: false, labelled: null },
} as const;

async function compare(groups: keyof typeof GROUPS, late: keyof typeof LABELS): Promise<boolean> {
  const streamOf = (i: number): number => GROUPS[groups](classOf(i));
  const { labelled, ...learning } = LABELS[late];
  console.log(`classes ${groups} (streams of ${Array.from({ length: STREAMS }, (_, s) => rowsOf(set, 'train').filter((i) => streamOf(i) === s).length).join(', ')} items), labels ${LABELS_AFTER} items ${late} late`);
  const found: Record<(typeof WAYS)[number], number[]> = { one: [], alone: [], sharing: [], renamed: [], permuted: [] };
  for (let seed = 0; seed < Number(values.orders); seed++) {
    const settings: EngineSettings = { policy: DEFAULT_POLICY, purpose: 'train', budget: 0.25, seed, dimension: set.dimension, ...learning };
    const whole = shuffledStream(rowsOf(set, 'train'), labels, seed).map((item) => ({ ...item, partition: 0 }));
    const split = whole.map((item) => ({ ...item, partition: streamOf(item.row) }));
    const run = (items: readonly FleetItem[], post: Post | null): Promise<number[]> => runFleet(set, items, settings, { every: Number(values.every), post, labelled });
    // Each permutation that shifts all in turn: none is picked.
    const by = 1 + (seed % (STREAMS - 1));
    const admitted = {
      one: await run(whole, null),
      alone: await run(split, null),
      sharing: await run(split, (told) => told),
      renamed: await run(split, renamed(by, STREAMS)),
      permuted: await run(split, permuted(by, STREAMS)),
    };
    for (const way of WAYS) found[way].push(await f1Of(admitted[way]));
    console.log(`  order ${seed}: ${WAYS.map((way) => `${way} ${found[way].at(-1)?.toFixed(2)} (${admitted[way].length})`).join(', ')}`);
  }
  const { one, alone, sharing } = found;
  const [below, above, wrong] = [paired(sharing, one), paired(sharing, alone), paired(found.permuted, alone)];
  console.log(`  macro-F1: ${WAYS.map((way) => `${way} ${mean(found[way]).toFixed(2)}`).join(', ')}`);
  console.log(`  sharing - one ${below.text} (at least -${MOST_BELOW}), sharing - alone ${above.text} (at least ${LEAST_ABOVE}), permuted - alone ${wrong.text} (below half of the gain), renamed - alone ${paired(found.renamed, alone).text}`);
  return below.value >= -MOST_BELOW && above.value >= LEAST_ABOVE && wrong.value < above.value / 2;
}

const met: boolean[] = [];
for (const groups of ['dealt in turn', 'runs of neighbours'] as const) met.push(await compare(groups, 'of the whole'));
console.log('for comparison, each counting by itself:');
for (const groups of ['dealt in turn', 'runs of neighbours'] as const) await compare(groups, 'of their own stream');
if (met.includes(false)) {
  console.log('a bound is not met');
  process.exitCode = 1;
}
