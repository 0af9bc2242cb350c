/**
 * Tokens that partitions of one budget hand to each other. They are taken out of the giver's budget first and counted since the beginning, by the giver
 * and by the taker: a message that is late or lost only delays them, none is spent twice, and all together never spend more than they earn.
 */
import { Packer, Unpacker } from './codec.ts';
import type { Transfer } from './told.ts';

/** Tokens on their way to one partition at most: what a partition that is gone can take with it. */
const ON_THE_WAY = 16;
/** From this many on the pool takes no further tokens out of the budget: nobody wants them. */
const POOL = 16;

/** Part of the pool that a budget that is to have more takes with each item, beyond its surplus. */
const DRAIN = 0.05;

interface Account {
  given: number;
  /** Of those given, what the other says has arrived. */
  arrived: number;
  taken: number;
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
    const account = this.#accounts.get(partition) ?? { given: 0, arrived: 0, taken: 0 };
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

  /** Hands the pool out. @param wants how much each partition wants, against each other */
  give(wants: ReadonlyMap<number, number>): void {
    const takers = [...wants].filter(([, want]) => want > 0).sort(([a], [b]) => a - b);
    const total = takers.reduce((sum, [, want]) => sum + want, 0);
    const pool = this.#pool;
    let due = 0;
    for (const [partition, want] of takers) {
      // Rounded along the row, so that the parts add up to the whole.
      const before = Math.round(due);
      due += (pool * want) / total;
      const account = this.#of(partition);
      const tokens = Math.min(Math.round(due) - before, ON_THE_WAY - (account.given - account.arrived));
      if (tokens <= 0) continue;
      account.given += tokens;
      this.#pool -= tokens;
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
    for (const [partition, { given, arrived, taken }] of this.#accounts) out.f64(partition, given, arrived, taken);
    return out.done();
  }

  restore(value: Uint8Array): void {
    const from = new Unpacker(value);
    this.#pool = from.f64();
    this.#due = from.f64();
    const count = from.f64();
    for (let i = 0; i < count; i++) this.#accounts.set(from.f64(), { given: from.f64(), arrived: from.f64(), taken: from.f64() });
  }
}
