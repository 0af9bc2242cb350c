/** Targets of the policy: what is wanted of a class or a stream, what of it was admitted since the target is set, and the need that makes of an item. */
import type { Change } from '../../schemas/decision.ts';
import { packStanding, type TargetStanding, unpackStanding } from '../../schemas/target.ts';

/** One of `class` and `stream`, and one of `count` and `share`. */
export interface Target {
  readonly class?: string | undefined;
  readonly stream?: string | undefined;
  /** Items to admit, at least. */
  readonly count?: number | undefined;
  /** Of the admitted items, at least, 0..1. */
  readonly share?: number | undefined;
}

interface Entry {
  readonly key: number;
  readonly of: 'class' | 'stream';
  readonly name: string;
  readonly target: Target;
  have: number;
  among: number;
}

const KIND = 'target';

export class Targets {
  readonly #class = new Map<string, Entry>();
  readonly #stream = new Map<string, Entry>();
  readonly #shortNeed: number;
  /** Keys of records to be written. At first all: a target that nothing serves is short as well. */
  readonly #changed = new Set<number>();
  readonly #all: readonly Entry[];

  /** @param shortNeed log need from which a class is short */
  constructor(targets: readonly Target[], shortNeed: number) {
    this.#shortNeed = shortNeed;
    this.#all = targets.map((target, key) => {
      const of = target.class === undefined ? 'stream' : 'class';
      const entry = { key, of, name: target.class ?? target.stream ?? '', target, have: 0, among: 0 } as const;
      this.#changed.add(key);
      (of === 'class' ? this.#class : this.#stream).set(entry.name, entry);
      return entry;
    });
  }

  /** An admitted item of the stream; -1: it is one no more. */
  admit(stream: string, by: 1 | -1 = 1): void {
    this.#count(this.#stream, [stream], by);
  }

  /** The known classes of an admitted item count from now on (1), or not any more (-1). */
  classify(classes: readonly string[], by: 1 | -1): void {
    this.#count(this.#class, classes, by);
  }

  #count(entries: ReadonlyMap<string, Entry>, names: readonly string[], by: 1 | -1): void {
    for (const [name, entry] of entries) {
      // What a target that was set later never counted is not taken back from it.
      entry.among = Math.max(0, entry.among + by);
      if (names.includes(name)) entry.have = Math.max(0, entry.have + by);
      this.#changed.add(entry.key);
    }
  }

  /** Log need of a class, which is at least that of a short one while its target is short. @param need without targets */
  classNeed(name: string, need: number): number {
    return raised(need, this.#lack(this.#class.get(name)), this.#shortNeed);
  }

  /** Likewise of an item of the stream; null where nothing is known of it and no target speaks for it. */
  streamNeed(stream: string, need: number | null): number | null {
    const lack = this.#lack(this.#stream.get(stream));
    return lack > 0 ? raised(need ?? 0, lack, this.#shortNeed) : need;
  }

  /** The part that is missing of what is wanted, 0..1. */
  #lack(entry: Entry | undefined): number {
    if (entry === undefined) return 0;
    const { have, wanted } = standing(entry);
    return wanted > have ? 1 - have / wanted : 0;
  }

  *takeChanges(): Iterable<Change> {
    for (const key of this.#changed) {
      const entry = this.#all[key];
      yield { kind: KIND, key, value: entry === undefined ? null : packStanding(standing(entry)) };
    }
    this.#changed.clear();
  }

  /** Records are known by what they are of, not by their key: the list may have changed since. */
  restoreRow(key: number, value: Uint8Array): void {
    const { of, name, have, among } = unpackStanding(value);
    const entry = (of === 'class' ? this.#class : this.#stream).get(name);
    if (entry !== undefined) Object.assign(entry, { have, among });
    this.#changed.add(key);
  }
}

function standing({ of, name, target, have, among }: Entry): TargetStanding {
  return { of, name, have, among, wanted: target.count ?? (target.share ?? 0) * among };
}

function raised(need: number, lack: number, shortNeed: number): number {
  return lack > 0 ? Math.max(need, shortNeed + lack) : need;
}
