/** How many of each class were admitted, as far as their labels are known and believed; how the targets stand; and how short that leaves a class or a stream. */
import type { Change } from '../../schemas/decision.ts';
import { Classes, type Elsewhere } from './classes.ts';
import type { Clock } from './clock.ts';
import { Cover } from './cover.ts';
import type { Policy } from './policy.ts';
import type { Sharing } from './sharing.ts';
import { Targets } from './targets.ts';

export class Needs {
  readonly #clock: Clock;
  readonly #sharing: Sharing | null;
  readonly #known: Elsewhere;
  readonly #classes = new Classes();
  readonly #targets: Targets;
  readonly #cover = new Cover();

  /**
   * @param sharing is told what counts, and tells what counts elsewhere
   * @param known items of a data set that is there already, by class; they do not fade
   */
  constructor({ targets, priority }: Policy, clock: Clock, sharing: Sharing | null, known: ReadonlyMap<string, number> = new Map()) {
    this.#clock = clock;
    this.#sharing = sharing;
    this.#known = { counts: known, fade: 1 };
    this.#targets = new Targets(targets, priority.shortNeed);
  }

  /** An item of the stream was admitted; -1: it is not any more. */
  admit(stream: string, by: 1 | -1 = 1): void {
    this.#targets.admit(stream, by);
  }

  /** An admitted item counts for these classes from now on. @param cluster where it is, null where that is forgotten */
  add(classes: readonly string[], cluster: number | null): void {
    const { now, halfLife } = this.#clock;
    this.#classes.add(classes, now, halfLife);
    this.#targets.classify(classes, 1);
    if (cluster !== null) this.#sharing?.tally.add(cluster, classes, now, halfLife);
  }

  /** It does not any more. @param counted the engine's time when it was added */
  remove(classes: readonly string[], counted: number, cluster: number | null): void {
    const { now, halfLife } = this.#clock;
    this.#classes.remove(classes, counted, now, halfLife);
    this.#targets.classify(classes, -1);
    if (cluster !== null) this.#sharing?.tally.remove(cluster, classes, counted, now, halfLife);
  }

  /** Log need of each class, by its name. */
  ofClasses(): (name: string) => number {
    const { now, halfLife } = this.#clock;
    const balance = this.#classes.needs(now, halfLife, this.#sharing?.prior.counts(now, halfLife) ?? this.#known);
    return (name) => this.#targets.classNeed(name, balance(name));
  }

  /** Log need of an item of the stream. @param need that of its classes; null where nothing is known of them, as the answer is where no target speaks for the stream */
  ofStream(stream: string, need: number | null): number | null {
    return this.#targets.streamNeed(stream, need);
  }

  /** Those of the classes that no admitted item shows. */
  missing(classes: readonly string[]): readonly string[] {
    return classes.filter(this.#isMissing());
  }

  /** How many missing classes the best of so many further items may be expected to show. */
  expectedCover(chances: number): number {
    return this.#cover.expected(chances, this.#isMissing());
  }

  /** An eligible item has come that shows these classes which no admitted one showed. */
  see(missing: readonly string[]): void {
    this.#cover.learn(missing);
  }

  #isMissing(): (name: string) => boolean {
    const { now, halfLife } = this.#clock;
    return this.#classes.missing(now, halfLife, this.#sharing?.prior.counts(now, halfLife) ?? this.#known);
  }

  *takeChanges(): Iterable<Change> {
    for (const [key, value] of this.#classes.takeChanges()) yield { kind: 'class', key, value };
    yield* this.#targets.takeChanges();
    yield* this.#cover.takeChanges();
  }

  /** @param change of the kinds `class`, `target` and `cover`, in order of key */
  restore({ kind, key, value }: Change): void {
    if (value === null) return;
    if (kind === 'class') this.#classes.restoreRow(key, value);
    else if (kind === 'cover') this.#cover.restoreRow(key, value);
    else if (kind === 'target') this.#targets.restoreRow(key, value);
  }
}
