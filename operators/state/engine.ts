/**
 * The engine: all state that decisions depend on, with the four things the operators do to it: let an item arrive, look at it, decide it, and hand
 * over what changed. No I/O, no clock of its own, no randomness but the hash of (seed, id): the same items in the same order give the same decisions.
 */
import type { Alert, Amend, Change } from '../../schemas/decision.ts';
import { classesOf } from '../../schemas/sample.ts';
import type { Arrived, Audited, Clustered, Received } from '../items.ts';
import { expected, named, suspicionOf } from './audit.ts';
import { Budget } from './budget.ts';
import { Classes } from './classes.ts';
import { Clock } from './clock.ts';
import { Clusters, type Joined } from './clusters.ts';
import { rowsToDrop } from './compact.ts';
import { Packer, Unpacker } from './codec.ts';
import { Cut } from './cut.ts';
import { gumbel } from './hash.ts';
import { Head } from './head.ts';
import { type Labelled, Labels, type Reveal } from './labels.ts';
import { Memory, packAdmitted, unpackAdmitted } from './memory.ts';
import { judge, type Features, type Judgement, type Policy } from './policy.ts';
import { Trust } from './trust.ts';
import { Variety } from './variety.ts';
import { Watch } from './watch.ts';

/** The memory is held to its bound by the first decided item past each multiple of this seq. */
const COMPACT_EVERY = 1000;

export interface EngineSettings {
  readonly policy: Policy;
  readonly purpose: 'train' | 'validation';
  /** Admitted share of decided items, 0..1. */
  readonly budget: number;
  readonly seed: number;
  readonly dimension: number;
  readonly reveal: Reveal;
}

export class Engine {
  readonly memory: Memory;
  readonly #settings: EngineSettings;
  readonly #clock: Clock;
  readonly #clusters: Clusters;
  readonly #classes = new Classes();
  readonly #labels: Labels;
  readonly #budget: Budget;
  readonly #cut = new Cut();
  readonly #watch = new Watch();
  readonly #trust: Trust;
  readonly #variety: Variety;
  #changes: Change[] = [];
  #lastSeq = 0;

  constructor(settings: EngineSettings) {
    const { policy } = settings;
    this.#settings = settings;
    this.memory = new Memory(settings.dimension);
    this.#clock = new Clock(policy.halfLife);
    this.#clusters = new Clusters(policy.clusters);
    this.#labels = new Labels(new Head(settings.dimension, policy.head.halfLife), settings.reveal);
    this.#trust = new Trust(policy.trust.evenDimension * settings.dimension);
    this.#variety = new Variety(settings.dimension);
    this.#budget = new Budget(settings.budget, policy.budget.reserve, policy.budget.burst);
  }

  /** Admissions the budget allowed but nobody could use. */
  get unspent(): number {
    return this.#budget.unspent;
  }

  /** The next item is here: labels that are due are learned, then the clock moves. */
  arrive({ seq, sample }: Arrived): { amends: readonly Amend[]; alerts: readonly Alert[] } {
    const amends = this.#labels.takeDue(seq).map((item) => {
      const suspicion = this.#suspicion(item.embedding, item.classes);
      this.#learn(item);
      const review = suspicion >= this.#settings.policy.audit.review;
      if (!review) this.#classes.add(item.classes, this.#clock.now, this.#clock.halfLife);
      const row = this.memory.classify(item.seq, item.classes);
      if (row !== null) this.#changes.push({ kind: 'admitted', key: row.seq, value: packAdmitted(row) });
      return { seq: item.seq, suspicion, review };
    });
    if (!this.#clock.tick(sample.time, sample.stream)) return { amends, alerts: [] };
    return { amends, alerts: [{ kind: 'health.clock', cluster: null, time: sample.time, seq, support: 1, exemplars: [sample.id], streams: [sample.stream] }] };
  }

  /** Where the item belongs and how common that is. Changes nothing. */
  cluster(item: Received): Clustered {
    const place = this.#clusters.place(item.embedding);
    const share = this.#clusters.share(place, this.#clock.now, this.#clock.halfLife);
    return { ...item, place, share, evenShare: 1 / Math.max(1, this.#clusters.live) };
  }

  /** How likely its label is wrong and how short its classes are. Changes nothing. */
  audit(item: Clustered): Audited {
    const shown = this.#settings.reveal.when === 'all' ? classesOf(item.sample.label) : null;
    const suspicion = shown === null ? null : this.#suspicion(item.embedding, shown);
    return { ...item, shown, suspicion, need: this.#need(item.embedding, shown), trust: Math.min(this.#settings.policy.trust.most, this.#trust.weight(this.#variety.effectiveDimension)) };
  }

  #suspicion(x: Float32Array, given: readonly string[]): number {
    const { head } = this.#labels;
    return suspicionOf(head.scores(x), head.classes, given);
  }

  #need(x: Float32Array, shown: readonly string[] | null): number | null {
    const needs = this.#classes.needs(this.#clock.now, this.#clock.halfLife);
    if (shown !== null) return shown.length === 0 ? null : Math.max(...shown.map(needs));
    const { head } = this.#labels;
    return expected(head.scores(x), head.classes, needs);
  }

  /** The verdict, and with it every change of state that the item causes. */
  decide(item: Audited): { judgement: Judgement; joined: Joined } {
    const { policy, purpose, seed } = this.#settings;
    const { seq, sample, nearest } = item;
    const features: Features = {
      quality: item.quality,
      similarity: nearest?.similarity ?? null,
      sameBytes: nearest?.item.digest === item.digest,
      share: item.share,
      evenShare: item.evenShare,
      need: item.need,
      suspicion: item.suspicion,
      trust: item.trust,
      draw: gumbel(seed, sample.id),
    };
    const allowance = this.#budget.next();
    const judgement = judge(policy, purpose, features, this.#cut.at(allowance.rate), allowance);
    const admitted = judgement.verdict === 'admit';
    this.#budget.settle(judgement.eligible, admitted, judgement.fromReserve);
    if (judgement.eligible) {
      this.#cut.learn(judgement.score);
      this.#variety.learn(item.embedding);
    }
    const joined = this.#clusters.add(item.embedding, item.place, this.#clock.now, this.#clock.halfLife);
    if (admitted) this.#remember(item, judgement.review);
    this.#takeLabel(item, admitted);
    this.#followMerges();
    if (Math.floor(seq / COMPACT_EVERY) > Math.floor(this.#lastSeq / COMPACT_EVERY)) this.#compact();
    this.#lastSeq = seq;
    return { judgement, joined };
  }

  /** Watches the outlier tier. @returns the alert that this item raises by confirming a novel cluster */
  watch({ seq, sample, embedding }: Audited, joined: Joined): readonly Alert[] {
    const { cluster, promoted } = joined;
    if (cluster.confirmed && !promoted) return [];
    this.#watch.add(cluster.id, { seq, id: sample.id, stream: sample.stream, embedding });
    const alert = promoted ? this.#watch.confirmed(joined, sample.time) : null;
    return alert === null ? [] : [alert];
  }

  #remember({ seq, sample, embedding, place, digest, shown }: Audited, review: boolean): void {
    const row = { seq, id: sample.id, cluster: place.id, digest, classes: shown ?? [] };
    this.memory.add(row, embedding);
    this.#changes.push({ kind: 'admitted', key: seq, value: packAdmitted(row) });
    if (shown !== null && !review) this.#classes.add(shown, this.#clock.now, this.#clock.halfLife);
  }

  #takeLabel({ seq, sample, embedding, shown }: Audited, admitted: boolean): void {
    if (shown !== null) return this.#learn({ seq, stream: sample.stream, classes: shown, embedding });
    const classes = classesOf(sample.label);
    if (this.#settings.reveal.when === 'admitted' && admitted && classes !== null) this.#labels.defer({ seq, stream: sample.stream, classes, embedding });
  }

  /** The head is asked before it is told. */
  #learn(item: Labelled): void {
    const { head } = this.#labels;
    this.#trust.learn(item.stream, item.classes, named(head.scores(item.embedding), head.classes));
    this.#labels.learn(item);
  }

  /** What clusters merged away left behind goes with them. */
  #followMerges(): void {
    const merged = this.#clusters.takeMerged();
    if (merged.size === 0) return;
    const { now, halfLife } = this.#clock;
    for (const row of this.memory.relabel(merged)) this.#changes.push({ kind: 'admitted', key: row.seq, value: packAdmitted(row) });
    for (const [from, into] of merged) {
      this.#watch.drop(from);
      // A confirmed one that took an outlier's place is nothing to wait for.
      if (this.#clusters.densityOf(into, now, halfLife) > 0) this.#watch.drop(into);
    }
  }

  #compact(): void {
    const { now, halfLife } = this.#clock;
    const rows = rowsToDrop(this.memory, this.#settings.policy.memory.max, (cluster) => this.#clusters.densityOf(cluster, now, halfLife));
    if (rows.size === 0) return;
    for (const { seq } of this.memory.drop(rows)) this.#changes.push({ kind: 'admitted', key: seq, value: null });
  }

  /** All state that changed since the last call, as values. */
  takeChanges(): readonly Change[] {
    const changes: Change[] = [...this.#changes, ...this.#labels.takeChanges()];
    for (const [key, value] of this.#clusters.takeChanges()) changes.push({ kind: 'cluster', key, value });
    changes.push(...this.#watch.takeChanges(), ...this.#variety.takeChanges());
    for (const [key, value] of this.#classes.takeChanges()) changes.push({ kind: 'class', key, value });
    changes.push({ kind: 'clusters', key: 0, value: this.#clusters.packTotals() });
    changes.push({ kind: 'last', key: 0, value: new Packer().f64(this.#lastSeq).done() });
    changes.push({ kind: 'clock', key: 0, value: this.#clock.pack() });
    changes.push({ kind: 'budget', key: 0, value: this.#budget.pack() });
    changes.push({ kind: 'cut', key: 0, value: this.#cut.pack() });
    changes.push({ kind: 'trust', key: 0, value: this.#trust.pack() });
    this.#changes = [];
    return changes;
  }

  /** Items whose embeddings a restore would ask for. */
  needed(): ReadonlySet<number> {
    return new Set([...this.memory.items.map(({ seq }) => seq), ...this.#labels.needed(), ...this.#watch.needed()]);
  }

  /** Takes up the state that a changelog holds. @param changes one record for each (kind, key), ordered by kind, then key */
  restore(changes: Iterable<Change>, embeddingOf: (seq: number) => Float32Array): void {
    const labels: Change[] = [];
    for (const change of changes) {
      const { kind, key, value } = change;
      if (value === null) continue;
      if (kind === 'cluster') this.#clusters.restoreRow(key, value);
      else if (kind === 'clusters') this.#clusters.restoreTotals(value);
      else if (kind === 'class') this.#classes.restoreRow(key, value);
      else if (kind === 'last') this.#lastSeq = new Unpacker(value).f64();
      else if (kind === 'clock') this.#clock.restore(value);
      else if (kind === 'budget') this.#budget.restore(value);
      else if (kind === 'trust') this.#trust.restore(value);
      else if (kind === 'variety') this.#variety.restoreRow(key, value);
      else if (kind === 'cut') this.#cut.restore(value);
      else if (kind === 'admitted') this.memory.add(unpackAdmitted(key, value), embeddingOf(key));
      else if (kind === 'watch') this.#watch.restoreRow(key, value, embeddingOf);
      else labels.push(change);
    }
    this.#labels.restore(labels, embeddingOf);
  }
}
