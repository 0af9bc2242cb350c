/**
 * The engine: all state that decisions depend on, with the four things the operators do to it: let an item arrive, look at it, decide it, and hand
 * over what changed. No I/O, no clock of its own, no randomness but hashes of seed and id: the same items in the same order give the same decisions.
 */
import type { Alert, Amend, Change, ObjectFinding, UnusedLabel } from '../../schemas/decision.ts';
import type { Audited, Clustered, Received } from '../items.ts';
import { alertOf, alertOfStream, type Raiser } from './alert-of.ts';
import { suspicionFrom } from './audit.ts';
import { type Campaign, Campaigns, CAMPAIGNS } from './campaigns.ts';
import { CAMERA, Cameras, type HealthOf } from './camera/camera.ts';
import { Clock } from './clock.ts';
import { Clusters, type Joined } from './clusters.ts';
import { rowsToDrop } from './compact.ts';
import { Packer, Unpacker } from './codec.ts';
import { ExternalLog } from './external.ts';
import { type Forgetting, packForgotten } from './forget.ts';
import { gumbel, hash32 } from './hash.ts';
import type { FleetSettings } from './fleet.ts';
import { Gates, GATES } from './gate/gates.ts';
import { Growth, GROWTH } from './growth.ts';
import type { Labelled } from './labels.ts';
import { Likeness } from './likeness.ts';
import { nextLot } from './lots.ts';
import { packLabel, sameClasses, type Labellable, type LabelOutcome, type LateLabel } from './late-label.ts';
import { Memory, packAdmitted, unpackAdmitted } from './memory.ts';
import { inPicture, type PictureSize } from './objects/choose.ts';
import { correctedFindings, unseen } from './objects/corrected.ts';
import { Objects, OBJECTS, type Scene } from './objects/objects.ts';
import { classesIn, together, type Together } from './objects/together.ts';
import { judge, meritOf, type Features, type Judgement } from './policy.ts';
import { type Purse, Purses, PURSES, type Supply } from './purses.ts';
import type { Rate } from './rate-budget.ts';
import type { Again } from './other-model.ts';
import { packTold } from './pack-told.ts';
import { packSilent, Silence, SILENCE } from './silence.ts';
import { SHARED, Sharing } from './sharing.ts';
import { hasSplits, splitOf, type Split } from './split.ts';
import { type Box, classesOf } from '../../schemas/sample.ts';
import type { Told } from '../../schemas/told.ts';
import { Supervision, type SupervisionSettings } from './supervision.ts';
import { packTurned, type Turning } from './turn.ts';
import { Variety } from './variety.ts';
import { LEAST_MEMBERS, Watch } from './watch.ts';

/** The memory is held to its bound by the first decided item past each multiple of this seq. */
const COMPACT_EVERY = 1000;
/** The reasons that say how like another item it is, by the threshold in force. */
const ALIKE: ReadonlySet<string> = new Set(['near_duplicate', 'guarded']);

export interface EngineSettings extends SupervisionSettings {
  /** Admitted share of decided items, 0..1, or items per time. */
  readonly budget: number | Rate;
  /** Whether all streams have one budget (where it is left out, too) or each its own. */
  readonly per?: 'fleet' | 'stream';
  /** Whether the objects of labels are looked at. */
  readonly objects?: boolean;
  /** Whose camera health is watched; left out: `auto`. */
  readonly health?: HealthOf;
  /** Which partition this is, where several engines know of each other. */
  readonly fleet?: FleetSettings;
}

export class Engine {
  readonly memory: Memory;
  readonly cameras: Cameras;
  readonly gates = new Gates();
  readonly #settings: EngineSettings;
  readonly #clock: Clock;
  readonly #clusters: Clusters;
  readonly #supervision: Supervision;
  readonly #purses: Purses;
  readonly #sharing: Sharing | null;
  readonly #objects: Objects | null;
  readonly #watch = new Watch();
  readonly #growth: Growth;
  readonly #campaigns = new Campaigns();
  readonly #external = new ExternalLog();
  readonly #variety: Variety;
  readonly #likeness = new Likeness();
  readonly #silence = new Silence();
  #changes: Change[] = [];
  #told: Told[] = [];
  #raised: Alert[] = [];
  #lastSeq = 0;

  constructor(settings: EngineSettings) {
    const { policy, budget, per = 'fleet', fleet } = settings;
    this.#settings = settings;
    this.memory = new Memory(settings.dimension);
    this.cameras = new Cameras(settings.health ?? 'auto');
    this.#clock = new Clock(policy.halfLife, typeof budget !== 'number');
    this.#clusters = new Clusters(policy.clusters, settings.dimension);
    this.#growth = new Growth(policy.clusters.max);
    this.#variety = new Variety(settings.dimension);
    this.#purses = new Purses({ budget, ...policy.budget }, per);
    this.#sharing = fleet === undefined ? null : new Sharing(fleet, settings);
    this.#objects = settings.objects === true ? new Objects(policy, settings.dimension) : null;
    this.#supervision = new Supervision(settings, this.memory, this.#clock, this.#sharing, (change) => this.#changes.push(change));
  }

  /** Admissions the budget allowed but nobody could use. */
  get unspent(): number {
    return this.#purses.unspent;
  }

  get clusterCounts(): { readonly live: number; readonly cold: number } {
    const { live, cold } = this.#clusters;
    return { live, cold };
  }

  /** The next item is here: labels that are due are learned, then the clock moves. */
  arrive(item: Raiser): { amends: readonly Amend[]; alerts: readonly Alert[]; unused: readonly UnusedLabel[] } {
    const { seq, sample } = item;
    this.#silence.heard(sample.stream);
    const unused = this.#supervision.expire(seq);
    const amends = this.#supervision.learnDue(seq);
    if (!this.#clock.tick(sample.time, sample.stream)) return { amends, alerts: [], unused };
    return { amends, unused, alerts: [alertOf('health.clock', item)] };
  }

  /**
   * A label comes from outside the stream's own order. The newest of an item holds.
   * @param after seq of the last item before it, -1 where there is none
   * @param item the one it is for, where that is decided
   */
  label(label: LateLabel, after: number, item: Labellable | null): LabelOutcome {
    const n = this.#external.add({ kind: 'label', after, payload: packLabel(label) });
    const { boxes } = label;
    return this.#supervision.late(n, label, after, item, (seq) => (boxes !== undefined && this.#objects?.differs(seq, boxes) === true ? this.#together(this.#lookAgain(seq, boxes, [])) : null));
  }

  /**
   * Somebody corrects the label of a decided item.
   * @param after seq of the last item before it. @param before what was said of its objects so far; empty where they were not looked at
   * @returns what is said of them now; empty where nothing can be
   */
  correct(label: LateLabel, after: number, item: Labellable, before: readonly ObjectFinding[], size: PictureSize): { readonly amends: readonly Amend[]; readonly objects: readonly ObjectFinding[] } {
    this.#external.add({ kind: 'correction', after, payload: packLabel(label) });
    const { boxes = [], classes } = label;
    const objects = this.#lookAgain(item.seq, boxes, before) ?? (before.length === 0 ? [] : correctedFindings(before, inPicture(boxes, size), size, unseen));
    return { objects, amends: this.#supervision.correct({ ...item, classes }, objects.length === 0 ? null : this.#together(objects)) };
  }

  #lookAgain(seq: number, boxes: readonly Box[], before: readonly ObjectFinding[]): readonly ObjectFinding[] | null {
    return this.#objects?.correct(seq, boxes, before, this.#clock.now, this.#clock.halfLife) ?? null;
  }

  #together(findings: readonly ObjectFinding[] | null): Together | null {
    return findings === null ? null : together(findings, this.#settings.policy.audit.review);
  }

  /** What people ask for from the next item on, in place of what they asked for before. @param after seq of the last item before it, -1 where there is none */
  campaign(list: readonly Campaign[], after: number): void {
    const payload = this.#campaigns.set(list);
    if (payload !== null) this.#external.add({ kind: 'campaigns', after, payload });
  }

  /** A person admits an item that was rejected, or rejects one that was admitted; the budget does not know of it. @param after seq of the last item before it. @returns the set it is for, null where there is only one */
  turn(item: Turning, after: number): Split | null {
    const { seq, id, digest, embedding } = item;
    const admitted = !item.admitted;
    this.#external.add({ kind: 'turn', after, payload: packTurned(seq, admitted) });
    const cluster = this.#clusters.whereNow(item.cluster, embedding);
    const split = splitOf(this.#settings, cluster);
    if (admitted) {
      const row = { seq, id, cluster, split, digest, classes: this.#supervision.known(seq, item.classes) };
      this.memory.insert(row, embedding);
      this.#changes.push({ kind: 'admitted', key: seq, value: packAdmitted(row) });
    }
    this.#supervision.turn(item, item.classes, admitted);
    if (!admitted) for (const dropped of this.memory.dropItems(new Set([seq]))) this.#changes.push({ kind: 'admitted', key: dropped.seq, value: null });
    return admitted && hasSplits(this.#settings) ? split : null;
  }

  /** Lets go of decided items: as if they had not been kept, though they were decided. @param after seq of the last item before it, -1 where there is none */
  forget({ items, ids, others }: Forgetting, after: number): void {
    const { now, halfLife } = this.#clock;
    const seqs = new Set(items.map(({ seq }) => seq));
    this.#external.add({ kind: 'forget', after, payload: packForgotten([...seqs]) });
    this.#external.forget(ids);
    this.#supervision.forget(items, ids);
    this.#objects?.forget(seqs, now, halfLife);
    this.#watch.forget(seqs);
    this.#growth.forget(ids);
    this.cameras.forget(ids);
    this.#variety.forget(items.map(({ embedding }) => embedding));
    const clusters = items.map(({ seq, cluster, embedding }) => this.memory.of(seq)?.cluster ?? this.#clusters.whereNow(cluster, embedding));
    for (const { seq } of this.memory.dropItems(seqs)) this.#changes.push({ kind: 'admitted', key: seq, value: null });
    for (const cluster of new Set(clusters)) {
      const gone = this.#clusters.forget(cluster, clusters.filter((each) => each === cluster).length, () => others(cluster), now, halfLife);
      if (!gone) continue;
      this.#watch.drop(cluster);
      this.#growth.drop(cluster);
    }
  }

  /** Nothing has come from a stream for long. Raises an alert, once until something comes. @param time when it was noticed. @param after seq of the last item before it, -1 where there is none */
  silent(stream: string, time: number, after: number): void {
    if (!this.#silence.noticed(stream)) return;
    this.#external.add({ kind: 'silent', after, payload: packSilent(stream, time) });
    this.#raised.push(alertOfStream('health.silent', stream, after, time));
  }

  /** Alerts that no item has raised, once. */
  takeRaised(): readonly Alert[] {
    const raised = this.#raised;
    this.#raised = [];
    return raised;
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
    const shown = this.#supervision.shown(item.sample);
    const lead = shown === null ? null : this.#supervision.lead(item.embedding, shown);
    const { review } = this.#settings.policy.audit;
    const findings = this.#find(item, shown);
    const objects = together(findings, review);
    const suspicion = shown === null ? null : (objects.suspicion ?? suspicionFrom(lead));
    const believed = shown === null ? null : findings.length > 0 ? classesIn(objects.believed) : (suspicion ?? 0) < review ? shown : [];
    const oddity = shown === null ? null : this.#supervision.oddity(lead);
    const effective = this.#sharing === null ? this.#variety.effectiveDimension : this.#sharing.breadth.effectiveDimension(this.#variety);
    const need = this.#supervision.need(item.embedding, item.sample.stream, findings.length > 0 ? believed : shown);
    const missing = believed === null ? null : this.#supervision.missing(believed);
    const answers = this.#campaigns.answers(item.embedding, (name) => this.#supervision.confidence(item.embedding, believed, name));
    return { ...item, shown, lead, suspicion, findings, believed, oddity, need, missing, answers, decisive: this.#decisive(findings, objects, missing ?? []), trust: this.#supervision.trust(effective) };
  }

  /** What is said of the boxes of its label, where the engine is shown them. */
  #find(item: Clustered, shown: readonly string[] | null): readonly ObjectFinding[] {
    const scene = this.#objects === null ? null : sceneOf(item, shown);
    const { now, halfLife } = this.#clock;
    return scene === null ? [] : (this.#objects?.look(scene, now, halfLife) ?? []);
  }

  #decisive(findings: readonly ObjectFinding[], { believed, rarest }: Together, missing: readonly string[]): Audited['decisive'] {
    if (this.#objects === null || findings.length === 0) return null;
    const name = this.#supervision.shortest(classesIn(believed));
    const first = believed.find((object) => missing.includes(object.class))?.index ?? null;
    return { missing: first, short: believed.find((object) => object.class === name)?.index ?? null, rarest, evenShare: this.#objects.evenShare };
  }

  /** The verdict, and with it every change of state that the item causes. */
  decide(item: Audited): { judgement: Judgement; split: Split | null; joined: Joined } {
    const { policy, seed } = this.#settings;
    const { seq, sample, nearest } = item;
    // Drawn apart for each cluster: independent draws leave to chance how much of a small kind is taken.
    const lots = item.place.row?.lots ?? { begin: hash32(seed, sample.id), drawn: 0 };
    const { now, halfLife } = this.#clock;
    const purse = this.#purses.of(sample.stream);
    const allowance = purse.next(this.#supply(purse));
    const features: Features = {
      quality: item.quality,
      similarity: nearest?.similarity ?? null,
      nearDuplicate: this.#likeness.nearDuplicate(policy.eligible),
      sameBytes: nearest?.item.digest === item.digest,
      guarded: item.guarded ?? null,
      share: item.share,
      evenShare: item.evenShare,
      need: item.need,
      cover: item.missing === null ? null : { missing: item.missing.length, awaited: this.#supervision.expectedCover(allowance.chances) },
      decisive: item.decisive,
      suspicion: item.suspicion,
      oddity: item.oddity,
      taught: this.#supervision.taught,
      answers: item.answers,
      trust: item.trust,
      draw: gumbel(nextLot(lots)),
    };
    const split = splitOf(this.#settings, item.place.id);
    const judgement = judge(policy, split, features, purse.cut.at(allowance.rate), allowance);
    const admitted = judgement.verdict === 'admit';
    purse.settle(judgement.eligible, admitted, judgement.fromReserve, judgement.lasting);
    if (judgement.eligible) this.#sharing?.learn(meritOf(policy, features));
    // What only the lowered threshold bars still counts as different, or it would lower itself further and further.
    const lowered = judgement.reasons.slice(0, 1).some(({ code, value }) => ALIKE.has(code) && value < policy.eligible.nearDuplicate);
    if (judgement.eligible || lowered) {
      this.#sharing?.breadth.learn(item.embedding, this.#variety);
      this.#likeness.learn(this.#variety.learn(item.embedding));
    }
    const joined = this.#clusters.add(item.embedding, item.place, now, halfLife, lots);
    this.#sharing?.tally.touch(joined.cluster.id, now, halfLife);
    if (admitted) this.#remember(item, split);
    this.#supervision.take(item, judgement);
    if (admitted) this.#campaigns.admit(item.answers);
    const scene = sceneOf(item, item.shown);
    if (scene !== null) this.#objects?.take(seq, scene, now, halfLife);
    this.#followMerges();
    this.#passed(seq);
    return { judgement, split: admitted && hasSplits(this.#settings) ? split : null, joined };
  }

  /** A frame that shows nothing new is decided without being looked at: it counts for the budget, and teaches nothing. */
  rejectUnchanged({ seq, sample }: Pick<Raiser, 'seq' | 'sample'>): void {
    const purse = this.#purses.of(sample.stream);
    purse.next(this.#supply(purse));
    purse.settle(false, false, false, 0);
    this.#passed(seq);
  }

  #supply(purse: Purse): Supply {
    const { time } = this.#clock;
    return this.#sharing?.supply(time, purse.tokens) ?? { now: time, part: 1, moved: 0 };
  }

  #passed(seq: number): void {
    if (Math.floor(seq / COMPACT_EVERY) > Math.floor(this.#lastSeq / COMPACT_EVERY)) this.#compact(seq);
    this.#lastSeq = seq;
  }

  /** Watches clusters. @returns the alert that this item raises by showing that its cluster is novel, or that it grows */
  watch(item: Audited, { cluster, founded }: Joined): readonly Alert[] {
    const like = { radius: this.#clusters.radius, copy: this.#likeness.nearDuplicate(this.#settings.policy.eligible), known: () => this.#known(cluster.id) };
    const alert = this.#watch.add(cluster, founded, item, like);
    if (alert !== null) this.#clusters.confirm(cluster.id);
    const growth = this.#growth.add(cluster, item, item.place.similarity, () => this.#known(cluster.id).here);
    return [...(alert === null ? [] : [alert]), ...(growth === null ? [] : [growth])];
  }

  /** How like a cluster is to what is known, here or in another partition. */
  #known(cluster: number): { readonly similarity: number; readonly here: Alert['nearestKnown'] } {
    const { now, halfLife } = this.#clock;
    const elsewhere = this.#sharing?.prior.nearest(this.#clusters.centroid(cluster), LEAST_MEMBERS, now, halfLife) ?? -1;
    const here = this.#clusters.nearestConfirmed(cluster);
    return { similarity: Math.max(here?.similarity ?? -1, elsewhere), here: here === null ? null : { cluster: here.id, distance: 1 - here.similarity } };
  }

  #remember({ seq, sample, embedding, place, digest, shown }: Audited, split: Split): void {
    const row = { seq, id: sample.id, cluster: place.id, split, digest, classes: shown ?? [] };
    this.memory.add(row, embedding);
    this.#changes.push({ kind: 'admitted', key: seq, value: packAdmitted(row) });
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
      this.#growth.drop(from);
      // A confirmed one that took an outlier's place is nothing to wait for.
      if (this.#clusters.densityOf(into, now, halfLife) > 0) this.#watch.drop(into);
    }
  }

  #compact(seq: number): void {
    const { now, halfLife } = this.#clock;
    const rows = rowsToDrop(this.memory, this.#settings.policy.memory.max, (cluster) => this.#clusters.densityOf(cluster, now, halfLife));
    if (rows.size > 0) for (const row of this.memory.drop(rows)) this.#changes.push({ kind: 'admitted', key: row.seq, value: null });
    this.#supervision.sweep(seq);
  }

  /**
   * Puts down what the other engines are to know that has changed since the last call. Changes the state (tokens are handed over), so it is logged with its
   * place in the sequence.
   * @param after seq of the last item before it
   */
  tell(after: number): void {
    if (this.#sharing === null) return;
    this.#external.add({ kind: 'tell', after, payload: new Uint8Array() });
    this.#told.push(...this.#sharing.tell(this.#clock, this.#clusters, this.#purses, this.#variety));
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

  /**
   * What decided items taught is learned again from their embeddings by another model, once the state is one for that (other-model.ts).
   * @param items in order of seq; gone through once
   */
  learnAgain(items: Iterable<Again>): void {
    const all = this.#settings.reveal.when === 'all';
    this.#supervision.learnAgain(this.#seenAgain(items), ({ barred }) => all && !barred);
  }

  /** Those with labels, once everything else has been learned of them. */
  *#seenAgain(items: Iterable<Again>): Iterable<Again & Labelled> {
    for (const item of items) {
      const { seq, at, embedding, classes, barred, scene } = item;
      if (!barred) this.#likeness.learn(this.#variety.learn(embedding));
      if (scene !== null) this.#objects?.take(seq, scene, at, this.#clock.halfLife);
      if (classes !== null) yield { ...item, classes };
    }
  }

  /** All state that changed since the last call, as values. */
  takeChanges(): readonly Change[] {
    const changes: Change[] = [...this.#changes, ...this.#supervision.takeChanges()];
    for (const [key, value] of this.#clusters.takeChanges()) changes.push({ kind: 'cluster', key, value });
    changes.push(...this.#watch.takeChanges(), ...this.#growth.takeChanges(), ...this.#external.takeChanges(), ...this.#variety.takeChanges(), ...this.#likeness.takeChanges());
    changes.push(...this.cameras.takeChanges(), ...this.gates.takeChanges());
    changes.push({ kind: 'clusters', key: 0, value: this.#clusters.packTotals() });
    changes.push({ kind: 'last', key: 0, value: new Packer().f64(this.#lastSeq).done() });
    changes.push({ kind: 'clock', key: 0, value: this.#clock.pack() });
    changes.push(...this.#purses.takeChanges(), ...this.#campaigns.takeChanges(), ...this.#silence.takeChanges());
    if (this.#sharing !== null) changes.push(...this.#sharing.takeChanges());
    if (this.#objects !== null) changes.push(...this.#objects.takeChanges());
    this.#changes = [];
    return changes;
  }

  /** As far as it is held: those of the memory, and of the members of clusters that are watched. */
  embedding(seq: number): Float32Array | null {
    return this.memory.embedding(seq) ?? this.#watch.embedding(seq);
  }

  /** Whether a restore would ask for the embedding of the item with a seq, as things stand now. */
  needs(): (seq: number) => boolean {
    const besides = new Set([...this.#supervision.needed(), ...this.#watch.needed()]);
    return (seq) => this.memory.holds(seq) || besides.has(seq);
  }

  /** Takes up the state that a changelog holds. @param changes one record for each (kind, key), ordered by kind, then key */
  restore(changes: Iterable<Change>, embeddingOf: (seq: number) => Float32Array): void {
    const ofLabels: Change[] = [];
    const ofObjects: Change[] = [];
    for (const change of changes) {
      const { kind, key, value } = change;
      if (value === null) continue;
      if (kind === 'cluster') this.#clusters.restoreRow(key, value);
      else if (kind === CAMERA) this.cameras.restoreRow(key, value);
      else if (kind === GATES) this.gates.restoreRow(key, value);
      else if (kind === 'clusters') this.#clusters.restoreTotals(value);
      else if (kind === 'last') this.#lastSeq = new Unpacker(value).f64();
      else if (kind === 'clock') this.#clock.restore(value);
      else if (kind === 'variety') this.#variety.restoreRow(key, value);
      else if (kind === 'likeness') this.#likeness.restore(value);
      else if (PURSES.has(kind)) this.#purses.restore(change);
      else if (CAMPAIGNS.has(kind)) this.#campaigns.restore(change);
      else if (kind === SILENCE) this.#silence.restore(value);
      else if (SHARED.has(kind)) this.#sharing?.restore(change);
      else if (kind === 'admitted') this.memory.add(unpackAdmitted(key, value), embeddingOf(key));
      else if (OBJECTS.has(kind)) ofObjects.push(change);
      else if (kind === 'external') this.#external.restoreRow(key, value);
      else if (GROWTH.has(kind)) this.#growth.restore(change, value);
      else if (kind === 'watch') this.#watch.restoreRow(key, value, embeddingOf);
      else ofLabels.push(change);
    }
    this.#supervision.restore(ofLabels, embeddingOf);
    this.#objects?.restore(ofObjects);
  }
}

/** The boxes of the label that is shown with an item, and the crops of theirs that were embedded; null where no boxes are shown. */
function sceneOf({ sample, objects, background, quality: { width, height } }: Clustered, shown: readonly string[] | null): Scene | null {
  const { label, predicted = [] } = sample;
  // A label that came before its sample holds in place of the sample's own.
  if (shown === null || label === null || typeof label === 'string' || label.length + predicted.length === 0 || !sameClasses(shown, classesOf(label) ?? [])) return null;
  // Of a picture that nobody saw the size is unknown: boxes in parts of it lie nowhere.
  if (width * height === 0 && [...label, ...predicted].some(({ relative }) => relative === true)) return null;
  return { boxes: label, predicted, objects, background: background ?? null, width, height };
}
