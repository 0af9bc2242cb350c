/** Decayed counts of the classes among the admitted, and how short a class is. */
import { Packer, Unpacker } from './codec.ts';
import { decay } from './clock.ts';
import { MAX_CLASSES } from './head.ts';

/** A count below this is what rounding leaves of one that was taken back; after thirty half-lives no more is left of any. */
const NONE = 1e-9;
/** Counts below this hardly differ: one admitted item of a new class does not make it full. */
const PRIOR = 5;

/** What counts as admitted without being so here. */
export interface Elsewhere {
  readonly counts: ReadonlyMap<string, number>;
  readonly fade: number;
}
const NOTHING: Elsewhere = { counts: new Map(), fade: 1 };

export class Classes {
  readonly #counts = new Map<string, { key: number; count: number; at: number }>();
  readonly #changed = new Set<string>();

  /** Counts an admitted item that shows these classes. */
  add(classes: readonly string[], now: number, halfLife: number): void {
    for (const name of classes) {
      if (this.#counts.size === MAX_CLASSES && !this.#counts.has(name)) continue;
      const entry = this.#counts.get(name) ?? { key: this.#counts.size, count: 0, at: now };
      const time = Math.max(now, entry.at);
      this.#counts.set(name, { key: entry.key, count: entry.count * decay(time - entry.at, halfLife) + 1, at: time });
      this.#changed.add(name);
    }
  }

  /** Takes back what `add` counted for these classes at that time. */
  remove(classes: readonly string[], counted: number, now: number, halfLife: number): void {
    for (const name of classes) {
      const entry = this.#counts.get(name);
      if (entry === undefined) continue;
      const time = Math.max(now, entry.at);
      const count = Math.max(0, entry.count * decay(time - entry.at, halfLife) - decay(time - counted, halfLife));
      this.#counts.set(name, { key: entry.key, count, at: time });
      this.#changed.add(name);
    }
  }

  /**
   * Log need of each class known: log of (mean count + prior) / (own count + prior); a class not yet admitted is the shortest, unless there are too many to tell.
   * @param elsewhere what other engines admitted, which counts as well; `fade` is by how much it has faded since
   */
  needs(now: number, halfLife: number, elsewhere: Elsewhere = NOTHING): (name: string) => number {
    let total = 0;
    let classes = this.#counts.size;
    for (const { count, at } of this.#counts.values()) total += count * decay(now - at, halfLife);
    for (const [name, count] of elsewhere.counts) {
      total += count * elsewhere.fade;
      if (!this.#counts.has(name)) classes += 1;
    }
    const mean = classes === 0 ? 0 : total / classes;
    return (name) => {
      const entry = this.#counts.get(name);
      const others = elsewhere.counts.get(name);
      if (entry === undefined && others === undefined && this.#counts.size === MAX_CLASSES) return 0;
      const own = entry === undefined ? 0 : entry.count * decay(now - entry.at, halfLife);
      return Math.log((mean + PRIOR) / (own + (others ?? 0) * elsewhere.fade + PRIOR));
    };
  }

  /** Whether no admitted item shows the class, neither here nor elsewhere; never where there are too many to tell. */
  missing(now: number, halfLife: number, { counts, fade }: Elsewhere = NOTHING): (name: string) => boolean {
    const full = this.#counts.size === MAX_CLASSES;
    return (name) => {
      const entry = this.#counts.get(name);
      if (entry === undefined && full) return false;
      return (entry?.count ?? 0) * decay(now - (entry?.at ?? now), halfLife) < NONE && (counts.get(name) ?? 0) * fade < NONE;
    };
  }

  *takeChanges(): Iterable<readonly [number, Uint8Array]> {
    for (const name of this.#changed) {
      const entry = this.#counts.get(name);
      if (entry !== undefined) yield [entry.key, new Packer().text(name).f64(entry.count, entry.at).done()];
    }
    this.#changed.clear();
  }

  /** To be called in order of key. */
  restoreRow(key: number, value: Uint8Array): void {
    const from = new Unpacker(value);
    this.#counts.set(from.text(), { key, count: from.f64(), at: from.f64() });
  }
}
