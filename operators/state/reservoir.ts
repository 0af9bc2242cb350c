/**
 * Which rejected items keep a thumbnail: a uniform sample of all there were, of bounded size. Each has a rank by a hash of seed and id, and the lowest ranks stay (Cohen, Kaplan:
 * Summarizing data using bottom-k sketches, 2007): so it is the same whatever the batches, and needs no state but who is in it.
 */
import { hash32 } from './hash.ts';

/** Kept by default: 30 MB or so. */
export const REJECTED_THUMBNAILS = 10_000;

export interface Rejected {
  readonly seq: number;
  readonly id: string;
}

interface Ranked {
  readonly seq: number;
  readonly rank: number;
}

export class Reservoir {
  readonly #most: number;
  readonly #seed: number;
  /** By rank, the lowest first. */
  #held: Ranked[] = [];
  #overfull: number[];

  /** @param most items at most. @param held those that had a thumbnail so far; what is beyond the bound leaves with the next ones */
  constructor(most: number, seed: number, held: Iterable<Rejected> = []) {
    this.#most = most;
    this.#seed = seed;
    const all = Array.from(held, (item) => this.#ranked(item)).sort(byRank);
    this.#held = all.slice(0, most);
    this.#overfull = all.slice(most).map(({ seq }) => seq);
  }

  /** Further items were rejected. @returns those of them that are in it now, and the seqs of earlier ones that are no longer */
  take(items: readonly Rejected[]): { readonly taken: ReadonlySet<number>; readonly left: readonly number[] } {
    const worst = this.#held.length < this.#most ? null : (this.#held.at(-1) ?? null);
    // Hardly any passes, once many were seen.
    const fresh = items.map((item) => this.#ranked(item)).filter((item) => worst === null || byRank(item, worst) < 0);
    const overfull = this.#overfull;
    this.#overfull = [];
    if (fresh.length === 0 || this.#most === 0) return { taken: new Set(), left: overfull };
    const all = [...this.#held, ...fresh].sort(byRank);
    const now = new Set(fresh.map(({ seq }) => seq));
    this.#held = all.slice(0, this.#most);
    for (const { seq } of all.slice(this.#most)) if (!now.delete(seq)) overfull.push(seq);
    return { taken: now, left: overfull };
  }

  /** These have lost their thumbnails: others may take their places. */
  leave(seqs: readonly number[]): void {
    const gone = new Set(seqs);
    this.#held = this.#held.filter(({ seq }) => !gone.has(seq));
    this.#overfull = this.#overfull.filter((seq) => !gone.has(seq));
  }

  #ranked({ seq, id }: Rejected): Ranked {
    return { seq, rank: hash32(this.#seed, `thumbnail ${id}`) };
  }
}

function byRank(a: Ranked, b: Ranked): number {
  return a.rank - b.rank || a.seq - b.seq;
}
