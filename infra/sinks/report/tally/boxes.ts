/** Boxes of labels that look wrong: the classes most likely wrong, at most so many of them, and of each fault the first so many. */
import type { BoxFault, ObjectFinding } from '../../../../schemas/decision.ts';
import { BOX_FAULTS } from '../../../../schemas/reasons.ts';
import type { StoredDecision } from '../../../store/types.ts';
import type { Member } from './clusters.ts';
import { Ranked } from './ranked.ts';

export interface DoubtfulBox extends Member {
  readonly object: ObjectFinding;
  readonly review: boolean;
  /** Of the picture in pixels. */
  readonly size: { readonly width: number; readonly height: number };
}

export interface FaultyBoxes {
  count: number;
  /** The first ones. */
  readonly first: DoubtfulBox[];
}

export class Boxes {
  readonly #ranked: Ranked<DoubtfulBox>;
  readonly #mostOfAFault: number;
  /** Objects whose crop was looked at. */
  looked = 0;
  /** Those of them that are marked for review. */
  review = 0;
  readonly faults: ReadonlyMap<BoxFault, FaultyBoxes>;

  constructor(most: number, mostOfAFault: number) {
    this.#ranked = new Ranked(most);
    this.#mostOfAFault = mostOfAFault;
    this.faults = new Map((Object.keys(BOX_FAULTS) as BoxFault[]).map((fault) => [fault, { count: 0, first: [] }]));
  }

  add(decision: StoredDecision): void {
    const { seq, id, verdict, quality: size } = decision;
    if (size === null) return;
    for (const object of decision.objects) {
      const review = isForReview(object, decision);
      const made = (): DoubtfulBox => ({ seq, id, admitted: verdict === 'admit', object, review, size });
      if (object.suspicion !== null) {
        this.looked++;
        if (review) this.review++;
        this.#ranked.offer(object.suspicion, made);
      }
      for (const fault of object.faults) this.#found(fault, made);
    }
  }

  #found(fault: BoxFault, made: () => DoubtfulBox): void {
    const entry = this.faults.get(fault);
    if (entry === undefined) return;
    entry.count++;
    if (entry.first.length < this.#mostOfAFault) entry.first.push(made());
  }

  /** Whether there is anything to tell. */
  get any(): boolean {
    return this.looked > 0 || [...this.faults.values()].some(({ count }) => count > 0);
  }

  /** The most suspicious first. */
  list(): readonly DoubtfulBox[] {
    return this.#ranked.list();
  }

  /** All that are told of one by one. */
  *shown(): Iterable<DoubtfulBox> {
    yield* this.list();
    for (const { first } of this.faults.values()) yield* first;
  }
}

/** Whether its class is not believed. The bar is the one that the verdict was given with. */
export function isForReview({ suspicion }: ObjectFinding, { reasons }: StoredDecision): boolean {
  const bar = reasons.find(({ code }) => code === 'suspicion')?.threshold;
  return suspicion !== null && bar !== undefined && suspicion >= bar;
}
