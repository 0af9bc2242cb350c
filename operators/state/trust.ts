/**
 * How far the embedding can be trusted to tell what matters: how much coverage weighs against a random draw. With p the rate at which the embedding is
 * right it is p · p / (1 - p), the odds discounted by the rate itself: near 0 below even odds, where covering a stream would be chasing its oddities.
 *
 * Where labels are learned it is how often the head names a label before it learns it. Only items count whose label is another than the one before in
 * their stream: within a track or a sorted folder the last label would do as well. Until there are enough of them, and without labels, the variety of
 * the stream stands in: an embedding made for pictures of all kinds tells little within a narrow domain, where most of what varies is light and blur.
 */
import { Packer, Unpacker } from './codec.ts';
import { hash32 } from './hash.ts';

/** Labels named that the guess from variety is worth. */
const PRIOR = 50;
const SPAN = 2000;
/** Streams whose last label is remembered. */
const MOST_STREAMS = 1000;
const STEEPNESS = 4;

export class Trust {
  readonly #even: number;
  #hits = 0;
  #count = 0;
  /** The last label of each stream, both by their hash, since names may be long; the longest unseen first. */
  readonly #last = new Map<number, number>();

  /** @param even effective dimension at which variety alone gives a rate of a half */
  constructor(even: number) {
    this.#even = even;
  }

  /** @param named the class the head would have named, null where it cannot tell yet */
  learn(stream: string, given: readonly string[], named: string | null): void {
    const label = hash32(0, given.join('\n'));
    const key = hash32(0, stream);
    const last = this.#last.get(key);
    this.#last.delete(key);
    this.#last.set(key, label);
    for (const [oldest] of this.#last) if (this.#last.size > MOST_STREAMS) this.#last.delete(oldest);
    if (named === null || label === last || given.length === 0) return;
    const keep = 1 - 1 / SPAN;
    this.#hits = this.#hits * keep + (given.includes(named) ? 1 : 0);
    this.#count = this.#count * keep + 1;
  }

  /** @param effectiveDimension of the stream; null where it is not known */
  weight(effectiveDimension: number | null): number {
    const guess = effectiveDimension === null ? 1 : (effectiveDimension / this.#even) ** STEEPNESS;
    const rate = (this.#hits + (PRIOR * guess) / (1 + guess)) / (this.#count + PRIOR);
    return (rate * rate) / (1 - rate);
  }

  pack(): Uint8Array {
    const out = new Packer().f64(this.#hits, this.#count, this.#last.size);
    for (const [stream, label] of this.#last) out.f64(stream, label);
    return out.done();
  }

  restore(value: Uint8Array): void {
    const from = new Unpacker(value);
    this.#hits = from.f64();
    this.#count = from.f64();
    const streams = from.f64();
    for (let i = 0; i < streams; i++) this.#last.set(from.f64(), from.f64());
  }
}
