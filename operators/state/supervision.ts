/**
 * What labels have taught: the head and how far it can be trusted, what was said of which label of an item, and which labels wait for items that are still to
 * come. What was learned is looked at a second time; what is believed counts among the needs.
 */
import type { Amend, Change, UnusedLabel } from '../../schemas/decision.ts';
import { classesOf, type Sample } from '../../schemas/sample.ts';
import type { Audited } from '../items.ts';
import { expected, type Lead, leadOf, named, suspicionFrom, suspicionOf } from './audit.ts';
import type { Clock } from './clock.ts';
import { Given, type GivenLabel } from './given.ts';
import { Head } from './head.ts';
import { type Earlier, type Labelled, Labels, type Reveal } from './labels.ts';
import { REACH, sameClasses, type Labellable, type LabelOutcome, type LateLabel } from './late-label.ts';
import { type Memory, packAdmitted } from './memory.ts';
import { Needs } from './needs.ts';
import { Oddity } from './oddity.ts';
import { classesIn, type Together } from './objects/together.ts';
import { type Judgement, type Policy, reviewFrom } from './policy.ts';
import { SecondLook } from './second-look.ts';
import type { Sharing } from './sharing.ts';
import { splitOf, type SplitSettings } from './split.ts';
import { Trust } from './trust.ts';
import { Waiting } from './waiting.ts';

export interface SupervisionSettings extends SplitSettings {
  readonly policy: Policy;
  readonly dimension: number;
  readonly reveal: Reveal;
  /** Whether labels may come from outside the stream's own order. */
  readonly lateLabels: boolean;
  /** Items of a known data set that show each class: they count as admitted, and do not fade. */
  readonly known?: ReadonlyMap<string, number>;
}

export class Supervision {
  readonly #settings: SupervisionSettings;
  readonly #memory: Memory;
  readonly #clock: Clock;
  readonly #needs: Needs;
  readonly #labels: Labels;
  readonly #trust: Trust;
  readonly #waiting = new Waiting();
  readonly #given = new Given();
  readonly #oddity = new Oddity();
  readonly #second: SecondLook;
  readonly #log: (change: Change) => void;

  /** @param log is told what becomes of admitted items: the memory is not this class's own, and the last that is said of an item holds */
  constructor(settings: SupervisionSettings, memory: Memory, clock: Clock, sharing: Sharing | null, log: (change: Change) => void) {
    const { policy, dimension, reveal } = settings;
    this.#settings = settings;
    this.#memory = memory;
    this.#clock = clock;
    this.#needs = new Needs(policy, clock, sharing, settings.known);
    this.#log = log;
    this.#labels = new Labels(new Head(dimension, policy.head.halfLife), reveal);
    this.#second = new SecondLook((seq) => this.#reviewFrom(seq));
    this.#trust = new Trust(policy.trust.evenDimension * dimension);
  }

  /** The item at `seq` is here. @returns labels that have waited too long for theirs */
  expire(seq: number): readonly UnusedLabel[] {
    return this.#waiting.expire(seq);
  }

  /** Learns the labels that are due before the item at `seq` is scored. What the last item has taught is made use of first. */
  learnDue(seq: number): readonly Amend[] {
    return [...this.#lookAgain(), ...this.#labels.takeDue(seq).flatMap((item) => this.#learn(item, true))];
  }

  /**
   * A label from outside the stream's own order. The newest of an item holds.
   * @param n number of the event. @param after seq of the last item before it. @param item the one it is for, where that is decided
   * @param objects says what its boxes make of that item; null where they are as they were, or nobody looked at them
   */
  late(n: number, label: LateLabel, after: number, item: Labellable | null, objects: (seq: number) => Together | null): LabelOutcome {
    const known = item !== null && this.#inReach(item.seq, after) ? item : null;
    const newest = known === null ? this.#waiting.of(label.id) : this.#given.of(known.seq)?.classes;
    const changed = known === null ? null : objects(known.seq);
    if (changed === null && newest && sameClasses(newest, label.classes)) return { as: 'repeated', amends: [], unused: [] };
    if (known === null) return { as: 'waiting', amends: [], unused: this.#waiting.add({ n, after, label }) };
    this.#labels.cancel(known.seq);
    return { as: 'learned', amends: [...this.#lookAgain(), ...this.#learn({ ...known, classes: label.classes }, known.admitted, changed)], unused: [] };
  }

  /**
   * A decided item shows other classes than its label said so far, however long ago that was.
   * @param objects what is said of its objects now, where they were looked at; null where they were not
   */
  correct({ classes, ...item }: Labellable & { readonly classes: readonly string[] }, objects: Together | null): readonly Amend[] {
    this.#labels.cancel(item.seq);
    // What an item counts for that has left the memory and is out of reach is not known any more, so it cannot be taken back: then nothing new is counted either.
    const counts = item.admitted && (this.#memory.holds(item.seq) || this.#given.of(item.seq) !== null);
    return [...this.#lookAgain(), ...this.#learn({ ...item, classes }, counts, objects)];
  }

  #inReach(seq: number, after: number): boolean {
    return seq > after - REACH || this.#memory.holds(seq);
  }

  /** What the head makes of a label, before it learns it; and, once it has, of others. */
  #learn(item: Labelled, admitted: boolean, objects: Together | null = null): readonly Amend[] {
    const { classes } = item;
    const earlier = this.#given.of(item.seq);
    const number = earlier?.number ?? null;
    const whole = earlier === null || number === null ? this.#first(item) : this.#correct(item, { number, classes: earlier.classes });
    const suspicion = objects?.suspicion ?? whole;
    const review = suspicion >= this.#reviewFrom(item.seq);
    const looked = earlier !== null && earlier.believed !== null ? classes : null;
    const believed = objects === null ? looked : classesIn(objects.believed);
    const counts = objects === null ? !review : (believed ?? []).length > 0;
    this.#count(item.seq, { classes, believed, number: number ?? this.taught, suspicion }, admitted && counts);
    const row = this.#memory.classify(item.seq, item.classes);
    if (row !== null) this.#log({ kind: 'admitted', key: row.seq, value: packAdmitted(row) });
    return [{ seq: item.seq, suspicion, review }, ...this.#lookAgain()];
  }

  #first(item: Labelled): number {
    const suspicion = suspicionFrom(this.lead(item.embedding, item.classes));
    this.#teach(item);
    return suspicion;
  }

  /** The head is asked as if it had never learned the label that was wrong, which is then forgotten. */
  #correct(item: Labelled, earlier: Earlier): number {
    const { head } = this.#labels;
    const [scores = null] = head.scoresWithout([{ x: item.embedding, ...earlier }]);
    const suspicion = suspicionOf(scores, head.classes, item.classes);
    this.#labels.correct(item, earlier);
    return suspicion;
  }

  /** Labels learned before that the head now thinks otherwise of. */
  #lookAgain(): readonly Amend[] {
    return this.#second.look(this.#labels.head, this.#memory, this.#given).map(({ seq, label, suspicion }) => {
      const review = suspicion >= this.#reviewFrom(seq);
      this.#count(seq, { ...label, suspicion }, !review);
      return { seq, suspicion, review };
    });
  }

  /** Suspicion from which the label of an item is for review, by the set it is in. */
  #reviewFrom(seq: number): number {
    const item = this.#memory.of(seq);
    return reviewFrom(this.#settings.policy.audit, item === null ? this.#settings.purpose : (item.split ?? splitOf(this.#settings, item.cluster)));
  }

  /** The head is asked before it is told. */
  #teach(item: Labelled): void {
    const { head } = this.#labels;
    this.#trust.learn(item.stream, item.classes, named(head.scores(item.embedding), head.classes));
    this.#labels.learn(item);
  }

  /** The label of an item that is now the newest, or seen otherwise than before; what it counted for so far is taken back. */
  #count(seq: number, label: Omit<GivenLabel, 'counted'>, counts: boolean): void {
    const cluster = this.#memory.of(seq)?.cluster ?? null;
    const earlier = this.#given.of(seq);
    if (earlier !== null && earlier.counted !== null) this.#needs.remove(earlier.believed ?? earlier.classes, earlier.counted, cluster);
    if (counts) this.#needs.add(label.believed ?? label.classes, cluster);
    if (this.#settings.lateLabels || this.#memory.holds(seq)) this.#given.set(seq, { ...label, counted: counts ? this.#clock.now : null });
  }

  /** The classes of the label that is shown with the sample; null where none is. */
  shown({ id, label }: Sample): readonly string[] | null {
    return this.#waiting.of(id) ?? (this.#settings.reveal.when === 'all' ? classesOf(label) : null);
  }

  /** The classes that an item is known to show, empty where none are. @param came those of the label that came with it, null where it has none */
  known(seq: number, came: readonly string[] | null): readonly string[] {
    return this.#given.of(seq)?.classes ?? (this.#settings.reveal.when === 'all' ? came : null) ?? [];
  }

  /** Labels learned so far. */
  get taught(): number {
    return this.#labels.head.labels;
  }

  /** How the head stands to a label. */
  lead(x: Float32Array, given: readonly string[]): Lead | null {
    const { head } = this.#labels;
    return leadOf(head.scores(x), head.classes, given);
  }

  /** How odd it is for its label, in deviations. */
  oddity(lead: Lead | null): number {
    return lead === null ? 0 : this.#oddity.of(lead.over, lead.lead);
  }

  /** How short what it serves is: its stream, the classes it shows or, where none are shown, seems to show; null where nothing is known of either. */
  need(x: Float32Array, stream: string, shown: readonly string[] | null): number | null {
    return this.#needs.ofStream(stream, this.#classNeed(x, shown));
  }

  /** How sure it is that an item shows a class, 0..1. @param believed its classes where a label is shown, as far as they are not in doubt; null where none is */
  confidence(x: Float32Array, believed: readonly string[] | null, name: string): number {
    if (believed !== null) return believed.includes(name) ? 1 : 0;
    const { head } = this.#labels;
    return expected(head.scores(x), head.classes, (known) => (known === name ? 1 : 0)) ?? 0;
  }

  /** Those of the classes that no admitted item shows, as far as labels are known and believed. */
  missing(classes: readonly string[]): readonly string[] {
    return this.#needs.missing(classes);
  }

  /** How many missing classes the best of so many further items may be expected to show. */
  expectedCover(chances: number): number {
    return this.#needs.expectedCover(chances);
  }

  /** The class that is shortest, the first of equals; null where there are none. */
  shortest(classes: readonly string[]): string | null {
    const needOf = this.#needs.ofClasses();
    return classes.reduce<string | null>((best, name) => (best === null || needOf(name) > needOf(best) ? name : best), null);
  }

  #classNeed(x: Float32Array, shown: readonly string[] | null): number | null {
    const needs = this.#needs.ofClasses();
    if (shown !== null) return shown.length === 0 ? null : Math.max(...shown.map(needs));
    const { head } = this.#labels;
    return expected(head.scores(x), head.classes, needs);
  }

  /** What likeness weighs against a random draw. @param effectiveDimension of the stream; null where it is not known */
  trust(effectiveDimension: number | null): number {
    return Math.min(this.#settings.policy.trust.most, this.#trust.weight(effectiveDimension));
  }

  /** The item is decided: its label is learned, or kept until it is due. */
  take({ seq, sample, embedding, shown, lead, believed, missing, suspicion, findings }: Audited, { verdict, eligible, review }: Judgement): void {
    const admitted = verdict === 'admit';
    const { id, stream, label } = sample;
    if (admitted) this.#needs.admit(stream);
    if (eligible && missing !== null) this.#needs.see(missing);
    if (shown !== null) {
      this.#waiting.take(id);
      // Copies say nothing of what is usual: of a still camera they would make everything else odd.
      if (lead !== null && eligible) this.#oddity.learn(lead.over, lead.lead);
      this.#teach({ seq, stream, classes: shown, embedding });
      if (findings.length === 0) return this.#count(seq, { classes: shown, believed: null, number: this.taught, suspicion: suspicionFrom(lead) }, admitted && !review);
      const counting = believed ?? [];
      return this.#count(seq, { classes: shown, believed: counting, number: this.taught, suspicion: suspicion ?? 0 }, admitted && counting.length > 0);
    }
    const classes = classesOf(label);
    if (this.#settings.reveal.when === 'admitted' && admitted && classes !== null) this.#labels.defer({ seq, stream, classes, embedding });
  }

  /** Forgets the labels of items that no other can come for. @param after seq of the last item */
  sweep(after: number): void {
    this.#given.sweep((seq) => this.#inReach(seq, after));
  }

  /**
   * The verdict on an item was turned round: it counts, or counts no more. To be called while it is in the memory, if at all.
   * @param classes of the label that came with it, null where it has none
   */
  turn({ seq, stream, embedding }: Labellable, classes: readonly string[] | null, admitted: boolean): void {
    this.#needs.admit(stream, admitted ? 1 : -1);
    const label = this.#given.of(seq);
    if (label !== null) {
      const doubted = label.believed === null ? label.suspicion >= this.#reviewFrom(seq) : label.believed.length === 0;
      return this.#count(seq, label, admitted && !doubted);
    }
    if (!admitted) return this.#labels.cancel(seq);
    if (classes === null) return;
    const { when } = this.#settings.reveal;
    if (when === 'admitted') this.#labels.defer({ seq, stream, classes, embedding });
    // So long ago that nothing more is known of its label.
    if (when === 'all') this.#count(seq, { classes, believed: null, number: null, suspicion: 0 }, true);
  }

  /** What the labels of these items taught and counted is taken back, and none waits for these ids. To be called while they are in the memory. */
  forget(items: readonly Labellable[], ids: ReadonlySet<string>): void {
    for (const id of ids) this.#waiting.take(id);
    for (const { seq, embedding } of items) {
      this.#labels.cancel(seq);
      const label = this.#given.of(seq);
      if (label === null) continue;
      if (label.counted !== null) this.#needs.remove(label.believed ?? label.classes, label.counted, this.#memory.of(seq)?.cluster ?? null);
      if (label.number !== null) this.#labels.unlearn({ embedding, classes: label.classes }, label.number);
      this.#given.forget(seq);
    }
    this.#labels.close();
  }

  /**
   * What labels of decided items taught is learned again by a head that knows nothing.
   * @param items in order of seq. @param usual whether an item says what is usual of its class
   */
  learnAgain<T extends Labelled>(items: Iterable<T>, usual: (item: T) => boolean): void {
    this.#given.unnumber();
    for (const item of items) {
      const { seq, classes, embedding } = item;
      const lead = usual(item) ? this.lead(embedding, classes) : null;
      if (lead !== null) this.#oddity.learn(lead.over, lead.lead);
      this.#teach({ ...item });
      const label = this.#given.of(seq);
      if (label !== null) this.#given.set(seq, { ...label, number: this.taught });
    }
    this.#labels.close();
    this.#second.begin(this.#labels.head);
  }

  /** Items whose embeddings a restore would ask for. */
  needed(): Iterable<number> {
    return this.#labels.needed();
  }

  takeChanges(): readonly Change[] {
    const changes = [...this.#labels.takeChanges(), ...this.#waiting.takeChanges()];
    for (const [key, value] of this.#given.takeChanges()) changes.push({ kind: 'given', key, value });
    for (const [key, value] of this.#second.takeChanges()) changes.push({ kind: 'second-look', key, value });
    for (const [key, value] of this.#oddity.takeChanges()) changes.push({ kind: 'oddity', key, value });
    changes.push(...this.#needs.takeChanges(), { kind: 'trust', key: 0, value: this.#trust.pack() });
    return changes;
  }

  /** @param changes those that are of no other part of the engine, ordered by kind, then key */
  restore(changes: readonly Change[], embeddingOf: (seq: number) => Float32Array): void {
    for (const change of changes) {
      const { kind, key, value } = change;
      if (value === null) continue;
      if (kind === 'oddity') this.#oddity.restoreRow(key, value);
      else if (kind === 'second-look') this.#second.restoreRow(value);
      else if (kind === 'trust') this.#trust.restore(value);
      else if (kind === 'waiting') this.#waiting.restoreRow(key, value);
      else if (kind === 'given') this.#given.restoreRow(key, value);
      else this.#needs.restore(change);
    }
    this.#labels.restore(changes, embeddingOf);
  }
}
