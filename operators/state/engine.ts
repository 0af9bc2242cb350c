/**
 * The engine: all state that decisions depend on, with the four things the operators do to it: let an item arrive, look at it, decide it, and hand
 * over what changed. No I/O, no clock of its own, no randomness but the hash of (seed, id): the same items in the same order give the same decisions.
 */
import type { Alert, Amend, Change, UnusedLabel } from '../../schemas/decision.ts';
import { classesOf } from '../../schemas/sample.ts';
import type { Arrived, Audited, Clustered, Received } from '../items.ts';
import { expected, suspicionOf } from './audit.ts';
import { Classes } from './classes.ts';
import { Clock } from './clock.ts';
import { Clusters, type Joined } from './clusters.ts';
import { rowsToDrop } from './compact.ts';
import { Packer, Unpacker } from './codec.ts';
import { ExternalLog } from './external.ts';
import { Given } from './given.ts';
import { gumbel } from './hash.ts';
import type { FleetSettings } from './fleet.ts';
import { Head } from './head.ts';
import { Labels, type Labelled, type Reveal } from './labels.ts';
import { packLabel, REACH, sameClasses, type Labellable, type LabelOutcome, type LateLabel } from './late-label.ts';
import { Memory, packAdmitted, unpackAdmitted } from './memory.ts';
import { judge, type Features, type Judgement, type Policy } from './policy.ts';
import { Purses, PURSES } from './purses.ts';
import type { Rate } from './rate-budget.ts';
import { packTold } from './pack-told.ts';
import { SHARED, Sharing } from './sharing.ts';
import type { Told } from '../../schemas/told.ts';
import { Waiting } from './waiting.ts';
import { Watch } from './watch.ts';

/** The memory is held to its bound by the first decided item past each multiple of this seq. */
const COMPACT_EVERY = 1000;

export interface EngineSettings {
  readonly policy: Policy;
  readonly purpose: 'train' | 'validation';
  /** Admitted share of decided items, 0..1, or items per time. */
  readonly budget: number | Rate;
  /** Whether all streams have one budget (where it is left out, too) or each its own. */
  readonly per?: 'fleet' | 'stream';
  /** Which partition this is, where several engines know of each other. */
  readonly fleet?: FleetSettings;
  readonly seed: number;
  readonly dimension: number;
  readonly reveal: Reveal;
  /** Whether labels may come from outside the stream's own order. */
  readonly lateLabels: boolean;
}

export class Engine {
  readonly memory: Memory;
  readonly #settings: EngineSettings;
  readonly #clock: Clock;
  readonly #clusters: Clusters;
  readonly #classes = new Classes();
  readonly #labels: Labels;
  readonly #purses: Purses;
  readonly #sharing: Sharing | null;
  readonly #watch = new Watch();
  readonly #external = new ExternalLog();
  readonly #waiting = new Waiting();
  readonly #given = new Given();
  #changes: Change[] = [];
  #told: Told[] = [];
  #lastSeq = 0;

  constructor(settings: EngineSettings) {
    const { policy, budget, per = 'fleet', fleet } = settings;
    this.#settings = settings;
    this.memory = new Memory(settings.dimension);
    this.#clock = new Clock(policy.halfLife, typeof budget !== 'number');
    this.#clusters = new Clusters(policy.clusters, settings.dimension);
    this.#labels = new Labels(new Head(settings.dimension, policy.head.halfLife), settings.reveal);
    this.#purses = new Purses({ budget, ...policy.budget }, per);
    this.#sharing = fleet === undefined ? null : new Sharing(fleet, settings);
  }

  /** Admissions the budget allowed but nobody could use. */
  get unspent(): number {
    return this.#purses.unspent;
  }

  /** The next item is here: labels that are due are learned, then the clock moves. */
  arrive({ seq, sample }: Arrived): { amends: readonly Amend[]; alerts: readonly Alert[]; unused: readonly UnusedLabel[] } {
    const unused = this.#waiting.expire(seq);
    const amends = this.#labels.takeDue(seq).map((item) => this.#learn(item, true));
    if (!this.#clock.tick(sample.time, sample.stream)) return { amends, alerts: [], unused };
    return { amends, unused, alerts: [{ kind: 'health.clock', cluster: null, time: sample.time, seq, support: 1, exemplars: [sample.id], streams: [sample.stream] }] };
  }

  /**
   * A label comes from outside the stream's own order. The newest of an item holds.
   * @param after seq of the last item before it, -1 where there is none
   * @param item the one it is for, where that is decided
   */
  label(label: LateLabel, after: number, item: Labellable | null): LabelOutcome {
    const n = this.#external.add({ kind: 'label', after, payload: packLabel(label) });
    const known = item !== null && this.#inReach(item.seq, after) ? item : null;
    const newest = known === null ? this.#waiting.of(label.id) : this.#given.of(known.seq)?.classes;
    if (newest && sameClasses(newest, label.classes)) return { as: 'repeated', amends: [], unused: [] };
    if (known === null) return { as: 'waiting', amends: [], unused: this.#waiting.add({ n, after, label }) };
    this.#labels.cancel(known.seq);
    return { as: 'learned', amends: [this.#learn({ seq: known.seq, classes: label.classes, embedding: known.embedding }, known.admitted)], unused: [] };
  }

  #inReach(seq: number, after: number): boolean {
    return seq > after - REACH || this.memory.holds(seq);
  }

  /** What the head makes of a label, before it learns it. */
  #learn(item: Labelled, admitted: boolean): Amend {
    const suspicion = this.#suspicion(item.embedding, item.classes);
    this.#labels.learn(item);
    const review = suspicion >= this.#settings.policy.audit.review;
    this.#count(item.seq, item.classes, admitted && !review);
    const row = this.memory.classify(item.seq, item.classes);
    if (row !== null) this.#changes.push({ kind: 'admitted', key: row.seq, value: packAdmitted(row) });
    return { seq: item.seq, suspicion, review };
  }

  /** The label of an item that is now the newest; what an earlier one counted for is taken back. */
  #count(seq: number, classes: readonly string[], counts: boolean): void {
    const { now, halfLife } = this.#clock;
    const cluster = this.memory.clusterOf(seq);
    const earlier = this.#given.of(seq);
    if (earlier !== null && earlier.counted !== null) {
      this.#classes.remove(earlier.classes, earlier.counted, now, halfLife);
      if (cluster !== null) this.#sharing?.tally.remove(cluster, earlier.classes, earlier.counted, now, halfLife);
    }
    if (counts) {
      this.#classes.add(classes, now, halfLife);
      if (cluster !== null) this.#sharing?.tally.add(cluster, classes, now, halfLife);
    }
    if (this.#settings.lateLabels) this.#given.set(seq, { classes, counted: counts ? now : null });
  }

  /** Where the item belongs and how common that is. Changes nothing. */
  cluster(item: Received): Clustered {
    const place = this.#clusters.place(item.embedding);
    const { now, halfLife } = this.#clock;
    const prior = this.#sharing?.prior;
    const share = this.#clusters.share(place, now, halfLife, prior?.weigh(item.embedding, this.#clusters.radius, now, halfLife));
    return { ...item, place, share, evenShare: 1 / Math.max(1, this.#clusters.live + (prior?.foreign ?? 0)) };
  }

  /** How likely its label is wrong and how short its classes are. Changes nothing. */
  audit(item: Clustered): Audited {
    const shown = this.#waiting.of(item.sample.id) ?? (this.#settings.reveal.when === 'all' ? classesOf(item.sample.label) : null);
    const suspicion = shown === null ? null : this.#suspicion(item.embedding, shown);
    return { ...item, shown, suspicion, need: this.#need(item.embedding, shown) };
  }

  #suspicion(x: Float32Array, given: readonly string[]): number {
    const { head } = this.#labels;
    return suspicionOf(head.scores(x), head.classes, given);
  }

  #need(x: Float32Array, shown: readonly string[] | null): number | null {
    const { now, halfLife } = this.#clock;
    const needs = this.#classes.needs(now, halfLife, this.#sharing?.prior.counts(now, halfLife));
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
      draw: gumbel(seed, sample.id),
    };
    const { now, halfLife, time } = this.#clock;
    const purse = this.#purses.of(sample.stream);
    const allowance = purse.next(this.#sharing?.supply(time, purse.tokens) ?? { now: time, part: 1, moved: 0 });
    const judgement = judge(policy, purpose, features, purse.cut.at(allowance.rate), allowance);
    const admitted = judgement.verdict === 'admit';
    purse.settle(judgement.eligible, admitted, judgement.fromReserve, judgement.score);
    const joined = this.#clusters.add(item.embedding, item.place, now, halfLife);
    this.#sharing?.tally.touch(joined.cluster.id, now, halfLife);
    if (admitted) this.#remember(item);
    this.#takeLabel(item, judgement);
    this.#followMerges();
    if (Math.floor(seq / COMPACT_EVERY) > Math.floor(this.#lastSeq / COMPACT_EVERY)) this.#compact(seq);
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

  #remember({ seq, sample, embedding, place, digest, shown }: Audited): void {
    const row = { seq, id: sample.id, cluster: place.id, digest, classes: shown ?? [] };
    this.memory.add(row, embedding);
    this.#changes.push({ kind: 'admitted', key: seq, value: packAdmitted(row) });
  }

  #takeLabel({ seq, sample, embedding, shown }: Audited, { verdict, review }: Judgement): void {
    const admitted = verdict === 'admit';
    if (shown !== null) {
      this.#waiting.take(sample.id);
      this.#count(seq, shown, admitted && !review);
      return this.#labels.learn({ seq, classes: shown, embedding });
    }
    const classes = classesOf(sample.label);
    if (this.#settings.reveal.when === 'admitted' && admitted && classes !== null) this.#labels.defer({ seq, classes, embedding });
  }

  /** What clusters merged away left behind goes with them. */
  #followMerges(): void {
    const merged = this.#clusters.takeMerged();
    if (merged.size === 0) return;
    const { now, halfLife } = this.#clock;
    this.#sharing?.tally.follow(merged, now, halfLife);
    for (const row of this.memory.relabel(merged)) this.#changes.push({ kind: 'admitted', key: row.seq, value: packAdmitted(row) });
    for (const [from, into] of merged) {
      this.#watch.drop(from);
      // A confirmed one that took an outlier's place is nothing to wait for.
      if (this.#clusters.densityOf(into, now, halfLife) > 0) this.#watch.drop(into);
    }
  }

  #compact(seq: number): void {
    const { now, halfLife } = this.#clock;
    const rows = rowsToDrop(this.memory, this.#settings.policy.memory.max, (cluster) => this.#clusters.densityOf(cluster, now, halfLife));
    if (rows.size > 0) for (const row of this.memory.drop(rows)) this.#changes.push({ kind: 'admitted', key: row.seq, value: null });
    this.#given.sweep((one) => this.#inReach(one, seq));
  }

  /**
   * Puts down what the other engines are to know that has changed since the last call. Changes the state (tokens are handed over), so it is logged with its
   * place in the sequence.
   * @param after seq of the last item before it
   */
  tell(after: number): void {
    if (this.#sharing === null) return;
    this.#external.add({ kind: 'tell', after, payload: new Uint8Array() });
    this.#told.push(...this.#sharing.tell(this.#clock, this.#clusters, this.#purses));
  }

  /** What is to be told, once. */
  takeTold(): readonly Told[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }

  /** Takes in what other engines told, of whatever age and in whatever order. @param after seq of the last item before it, -1 where there is none */
  hear(told: readonly Told[], after: number): void {
    if (this.#sharing === null || told.length === 0) return;
    this.#external.add({ kind: 'hear', after, payload: packTold(told) });
    this.#sharing.hear(told, this.#clock, this.#clusters, this.#purses);
  }

  /** All state that changed since the last call, as values. */
  takeChanges(): readonly Change[] {
    const changes: Change[] = [...this.#changes, ...this.#labels.takeChanges()];
    for (const [key, value] of this.#clusters.takeChanges()) changes.push({ kind: 'cluster', key, value });
    changes.push(...this.#watch.takeChanges(), ...this.#external.takeChanges(), ...this.#waiting.takeChanges());
    for (const [key, value] of this.#given.takeChanges()) changes.push({ kind: 'given', key, value });
    for (const [key, value] of this.#classes.takeChanges()) changes.push({ kind: 'class', key, value });
    changes.push({ kind: 'clusters', key: 0, value: this.#clusters.packTotals() });
    changes.push({ kind: 'last', key: 0, value: new Packer().f64(this.#lastSeq).done() });
    changes.push({ kind: 'clock', key: 0, value: this.#clock.pack() });
    changes.push(...this.#purses.takeChanges());
    if (this.#sharing !== null) changes.push(...this.#sharing.takeChanges());
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
      else if (PURSES.has(kind)) this.#purses.restore(change);
      else if (SHARED.has(kind)) this.#sharing?.restore(change);
      else if (kind === 'admitted') this.memory.add(unpackAdmitted(key, value), embeddingOf(key));
      else if (kind === 'external') this.#external.restoreRow(key, value);
      else if (kind === 'waiting') this.#waiting.restoreRow(key, value);
      else if (kind === 'given') this.#given.restoreRow(key, value);
      else if (kind === 'watch') this.#watch.restoreRow(key, value, embeddingOf);
      else labels.push(change);
    }
    this.#labels.restore(labels, embeddingOf);
  }
}
