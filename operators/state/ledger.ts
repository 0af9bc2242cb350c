/**
 * Tokens that partitions of one budget hand to each other. They are taken out of the giver's budget first and counted since the beginning, by the giver
 * and by the taker: a message that is late or lost only delays them, none is spent twice, and all together never spend more than they earn.
 */
import { Packer, Unpacker } from './codec.ts';
import type { Transfer } from '../../schemas/told.ts';

/** Tokens on their way to one partition at most: what a partition that is gone can take with it. */
const ON_THE_WAY = 48;
/** From this many on the pool takes no further tokens out of the budget: nobody wants them. */
const POOL = 48;

/** Part of the pool that a budget that is to have more takes with each item, beyond its surplus. */
const DRAIN = 0.05;

interface Account {
  given: number;
  /** Of those given, what the other says has arrived. */
  arrived: number;
  taken: number;
  /** Tokens, and parts of one, that others were given before it. */
  owed: number;
}

export class Ledger {
  readonly #accounts = new Map<number, Account>();
  /** Whole tokens at hand that are in no budget. */
  #pool = 0;
  /** Part of a token that is due to move. */
  #due = 0;

  get pool(): number {
    return this.#pool;
  }

  #of(partition: number): Account {
    const account = this.#accounts.get(partition) ?? { given: 0, arrived: 0, taken: 0, owed: 0 };
    this.#accounts.set(partition, account);
    return account;
  }

  /** Moves tokens between budget and pool by so much an item. @param surplus tokens the budget is to have beyond what it earns, below 0 to give. @returns whole tokens that go into the budget now */
  move(surplus: number): -1 | 0 | 1 {
    // What lies in the pool for long is nobody's.
    this.#due = Math.max(-1, Math.min(1, this.#due + surplus + (surplus > 0 ? DRAIN * this.#pool : 0)));
    if (this.#due >= 1 && this.#pool >= 1) {
      this.#due -= 1;
      this.#pool -= 1;
      return 1;
    }
    if (this.#due <= -1 && this.#pool < POOL) {
      this.#due += 1;
      this.#pool += 1;
      return -1;
    }
    return 0;
  }

  /** Hands the pool out, token by token to whom most of them is owed: parts of tokens are not lost to rounding. @param wants how much each partition wants, against each other */
  give(wants: ReadonlyMap<number, number>): void {
    const takers = [...wants].filter(([, want]) => want > 0).sort(([a], [b]) => a - b);
    const total = takers.reduce((sum, [, want]) => sum + want, 0);
    while (this.#pool >= 1 && takers.length > 0) {
      let next: Account | null = null;
      for (const [partition, want] of takers) {
        const account = this.#of(partition);
        account.owed = Math.min(ON_THE_WAY, account.owed + want / total);
        if (account.given - account.arrived < ON_THE_WAY && account.owed > (next?.owed ?? -Infinity)) next = account;
      }
      if (next === null) return;
      next.owed -= 1;
      next.given += 1;
      this.#pool -= 1;
    }
  }

  /** What another partition says of its transfers with us. Older news than what is known changes nothing. */
  hear(partition: number, { given, taken }: Transfer): void {
    const account = this.#of(partition);
    account.arrived = Math.max(account.arrived, Math.min(taken, account.given));
    if (given <= account.taken) return;
    this.#pool += given - account.taken;
    account.taken = given;
  }

  transfers(): readonly Transfer[] {
    return [...this.#accounts].map(([partition, { given, taken }]) => ({ partition, given, taken })).sort((a, b) => a.partition - b.partition);
  }

  pack(): Uint8Array {
    const out = new Packer().f64(this.#pool, this.#due, this.#accounts.size);
    for (const [partition, { given, arrived, taken, owed }] of this.#accounts) out.f64(partition, given, arrived, taken, owed);
    return out.done();
  }

  restore(value: Uint8Array): void {
    const from = new Unpacker(value);
    this.#pool = from.f64();
    this.#due = from.f64();
    const count = from.f64();
    for (let i = 0; i < count; i++) this.#accounts.set(from.f64(), { given: from.f64(), arrived: from.f64(), taken: from.f64(), owed: from.f64() });
  }
}
