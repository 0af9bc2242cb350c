/** The labels most likely wrong, at most so many of them, the likeliest first. */
import type { StoredDecision } from '../../../store/types.ts';
import { labelText } from './labels.ts';

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
  readonly #most: number;
  readonly #list: Suspect[] = [];
  /** How many items are marked for review. */
  review = 0;
  /** How many items have a suspicion at all. */
  judged = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(decision: StoredDecision): void {
    if (decision.review) this.review++;
    const suspicion = decision.suspicionNow;
    if (suspicion === null) return;
    this.judged++;
    const last = this.#list.at(-1);
    if (this.#list.length === this.#most && last !== undefined && suspicion <= last.suspicion) return;
    const { seq, id, stream, verdict, review, nearest } = decision;
    // Ids come in order of seq: behind its equals is where a new one belongs.
    const at = this.#list.findIndex((s) => s.suspicion < suspicion);
    const label = labelText(decision.label) ?? '';
    this.#list.splice(at < 0 ? this.#list.length : at, 0, { seq, id, stream, label, admitted: verdict === 'admit', review, suspicion, nearest });
    if (this.#list.length > this.#most) this.#list.pop();
  }

  list(): readonly Suspect[] {
    return this.#list;
  }
}
