/**
 * How alike different items of the stream are at most, from which follows where a near-duplicate begins. Two photos of anything are never as alike as two
 * frames of one camera, so that no constant fits both: the similarities that variety.ts finds between an item and its sample of the past, nearly all of them
 * pairs of different items, are counted in a histogram that forgets. Why so: docs/decisions/near-duplicates.md.
 */
import type { Change } from '../../schemas/decision.ts';
import { Packer, Unpacker } from './codec.ts';
import type { Policy } from './policy.ts';

/** Items that have been compared before the histogram is believed. */
const ENOUGH = 200;
/** Items that it remembers, or so. */
const SPAN = 2500;
/** Of similarities from 0 to 1; what is below falls into the first. */
const BINS = 256;
/** Part of the pairs of different items that may be more alike. */
const TAIL = 0.001;
/** A threshold that would be lowered by less than this stays: the estimate of one stream wanders by half as much. */
const LEAST_STEP = 0.03;

export class Likeness {
  #n = 0;
  /** Decayed share of the pairs in each bin. */
  readonly #shares = new Float64Array(BINS);
  #changed = false;

  /** @param similarities of one item to different ones; none where there was nothing to compare it with */
  learn(similarities: Float64Array): void {
    if (similarities.length === 0) return;
    this.#changed = true;
    this.#n += 1;
    const rate = 1 / Math.min(this.#n, SPAN);
    for (let bin = 0; bin < BINS; bin++) this.#shares[bin] = (this.#shares[bin] as number) * (1 - rate);
    for (const similarity of similarities) {
      const bin = Math.min(BINS - 1, Math.max(0, Math.floor(similarity * BINS)));
      this.#shares[bin] = (this.#shares[bin] as number) + rate / similarities.length;
    }
  }

  /**
   * Similarity from which an item is a near-duplicate now: half way from what different items reach to identity, within the policy's anchors; the upper
   * one while nothing is known, where the two cross, and where it would hardly be lowered.
   */
  nearDuplicate({ nearDuplicate, nearDuplicateFloor }: Policy['eligible']): number {
    const different = this.#ofDifferent();
    const lowered = Math.max(nearDuplicateFloor, (1 + (different ?? 1)) / 2);
    return lowered < nearDuplicate - LEAST_STEP ? lowered : nearDuplicate;
  }

  *takeChanges(): Iterable<Change> {
    if (!this.#changed) return;
    this.#changed = false;
    yield { kind: 'likeness', key: 0, value: new Packer().f64(this.#n).f64s(this.#shares).done() };
  }

  restore(value: Uint8Array): void {
    const from = new Unpacker(value);
    this.#n = from.f64();
    this.#shares.set(from.f64s());
  }

  /** The similarity that hardly any pair of different items reaches; null while too little was seen. */
  #ofDifferent(): number | null {
    if (this.#n < ENOUGH) return null;
    let left = TAIL;
    for (let bin = BINS - 1; bin > 0; bin--) {
      const share = this.#shares[bin] as number;
      if (share >= left) return (bin + 1 - left / share) / BINS;
      left -= share;
    }
    return 0;
  }
}
