/**
 * The newest label of each item that another may still come for, so that one that comes again is known and a correction takes back what the earlier one counted for;
 * and of each item in the memory, for the second look.
 */
import { Packer, Unpacker } from './codec.ts';

export interface GivenLabel {
  readonly classes: readonly string[];
  /** Those of its classes that count where its objects were looked at, each by itself: the head for whole images has nothing to say of it later. Null where they were not. */
  readonly believed: readonly string[] | null;
  /** The engine's time when it was counted among the admitted; null where it was not. */
  readonly counted: number | null;
  /** Its number among the labels that the head has learned; null where an earlier version did not keep it, or the head does not hold it any more: it is not looked at again. */
  readonly number: number | null;
  /** What was last said of it. */
  readonly suspicion: number;
}

export class Given {
  readonly #bySeq = new Map<number, GivenLabel>();
  readonly #changed = new Set<number>();

  of(seq: number): GivenLabel | null {
    return this.#bySeq.get(seq) ?? null;
  }

  set(seq: number, label: GivenLabel): void {
    this.#bySeq.set(seq, label);
    this.#changed.add(seq);
  }

  /** The head has learned none of them. */
  unnumber(): void {
    for (const [seq, label] of this.#bySeq) this.set(seq, { ...label, number: null });
  }

  forget(seq: number): void {
    if (this.#bySeq.delete(seq)) this.#changed.add(seq);
  }

  /** Forgets the labels of items that no other can come for. */
  sweep(inReach: (seq: number) => boolean): void {
    for (const seq of this.#bySeq.keys()) {
      if (inReach(seq)) continue;
      this.#bySeq.delete(seq);
      this.#changed.add(seq);
    }
  }

  *takeChanges(): Iterable<readonly [number, Uint8Array | null]> {
    for (const seq of this.#changed) {
      const label = this.#bySeq.get(seq);
      yield [seq, label === undefined ? null : packGiven(label)];
    }
    this.#changed.clear();
  }

  restoreRow(seq: number, value: Uint8Array): void {
    const from = new Unpacker(value);
    const classes = from.texts();
    const counted = from.f64() === 1 ? from.f64() : null;
    const [number, suspicion] = from.ended ? [NaN, 0] : [from.f64(), from.f64()];
    this.#bySeq.set(seq, { classes, counted, number: Number.isNaN(number) ? null : number, suspicion, believed: from.ended ? null : from.texts() });
  }
}

function packGiven({ classes, number, suspicion, counted, believed }: GivenLabel): Uint8Array {
  const out = new Packer().texts(classes).f64(...(counted === null ? [0] : [1, counted])).f64(number ?? NaN, suspicion);
  return (believed === null ? out : out.texts(believed)).done();
}
