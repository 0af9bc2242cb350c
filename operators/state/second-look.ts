/**
 * A second look at labels already learned. A label that came when the head knew little was believed too easily, or too little: each time the head is solved
 * anew, some of the items in the memory are held against it again, in order of seq, round and round. Each is scored as if its own label had not been learned.
 * Where labels come only for admitted items, or with more than 64 classes, the memory can grow faster than the round goes: some are then never looked at again.
 */
import { suspicionOf } from './audit.ts';
import { Packer, Unpacker } from './codec.ts';
import type { Given, GivenLabel } from './given.ts';
import type { Head } from './head.ts';
import type { Memory } from './memory.ts';

/** One look for each label that is new in the solution, up to so many, and one for each four beyond: 0.02 ms each at 256 numbers. */
const FEW = 16;
/** Items passed at most for each look, where few have labels. */
const PASSED_A_LOOK = 16;
/** By how much it must have moved from what was said last, so that what lies on the edge is not said again and again. */
const MOVED = 0.1;

export interface ChangedSides {
  readonly seq: number;
  /** As it was given, with the suspicion it had. */
  readonly label: GivenLabel;
  readonly suspicion: number;
}

export class SecondLook {
  readonly #reviewFrom: (seq: number) => number;
  /** Seq of the item passed last. */
  #at = -1;
  /** Labels in the solution of the head that was asked last. */
  #solved = 0;
  #changed = false;

  /** @param reviewFrom suspicion from which the label of an item is for review */
  constructor(reviewFrom: (seq: number) => number) {
    this.#reviewFrom = reviewFrom;
  }

  /** To be called after each label, before the next. @returns what is to be said again: suspicions that are now on the other side of what is for review */
  look(head: Head, memory: Memory, given: Given): readonly ChangedSides[] {
    if (head.solved === this.#solved) return [];
    const fresh = head.solved - this.#solved;
    const looks = Math.min(fresh, FEW + Math.floor(fresh / 4));
    this.#solved = head.solved;
    this.#changed = true;
    const looked = this.#next(looks, memory, given);
    const scores = head.scoresWithout(looked.map(({ seq, label, number }) => ({ classes: label.classes, number, x: memory.embedding(seq) as Float32Array })));
    return looked
      .map(({ seq, label }, i) => ({ seq, label, suspicion: suspicionOf(scores[i] ?? null, head.classes, label.classes) }))
      .filter(({ seq, label, suspicion }) => {
        const from = this.#reviewFrom(seq);
        // Of an item in the memory a label that does not count was said to be for review.
        const said = label.counted === null;
        // What was said is no longer so of the same number: the bar has been set elsewhere since.
        const barMoved = label.suspicion >= from !== said;
        return suspicion >= from !== said && (barMoved || Math.abs(suspicion - label.suspicion) >= MOVED);
      });
  }

  #next(looks: number, memory: Memory, given: Given): readonly { readonly seq: number; readonly label: GivenLabel; readonly number: number }[] {
    const found: { seq: number; label: GivenLabel; number: number }[] = [];
    let passed = 0;
    for (const { seq } of memory.behind(this.#at)) {
      if (found.length === looks || passed === looks * PASSED_A_LOOK) break;
      passed += 1;
      this.#at = seq;
      const label = given.of(seq);
      const number = label?.number ?? null;
      if (label !== null && number !== null && label.believed === null) found.push({ seq, label, number });
    }
    return found;
  }

  /** What the head holds by now is no ground for a look. */
  begin(head: Head): void {
    this.#solved = head.solved;
    this.#changed = true;
  }

  takeChanges(): readonly (readonly [number, Uint8Array])[] {
    if (!this.#changed) return [];
    this.#changed = false;
    return [[0, new Packer().f64(this.#at, this.#solved).done()]];
  }

  restoreRow(value: Uint8Array): void {
    const from = new Unpacker(value);
    this.#at = from.f64();
    this.#solved = from.f64();
  }
}
