/**
 * Whether a token is better kept for an item that shows more classes which no admitted one shows yet: optimal stopping with a few chances (Moser 1956).
 * With E(k) what is to be expected of k further items, the best rule takes an item that shows as many as E(k), and E(k + 1) is the mean of max(E(k), what an
 * item shows). How much items show is taken from the last `SPAN` eligible ones with a believed label, held against what is missing now.
 */
import type { Change } from '../../schemas/decision.ts';
import { Packer, Unpacker } from './codec.ts';

const SPAN = 128;
/** Classes kept of an item, and further items reckoned with, at most: beyond them the answer hardly differs. */
const MOST_CLASSES = 64;
const MOST_CHANCES = 64;
const KIND = 'cover';

export class Cover {
  /** Of each of the last items the classes that were missing when it came; what it shows besides was there already. */
  readonly #missing: (readonly string[])[] = [];
  /** How many had come with each of them: the greatest is the last. */
  readonly #counts: number[] = [];
  readonly #changed = new Set<number>();
  #n = 0;

  /** An eligible item came. @param missing classes of its believed label that no admitted item showed before it */
  learn(missing: readonly string[]): void {
    const slot = this.#n % SPAN;
    this.#missing[slot] = missing.slice(0, MOST_CLASSES);
    this.#changed.add(slot);
    this.#n += 1;
    this.#counts[slot] = this.#n;
  }

  /** Missing classes to be expected of the best that can be taken among so many further items. */
  expected(chances: number, isMissing: (name: string) => boolean): number {
    const gains = this.#missing.flatMap((names) => (names.length === 0 ? [] : [names.filter(isMissing).length])).filter((gain) => gain > 0);
    if (gains.length === 0) return 0;
    const none = this.#missing.length - gains.length;
    let best = 0;
    for (let k = Math.min(chances, MOST_CHANCES); k > 0; k--) {
      const least = best;
      best = gains.reduce((sum, gain) => sum + Math.max(gain, least), none * least) / this.#missing.length;
    }
    return best;
  }

  *takeChanges(): Iterable<Change> {
    for (const slot of this.#changed) yield { kind: KIND, key: slot, value: new Packer().f64(this.#counts[slot] ?? 0).texts(this.#missing[slot] ?? []).done() };
    this.#changed.clear();
  }

  /** To be called in order of key. */
  restoreRow(slot: number, value: Uint8Array): void {
    const from = new Unpacker(value);
    const count = from.f64();
    this.#counts[slot] = count;
    this.#n = Math.max(this.#n, count);
    this.#missing[slot] = from.texts();
  }
}
