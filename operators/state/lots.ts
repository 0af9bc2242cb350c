/**
 * Lots: what the items of a cluster draw, one after the other. Independent draws leave to chance how much of a small kind is taken. Here each sixteen in a row
 * have one lot in each sixteenth of (0, 1), in an order shuffled anew, so that who comes every second time, or every twentieth, as cameras in turn do, has no part
 * of the lots to itself; and the lots of one sixteenth follow each other by the golden ratio, which fills it evenly.
 */
import { hash32, unit } from './hash.ts';

export interface Lots {
  /** Where the row begins, 32 bits; other rows have other lots. */
  readonly begin: number;
  /** Lots drawn. */
  readonly drawn: number;
}

const STRATA = 16;
/** 2^32 over the golden ratio: no other step fills the circle of 32-bit numbers as evenly. */
const GOLDEN = 0x9e3779b9;

/** The next lot, uniform in (0, 1). Of n drawn r · n are below r but for a few, while the count of independent draws strays by the root of r · n. */
export function nextLot({ begin, drawn }: Lots): number {
  const block = Math.floor(drawn / STRATA);
  const stratum = shuffled(hash32(begin, `block ${block}`))[drawn % STRATA] as number;
  const within = (hash32(begin, `stratum ${stratum}`) + Math.imul(block, GOLDEN)) >>> 0;
  return (stratum + unit(within)) / STRATA;
}

/** 0 to STRATA - 1 in the order that the bits give (Fisher and Yates, with the steps of Marsaglia's xorshift32). */
function shuffled(bits: number): Uint8Array {
  const order = Uint8Array.from({ length: STRATA }, (_, i) => i);
  let state = bits === 0 ? GOLDEN : bits;
  for (let i = STRATA - 1; i > 0; i--) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const j = (state >>> 0) % (i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
