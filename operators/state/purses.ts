/**
 * What is spent and on which score: a budget with its cut. One for all streams that an engine sees, or one for each stream; beyond `MOST` streams the
 * further ones share the last, so that names without end do not fill the memory.
 */
import type { Change } from '../../schemas/decision.ts';
import { Budget, type Allowance } from './budget.ts';
import { Packer, Unpacker } from './codec.ts';
import { Cut } from './cut.ts';
import { RateBudget, type Rate } from './rate-budget.ts';

const MOST = 1000;
/** Key of the purse of all streams; those of single streams come behind it, so that neither takes up what the other had before a change. */
const FLEET = 0;
/** Kinds of the changelog records that are kept here. */
export const PURSES: ReadonlySet<string> = new Set(['budget', 'rate', 'cut', 'purse']);

export interface PurseSettings {
  /** Admitted share of decided items, 0..1, or items per time. */
  readonly budget: number | Rate;
  readonly reserve: number;
  readonly burst: number;
}

/** What a purse may draw on, beyond what it earns by itself. */
export interface Supply {
  /** The clock, milliseconds; null where there are no times. */
  readonly now: number | null;
  /** Part of a rate that is ours. */
  readonly part: number;
  /** Share that is to be admitted; left out: the budget's. */
  readonly aim?: number;
  /** Whole tokens from other engines, below 0 to them. */
  readonly moved: number;
  /** Items of the run that count for this engine, where it is more than its own. */
  readonly run?: number;
}

export class Purse {
  readonly cut = new Cut();
  readonly #budget: Budget | RateBudget;

  constructor({ budget, reserve, burst }: PurseSettings) {
    this.#budget = typeof budget === 'number' ? new Budget(budget, reserve, burst) : new RateBudget(budget, reserve, burst);
  }

  get demand(): number {
    return this.#budget.demand;
  }

  get tokens(): number {
    return this.#budget.tokens;
  }

  get unspent(): number {
    return this.#budget.unspent;
  }

  next({ now, part, aim, moved, run }: Supply): Allowance {
    return this.#budget instanceof Budget ? this.#budget.next(aim, moved, run) : this.#budget.next(now, part);
  }

  settle(eligible: boolean, admitted: boolean, fromReserve: boolean, score: number): void {
    this.#budget.settle(eligible, admitted, fromReserve);
    if (eligible) this.cut.learn(score);
  }

  pack(key: number): readonly Change[] {
    return [
      { kind: this.#kind, key, value: this.#budget.pack() },
      { kind: 'cut', key, value: this.cut.pack() },
    ];
  }

  /** A budget of the other sort, from before the settings were changed, says nothing. */
  restore({ kind, value }: Change): void {
    if (value === null) return;
    if (kind === this.#kind) this.#budget.restore(value);
    else if (kind === 'cut') this.cut.restore(value);
  }

  get #kind(): string {
    return this.#budget instanceof Budget ? 'budget' : 'rate';
  }
}

export class Purses {
  readonly #settings: PurseSettings;
  readonly #per: 'fleet' | 'stream';
  readonly #purses: Purse[] = [];
  readonly #keys = new Map<string, number>();
  readonly #changed = new Set<number>();
  #named: Change[] = [];

  constructor(settings: PurseSettings, per: 'fleet' | 'stream') {
    this.#settings = settings;
    this.#per = per;
    if (per === 'fleet') this.#at(FLEET);
  }

  get unspent(): number {
    const inForce = this.#per === 'fleet' ? this.#purses.slice(FLEET, FLEET + 1) : this.#purses.slice(FLEET + 1);
    return inForce.reduce((sum, { unspent }) => sum + unspent, 0);
  }

  /** The purse of a stream, which is about to be used. */
  of(stream: string): Purse {
    const key = this.#per === 'fleet' ? FLEET : this.#keyOf(stream);
    this.#changed.add(key);
    return this.#at(key);
  }

  #keyOf(stream: string): number {
    const known = this.#keys.get(stream);
    if (known !== undefined) return known;
    const key = FLEET + 1 + this.#keys.size;
    if (key === MOST) return key;
    this.#keys.set(stream, key);
    this.#named.push({ kind: 'purse', key, value: new Packer().text(stream).done() });
    return key;
  }

  #at(key: number): Purse {
    return (this.#purses[key] ??= new Purse(this.#settings));
  }

  takeChanges(): readonly Change[] {
    const changes = [...this.#named, ...[...this.#changed].flatMap((key) => this.#at(key).pack(key))];
    this.#named = [];
    this.#changed.clear();
    return changes;
  }

  /** @param change of the kinds of PURSES, in order of key */
  restore(change: Change): void {
    if (change.kind !== 'purse') return this.#at(change.key).restore(change);
    if (change.value !== null) this.#keys.set(new Unpacker(change.value).text(), change.key);
  }
}
