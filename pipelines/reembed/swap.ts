/** The change of the model of an output folder: from one transaction to the next all embeddings, and all that was learned from them, are of the new one. */
import type { ReembeddedStore } from '../../infra/store/reembedded.ts';
import type { SqliteStore } from '../../infra/store/sqlite.ts';
import type { Reader, RunConfig, StoredDecision } from '../../infra/store/types.ts';
import { Clock, decay } from '../../operators/state/clock.ts';
import { Clusters } from '../../operators/state/clusters.ts';
import { Engine, type EngineSettings } from '../../operators/state/engine.ts';
import { hash32 } from '../../operators/state/hash.ts';
import { unpackAdmitted } from '../../operators/state/memory.ts';
import type { Scene } from '../../operators/state/objects/objects.ts';
import { type Again, type Estimate, inOtherModel } from '../../operators/state/other-model.ts';
import { wasBarred } from '../../operators/state/policy.ts';
import { type Pair, Translation } from '../../operators/state/translation.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { classesOf } from '../../schemas/sample.ts';

/** Pictures that the estimate is made of, and those that it is tried on, at most. */
const PAIRS = 4096;
const TRIED = 512;

export interface SwapSummary {
  /** Items with an embedding. */
  readonly items: number;
  /** Of them those whose picture is gone: their embedding is an estimate. */
  readonly estimated: number;
  /** Mean similarity of such estimates to what they estimate, on pictures that are there; null where nothing was estimated, or too few are there to tell. */
  readonly likeness: number | null;
}

/**
 * @param settings of the engine with the new model. @param config in force from now on
 * @throws SluiceError SLUICE_E_PICTURES_GONE where not one picture is left
 */
export function swapModel(store: SqliteStore, reader: Reader, prepared: ReembeddedStore, settings: EngineSettings, config: RunConfig): SwapSummary {
  const estimates = new Estimates(reader, prepared, settings.seed);
  const known = (seq: number): Float32Array => prepared.of(seq)?.embedding ?? estimates.of(reader.embedding(seq));
  const state = [...store.state()];
  const clusterNow = new Map(state.flatMap(({ kind, key, value }): [number, number][] => (kind === 'admitted' && value !== null ? [[key, unpackAdmitted(key, value).cluster]] : [])));
  const clusterOf = ({ seq, cluster }: StoredDecision): number => clusterNow.get(seq) ?? cluster ?? -1;
  const { means, fresh, items, estimated } = gather(reader, prepared, known, clusterOf, settings);
  const moved = inOtherModel(state, means, fresh, estimates.mean);
  const engine = new Engine(settings);
  engine.restore(moved, known);
  engine.learnAgain(again(reader, prepared, settings, known));
  store.swapModel({ config, state: [...moved, ...engine.takeChanges()], vectors: vectors(reader, known) });
  return { items, estimated, likeness: estimated === 0 ? null : estimates.likeness };
}

/** Embeddings of pictures that are gone, from those of the model before. Made when it is first asked for. */
class Estimates {
  readonly #pairs: () => readonly Pair[];
  #made: ReturnType<typeof Translation.fit> | null = null;

  constructor(reader: Reader, prepared: ReembeddedStore, seed: number) {
    this.#pairs = () => pairs(reader, prepared, seed);
  }

  readonly of: Estimate = (x) => this.#ready().translation.of(x);
  readonly mean: Estimate = (x) => this.#ready().translation.mean(x);

  get likeness(): number | null {
    return this.#ready().likeness;
  }

  #ready(): ReturnType<typeof Translation.fit> {
    if (this.#made !== null) return this.#made;
    const all = this.#pairs();
    if (all.length === 0) throw new SluiceError('SLUICE_E_PICTURES_GONE', 'not one picture that was decided can be read any more, so nothing is known of what they are to the new model');
    // A ninth of them is not learned from.
    const tried = Math.min(TRIED, Math.floor(all.length / 9));
    return (this.#made = Translation.fit(all.slice(tried), all.slice(0, tried)));
  }
}

/** Pictures that both models have embedded, drawn by a hash. */
function pairs(reader: Reader, prepared: ReembeddedStore, seed: number): readonly Pair[] {
  const there: { readonly seq: number; readonly key: number }[] = [];
  for (const { seq, id } of reader.decisions()) if (prepared.of(seq) !== null) there.push({ seq, key: hash32(seed, `pair ${id}`) });
  const drawn = there.sort((a, b) => a.key - b.key || a.seq - b.seq).slice(0, PAIRS + TRIED);
  return drawn.flatMap(({ seq }) => {
    const to = prepared.of(seq)?.embedding;
    return to === undefined ? [] : [{ from: reader.embedding(seq), to }];
  });
}

interface Gathered {
  /** Of each cluster the mean of its items, as far as they are on record: fading, as clusters have it. */
  readonly means: ReadonlyMap<number, Float32Array>;
  /** Totals of clusters that have seen the same items and nothing else. */
  readonly fresh: Uint8Array;
  readonly items: number;
  readonly estimated: number;
}

/** What clusters are made of. */
function gather(reader: Reader, prepared: ReembeddedStore, known: (seq: number) => Float32Array, clusterOf: (decision: StoredDecision) => number, { dimension, policy, budget }: EngineSettings): Gathered {
  const means = new Map<number, { readonly mean: Float32Array; weight: number; at: number }>();
  const fresh = new Clusters(policy.clusters, dimension);
  let [items, estimated] = [0, 0];
  for (const { decision, now, halfLife } of timed(reader, policy, budget)) {
    if (decision.cluster === null) continue;
    items += 1;
    if (prepared.of(decision.seq) === null) estimated += 1;
    const x = known(decision.seq);
    fresh.add(x, fresh.place(x), now, halfLife);
    fresh.takeMerged();
    const of = means.get(clusterOf(decision)) ?? { mean: new Float32Array(dimension), weight: 0, at: now };
    of.weight = of.weight * decay(now - of.at, halfLife) + 1;
    of.at = now;
    for (let i = 0; i < dimension; i++) of.mean[i] = (of.mean[i] as number) + ((x[i] as number) - (of.mean[i] as number)) / of.weight;
    means.set(clusterOf(decision), of);
  }
  return { means: new Map([...means].map(([cluster, { mean }]) => [cluster, mean])), fresh: fresh.packTotals(), items, estimated };
}

/** Decisions with the engine's time by then. */
function* timed(reader: Reader, { halfLife }: EngineSettings['policy'], budget: EngineSettings['budget']): Generator<{ readonly decision: StoredDecision; readonly now: number; readonly halfLife: number }> {
  const clock = new Clock(halfLife, typeof budget !== 'number');
  for (const decision of reader.decisions()) {
    clock.tick(decision.time, decision.stream);
    yield { decision, now: clock.now, halfLife: clock.halfLife };
  }
}

/** What each item taught. */
function* again(reader: Reader, prepared: ReembeddedStore, { policy, budget, reveal }: EngineSettings, known: (seq: number) => Float32Array): Generator<Again> {
  for (const { decision, now } of timed(reader, policy, budget)) {
    const { seq, stream, label, reasons, suspicionNow, cluster } = decision;
    if (cluster === null) continue;
    const classes = suspicionNow === null ? null : classesOf(label);
    yield { seq, stream, at: now, embedding: known(seq), classes, barred: wasBarred(reasons), scene: reveal.when === 'all' ? sceneOf(decision, prepared) : null };
  }
}

function sceneOf({ seq, label, quality }: StoredDecision, prepared: ReembeddedStore): Scene | null {
  if (label === null || typeof label === 'string' || label.length === 0 || quality === null) return null;
  const picture = prepared.of(seq);
  if (picture === null) return null;
  return { boxes: label, predicted: [], objects: picture.objects, background: picture.background, width: quality.width, height: quality.height };
}

function* vectors(reader: Reader, known: (seq: number) => Float32Array): Generator<readonly [seq: number, vector: Float32Array]> {
  for (const { seq, cluster } of reader.decisions()) if (cluster !== null) yield [seq, known(seq)];
}
