/**
 * `npm run bench:engine [-- --most 0.15 --most-ratio 1.2]`: what deciding costs on made-up embeddings.
 *
 * First the engine alone (arrive, cluster, audit, decide, alert, what it hands over to be written) with the nearest neighbours given: milliseconds an item of
 * one core. At 1,000 live clusters, where the kinds of scene are compact and few clusters are cold: that is what the bound is for; and where the items of a
 * kind are scattered as photos are, so that more are cold than live. Then with the nearest-neighbour search, all costs in, at 50,000 admitted in batches of
 * 64, against the flat search of faiss-node alone for the same queries over the same vectors, in turn. Both searches have one thread.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { from, lastValueFrom, toArray } from 'rxjs';
import { openIndex } from '../infra/faiss/index.ts';
import { alert } from '../operators/alert.ts';
import { arrive } from '../operators/arrive.ts';
import { audit } from '../operators/audit.ts';
import { cluster } from '../operators/cluster.ts';
import { decide } from '../operators/decide.ts';
import type { Embedded, Recalled } from '../operators/items.ts';
import { recall } from '../operators/recall.ts';
import { Engine } from '../operators/state/engine.ts';
import type { Reveal } from '../operators/state/labels.ts';
import { DEFAULT_POLICY } from '../pipelines/config/policy.ts';
import type { Change } from '../schemas/decision.ts';
import type { FlatCall } from './engine-flat.ts';
import { DIMENSION, madeItem, madeVectors } from './made-items.ts';

const { values } = parseArgs({ options: { most: { type: 'string', default: '0.15' }, 'most-ratio': { type: 'string', default: '1.2' }, items: { type: 'string', default: '6400' }, blocks: { type: 'string', default: '6' } } });
const KINDS = 1000;
const CLASSES = 50;
const ADMITTED = 50_000;
const BATCH = 64;
/** Batches of ours before as many of the other's, in turn. */
const BLOCK = 10;
/** As `recall` asks for. */
const CANDIDATES = 8;
const COMPACT = madeVectors(KINDS, 0.5);
const SCATTERED = madeVectors(KINDS);

/** Item number `seq`; its class goes with its kind. */
const itemOf = (seq: number, vectorOf = SCATTERED): Embedded => madeItem(seq, vectorOf(seq), `class ${(seq % KINDS) % CLASSES}`);
const engineOf = (budget: number, reveal: Reveal): Engine => new Engine({ policy: DEFAULT_POLICY, purpose: 'train', budget, seed: 0, dimension: DIMENSION, reveal, lateLabels: false });

/** The state after `count` items, all of them admitted. */
function grown(count: number, vectorOf = SCATTERED): readonly Change[] {
  const engine = engineOf(1, { when: 'never' });
  const state = new Map<string, Change>();
  for (let seq = 0; seq < count; seq++) {
    step(engine, { ...itemOf(seq, vectorOf), nearest: null });
    if (seq % 1000 === 999) for (const change of engine.takeChanges()) state.set(`${change.kind} ${String(change.key).padStart(9, '0')}`, change);
  }
  return [...state.keys()].sort().flatMap((key) => state.get(key) ?? []).filter(({ kind }) => kind !== 'budget');
}

function step(engine: Engine, item: Recalled): void {
  const audited = engine.audit(engine.cluster({ ...item, ...engine.arrive(item) }));
  engine.watch(audited, engine.decide(audited).joined);
}

function restored(state: readonly Change[], reveal: Reveal, vectorOf = SCATTERED): Engine {
  const engine = engineOf(0.25, reveal);
  engine.restore(state, vectorOf);
  return engine;
}

/** Milliseconds of processor time an item, without the search; those of the collector and the compiler in other threads count. */
function engineAlone(engine: Engine, first: number, count: number, vectorOf: typeof SCATTERED): number {
  const nearest = { item: engine.memory.items[0] ?? fail('nothing is admitted'), similarity: 0.5 };
  const items = Array.from({ length: count }, (_, i): Recalled => ({ ...itemOf(first + i, vectorOf), nearest }));
  const before = process.cpuUsage();
  items.forEach((item, i) => {
    step(engine, item);
    if (i % BATCH === BATCH - 1) engine.takeChanges();
  });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / count;
}

/** Milliseconds of so many blocks of batches with the search, and of the flat searches alone. */
async function withSearch(engine: Engine, first: number, blocks: number): Promise<{ ours: number; flat: number }> {
  const script = fileURLToPath(new URL('engine-flat.ts', import.meta.url));
  const peer = fork(script, [String(DIMENSION), String(CANDIDATES)], { serialization: 'advanced', execArgv: [], env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' } });
  const ask = async (call: FlatCall): Promise<number> => {
    peer.send(call);
    return Number((await once(peer, 'message'))[0]);
  };
  const index = await openIndex(DIMENSION);
  let last: Promise<unknown> = Promise.resolve();
  const recalled = recall(index, engine.memory, () => last);
  const decideBatch = async (items: readonly Embedded[]): Promise<void> => {
    await lastValueFrom(from(items).pipe(recalled, arrive(engine), cluster(engine), audit(engine), decide(engine), alert(engine), toArray()));
    engine.takeChanges();
  };
  const all = engine.memory.vectors(0);
  for (let at = 0; at < all.length; at += 1024 * DIMENSION) await ask({ add: all.slice(at, at + 1024 * DIMENSION) });
  let [ours, flat] = [0, 0];
  for (let block = -1; block < blocks; block++) {
    const batches = Array.from({ length: BLOCK }, (_, b) => Array.from({ length: BATCH }, (__, i) => itemOf(first + ((block + 1) * BLOCK + b) * BATCH + i)));
    const start = performance.now();
    for (const items of batches) {
      // As `curate` has it: the index is asked for a batch while the one before it is decided.
      const before = last;
      last = decideBatch(items);
      await before;
    }
    await last;
    const took = performance.now() - start;
    let alone = 0;
    for (const items of batches) alone += await ask({ search: matrixOf(items) });
    // The first one fills the index and warms both up.
    if (block >= 0) [ours, flat] = [ours + took, flat + alone];
  }
  await index.close();
  peer.disconnect();
  return { ours, flat };
}

function matrixOf(items: readonly Embedded[]): Float32Array {
  const rows = new Float32Array(items.length * DIMENSION);
  items.forEach(({ embedding }, i) => rows.set(embedding, i * DIMENSION));
  return rows;
}

function fail(why: string): never {
  throw new Error(why);
}

const cores = `${availableParallelism()} cores`;
const most = Number(values.most);
let good = true;

/** @returns the most that an item cost, by what is shown */
function measured(state: readonly Change[], vectorOf: typeof SCATTERED, bound: string): number {
  const costs = ([['no labels', { when: 'never' }], ['labels of admitted items 200 late', { when: 'admitted', after: 200 }], ['labels with the sample', { when: 'all' }]] as const).map(([name, reveal]) => {
    const engine = restored(state, reveal, vectorOf);
    const { live, cold } = engine.clusterCounts;
    const count = Number(values.items);
    engineAlone(engine, ADMITTED, count, vectorOf);
    const ms = engineAlone(engine, ADMITTED + count, count, vectorOf);
    console.log(`engine without the search, ${name}: ${ms.toFixed(4)} ms an item at ${live} live and ${cold} cold clusters, ${DIMENSION} dimensions; ${bound}; ${cores}`);
    return ms;
  });
  return Math.max(...costs);
}

good &&= measured(grown(ADMITTED, COMPACT), COMPACT, `bound ${values.most} ms`) <= most;
const state = grown(ADMITTED);
measured(state, SCATTERED, 'no bound');
const engine = restored(state, { when: 'never' });
const { ours, flat } = await withSearch(engine, ADMITTED, Number(values.blocks));
const n = Number(values.blocks) * BLOCK * BATCH;
const ratio = ours / flat;
console.log(`with the search at ${ADMITTED} admitted in batches of ${BATCH}: ${(ours / n).toFixed(4)} ms an item, flat search alone ${(flat / n).toFixed(4)} ms, ratio ${ratio.toFixed(3)}; bound ${values['most-ratio']}; ${cores}`);
good &&= ratio <= Number(values['most-ratio']);
if (!good) {
  console.log('above a bound');
  process.exitCode = 1;
}
