/** The stateful half of the pipeline over parts in memory: exact search, a store that keeps batches. For tests of the operators and the engine. */
import { from, lastValueFrom } from 'rxjs';
import { alert } from '../../operators/alert.ts';
import { arrive } from '../../operators/arrive.ts';
import { audit } from '../../operators/audit.ts';
import { cluster } from '../../operators/cluster.ts';
import { commit } from '../../operators/commit.ts';
import { commitLabels } from '../../operators/commit-labels.ts';
import { decide } from '../../operators/decide.ts';
import type { Embedded, Failed, LabelResult } from '../../operators/items.ts';
import type { Batch, KnownItems, Neighbours, Store, Thumbnails, VectorIndex } from '../../operators/ports.ts';
import { recall } from '../../operators/recall.ts';
import { unpackCampaigns } from '../../operators/state/campaigns.ts';
import { Engine, type EngineSettings } from '../../operators/state/engine.ts';
import type { External } from '../../operators/state/external.ts';
import { RENEWED_FROM, unpackForgotten } from '../../operators/state/forget.ts';
import { unpackLabel, type Labellable } from '../../operators/state/late-label.ts';
import { unpackTold } from '../../operators/state/pack-told.ts';
import { dot } from '../../operators/state/vectors.ts';
import { unpackTurned } from '../../operators/state/turn.ts';
import type { Change, Decision } from '../../schemas/decision.ts';
import { classesOf } from '../../schemas/sample.ts';

export class MemoryStore implements Store, KnownItems {
  readonly batches: Batch[] = [];
  readonly #state = new Map<string, Change>();
  readonly #embeddings = new Map<number, Float32Array>();
  readonly #byId = new Map<string, Labellable>();

  get nextSeq(): number {
    return this.batches.reduce((sum, { decisions, dead }) => sum + decisions.length + dead.length, 0);
  }

  get decisions(): readonly Decision[] {
    return this.batches.flatMap(({ decisions }) => decisions);
  }

  commit(batch: Batch): void {
    this.batches.push(batch);
    for (const { seq, id, stream, verdict, embedding } of batch.decisions) {
      this.#embeddings.set(seq, embedding);
      this.#byId.set(id, { seq, stream, admitted: verdict === 'admit', embedding });
    }
    for (const change of batch.changes) {
      const at = `${change.kind} ${String(change.key).padStart(12, '0')}`;
      if (change.value === null) this.#state.delete(at);
      else this.#state.set(at, change);
    }
  }

  *state(): Iterable<Change> {
    for (const at of [...this.#state.keys()].sort()) yield this.#state.get(at) as Change;
  }

  find(id: string): Labellable | null {
    return this.#byId.get(id) ?? null;
  }

  embedding(seq: number): Float32Array {
    return this.#embeddings.get(seq) as Float32Array;
  }
}

/** Exact search in plain loops; `noise` makes its similarities a little wrong, as another order of additions would. */
export class LoopIndex implements VectorIndex {
  readonly dimension: number;
  readonly #noise: number;
  #rows: Float32Array[] = [];

  constructor(dimension: number, noise = 0) {
    this.dimension = dimension;
    this.#noise = noise;
  }

  get count(): number {
    return this.#rows.length;
  }

  async add(vectors: Float32Array): Promise<void> {
    for (let at = 0; at < vectors.length; at += this.dimension) this.#rows.push(vectors.slice(at, at + this.dimension));
  }

  async search(queries: Float32Array, k: number): Promise<Neighbours> {
    const n = queries.length / this.dimension;
    const found = Array.from({ length: n }, (_, q) =>
      this.#rows
        .map((row, i) => ({ i, s: dot(row, 0, queries, q * this.dimension, this.dimension) + this.#noise * Math.sin(i * 7 + q) }))
        .sort((a, b) => b.s - a.s)
        .slice(0, k),
    ).flat();
    return { rows: Int32Array.from(found, ({ i }) => i), similarities: Float32Array.from(found, ({ s }) => s) };
  }

  async reset(): Promise<void> {
    this.#rows = [];
  }

  async close(): Promise<void> {}
}

const NO_PICTURES: Thumbnails = { halve: () => new Uint8Array(), encode: async () => [] };

export interface HostOptions {
  readonly batch?: number;
  readonly store?: MemoryStore;
  readonly index?: VectorIndex;
  /** What came from outside the stream's own order, as it was logged; for a run from the beginning. */
  readonly events?: readonly External[];
}

/** Decides the items in batches, with each event after the item it was logged after; goes on from what the store holds. */
export async function decideAll(settings: EngineSettings, items: readonly (Embedded | Failed)[], options: HostOptions = {}): Promise<MemoryStore> {
  const store = options.store ?? new MemoryStore();
  const batch = options.batch ?? 64;
  const engine = new Engine(settings);
  engine.restore(store.state(), (seq) => store.embedding(seq));
  const index = options.index ?? new LoopIndex(settings.dimension);
  const recalled = recall(index, engine.memory);
  const events = [...(options.events ?? [])];
  for (;;) {
    const at = store.nextSeq;
    const due = events.findIndex(({ after }) => after >= at);
    const now = events.splice(0, due < 0 ? events.length : due);
    if (now.length > 0) await lastValueFrom(from(now.map((event) => happen(engine, store, event))).pipe(commitLabels(store, engine)));
    if (at >= items.length) return store;
    const part = from(items.slice(at, Math.min(at + batch, (events[0]?.after ?? Infinity) + 1)));
    await lastValueFrom(part.pipe(recalled, arrive(engine), cluster(engine), audit(engine), decide(engine), alert(engine), commit(store, engine, NO_PICTURES)));
  }
}

function happen(engine: Engine, store: MemoryStore, { kind, after, payload }: External): LabelResult {
  if (kind === 'label') {
    const label = unpackLabel(payload);
    return engine.label(label, after, store.find(label.id));
  }
  if (kind === 'correction') {
    const label = unpackLabel(payload);
    const item = store.find(label.id) as Labellable;
    const { objects, quality } = store.decisions[item.seq] as Decision;
    return { as: 'learned', amends: engine.correct(label, after, item, objects, quality ?? { width: 0, height: 0 }).amends, unused: [] };
  }
  if (kind === 'turn') turnRound(engine, store, unpackTurned(payload), after);
  else if (kind === 'forget') letGo(engine, store, unpackForgotten(payload), after);
  else if (kind === 'tell') engine.tell(after);
  else if (kind === 'hear') engine.hear(unpackTold(payload), after);
  else if (kind === 'campaigns') engine.campaign(unpackCampaigns(payload), after);
  else throw new Error(`a replay knows no events of the kind ${kind}`);
  return { as: 'unread', amends: [], unused: [] };
}

function turnRound(engine: Engine, store: MemoryStore, { seq, admitted }: { readonly seq: number; readonly admitted: boolean }, after: number): void {
  const decision = store.decisions[seq] as Decision;
  engine.turn({ ...decision, cluster: decision.cluster ?? -1, admitted: !admitted, classes: classesOf(decision.label) }, after);
}

function letGo(engine: Engine, store: MemoryStore, seqs: readonly number[], after: number): void {
  const items = seqs.map((seq) => {
    const decision = store.decisions[seq] as Decision;
    return { ...decision, cluster: decision.cluster ?? -1, admitted: decision.verdict === 'admit' };
  });
  const others = (id: number): readonly Float32Array[] => store.decisions.filter((decision) => decision.cluster === id && !seqs.includes(decision.seq)).map(({ embedding }) => embedding).slice(-RENEWED_FROM);
  engine.forget({ items, ids: new Set(items.map(({ id }) => id)), others }, after);
}

/** What must not depend on batches: everything of a decision but its bytes. */
export function facts(store: Pick<MemoryStore, 'batches' | 'decisions'>): readonly unknown[] {
  const { batches, decisions } = store;
  const verdicts = decisions.map((decision) => ({ ...decision, embedding: null }));
  return [verdicts, batches.flatMap(({ amends }) => amends), batches.flatMap(({ alerts }) => alerts), batches.flatMap(({ dead }) => dead)];
}
