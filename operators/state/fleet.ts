/**
 * One engine among the partitions of a budget: how the others stand, as far as is known, and what of the budget that makes ours.
 * Knows nothing of others: the budget is what it is without them.
 */
import { allot, type View } from './allot.ts';
import { SLACK } from './bucket.ts';
import { decay } from './clock.ts';
import { Packer, Unpacker } from './codec.ts';
import { Ledger } from './ledger.ts';
import type { Standing } from '../../schemas/told.ts';

export interface FleetSettings {
  readonly partition: number;
  /** Partitions in all. */
  readonly partitions: number;
}

/** Our items over which it is forgotten how many another decided meanwhile. */
const HALF_LIFE = 500;

/**
 * Tokens that each is given beyond what all earn: as many lie in its budget, in its pool and on the way. While the run is short they are fewer, so that all
 * together stay within the contract.
 */
const ADVANCE = 5;

/** With more tokens than this an engine has nothing to spend them on: they go to others before the bucket runs over. */
const PLENTY = 20;

interface Other {
  /** The newest heard. */
  standing: Standing;
  /** Decayed count of its items, and of ours in the same time; ours up to our item `at`. */
  theirs: number;
  ours: number;
  at: number;
}

/** What is known of this engine itself. */
export type Own = Pick<Standing, 'decided' | 'eligible' | 'quantiles'>;

export class Fleet {
  readonly ledger = new Ledger();
  readonly #partition: number;
  readonly #share: number;
  readonly #others = new Map<number, Other>();
  #aim: number;
  #advance = 0;
  #wants: ReadonlyMap<number, number> = new Map();

  /** @param share of all partitions together */
  constructor(partition: number, share: number) {
    this.#partition = partition;
    this.#share = share;
    this.#aim = share;
  }

  /** Share of its own items that this engine is to admit. */
  get aim(): number {
    return this.#aim;
  }

  /** Partitions heard of. */
  get heard(): number {
    return this.#others.size;
  }

  /** @param decided ours. @param tokens in our budget. @returns whole tokens that go into the budget before the next item, below 0 out of it */
  move(decided: number, tokens: number): number {
    if (this.#others.size === 0) return 0;
    const moved = this.ledger.move(tokens > PLENTY ? -1 : this.#aim - this.#share);
    if (this.#advance === ADVANCE || this.#advance + 1 > SLACK * this.run(decided)) return moved;
    this.#advance += 1;
    return moved + 1;
  }

  /** Items that all decided, as far as is known, for each partition heard of. @param decided ours */
  run(decided: number): number {
    let all = decided;
    for (const { standing } of this.#others.values()) all += standing.decided;
    return all / (1 + this.#others.size);
  }

  /** Takes in how another partition stands. What comes late, after newer news, changes nothing. */
  hear(partition: number, standing: Standing, decided: number): void {
    const known = this.#others.get(partition);
    if (known !== undefined && standing.decided < known.standing.decided) return;
    const other = known ?? { standing, theirs: 0, ours: 0, at: 0 };
    const fade = decay(decided - other.at, HALF_LIFE);
    other.theirs = other.theirs * fade + standing.decided - (known?.standing.decided ?? 0);
    other.ours = other.ours * fade + decided - other.at;
    other.at = decided;
    other.standing = standing;
    this.#others.set(partition, other);
    const transfer = standing.transfers.find((entry) => entry.partition === this.#partition);
    if (transfer !== undefined) this.ledger.hear(partition, transfer);
  }

  /** Shares the budget out anew. */
  allot(own: Own): void {
    const others = this.#views(own.decided);
    if (others.length === 0) {
      this.#aim = this.#share;
      this.#wants = new Map();
      return;
    }
    const [aim = this.#share, ...shares] = allot([{ weight: 1, ...own }, ...others], this.#share);
    this.#aim = aim;
    this.#wants = new Map(others.map(({ partition, weight }, i) => [partition, weight * ((shares[i] ?? 0) - this.#share)]));
  }

  #views(decided: number): readonly (View & { readonly partition: number })[] {
    return [...this.#others].map(([partition, { standing, theirs, ours, at }]) => {
      // Who has been silent for long decides nothing any more, as far as we can tell.
      const fade = decay(decided - at, HALF_LIFE);
      const weight = (theirs * fade) / Math.max(1, ours * fade + decided - at);
      return { partition, weight, eligible: standing.eligible, quantiles: standing.quantiles };
    }).sort((a, b) => a.partition - b.partition);
  }

  /** Hands on what others need more, as far as it is at hand. @param tokens in our budget */
  give(tokens: number): void {
    if (this.#aim <= this.#share || tokens > PLENTY) this.ledger.give(this.#wants);
  }

  /** Arrivals per second of the others, faded since they were told. */
  rates(now: number, halfLife: number): readonly number[] {
    return [...this.#others.values()].map(({ standing: { rate, time } }) => (time === null ? 0 : rate * decay(now - time, halfLife)));
  }

  pack(): Uint8Array {
    const out = new Packer().blob(this.ledger.pack()).f64(this.#aim, this.#advance, this.#wants.size, this.#others.size);
    for (const [partition, want] of this.#wants) out.f64(partition, want);
    for (const [partition, { standing, theirs, ours, at }] of this.#others) {
      const { time, decided, rate, eligible, quantiles } = standing;
      out.f64(partition, theirs, ours, at, time ?? NaN, decided, rate, eligible).f32s(quantiles);
    }
    return out.done();
  }

  restore(value: Uint8Array): void {
    const from = new Unpacker(value);
    this.ledger.restore(from.blob());
    this.#aim = from.f64();
    this.#advance = from.f64();
    const [wants, others] = [from.f64(), from.f64()];
    this.#wants = new Map(Array.from({ length: wants }, () => [from.f64(), from.f64()]));
    for (let i = 0; i < others; i++) {
      const [partition, theirs, ours, at, time] = [from.f64(), from.f64(), from.f64(), from.f64(), from.f64()];
      const standing = { time: Number.isNaN(time) ? null : time, decided: from.f64(), rate: from.f64(), eligible: from.f64(), quantiles: from.f32s(), transfers: [], variety: null };
      this.#others.set(partition, { standing, theirs, ours, at });
    }
  }
}
