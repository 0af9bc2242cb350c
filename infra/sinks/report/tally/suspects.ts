/** The labels most likely wrong, at most so many of them, the likeliest first. */
import type { StoredDecision } from '../../../store/types.ts';
import { labelText } from './labels.ts';
import { Ranked } from './ranked.ts';

export interface Suspect {
  readonly seq: number;
  readonly id: string;
  readonly stream: string;
  readonly label: string;
  readonly admitted: boolean;
  readonly review: boolean;
  readonly suspicion: number;
  readonly nearest: { readonly id: string; readonly similarity: number } | null;
}

export class Suspects {
  readonly #ranked: Ranked<Suspect>;
  /** How many items are marked for review. */
  review = 0;
  /** How many items have a suspicion at all. */
  judged = 0;

  constructor(most: number) {
    this.#ranked = new Ranked(most);
  }

  add(decision: StoredDecision): void {
    if (decision.review) this.review++;
    const suspicion = decision.suspicionNow;
    if (suspicion === null) return;
    this.judged++;
    const { seq, id, stream, verdict, review, nearest } = decision;
    this.#ranked.offer(suspicion, () => ({ seq, id, stream, label: labelText(decision.label) ?? '', admitted: verdict === 'admit', review, suspicion, nearest }));
  }

  list(): readonly Suspect[] {
    return this.#ranked.list();
  }
}
