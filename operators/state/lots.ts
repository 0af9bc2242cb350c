/**
 * Lots: what the items of a cluster draw, one after the other. Independent draws leave to chance how much of a small kind is taken. Here each four in a row have
 * one lot in each quarter of (0, 1), four in a row of one quarter have one in each quarter of it, and so once more. The order is shuffled anew each time, so that who comes
 * every second time, or every twentieth, as cameras in turn do, has no part of the lots to itself. (Van der Corput's sequence, scrambled as by Owen 1995.)
 */
import { hash32, uniform } from './hash.ts';

export interface Lots {
  /** Where the row begins, 32 bits; other rows have other lots. */
  readonly begin: number;
  /** Lots drawn. */
  readonly drawn: number;
}

const LEVELS = 3;

/** The next lot, uniform in (0, 1). Of n drawn in a row r · n are below r but for a few, while the count of independent draws strays by the root of r · n. */
export function nextLot({ begin, drawn }: Lots): number {
  let [lot, width, turn, path] = [0, 1, drawn, ''];
  for (let level = 0; level < LEVELS; level++) {
    const round = Math.floor(turn / 4);
    const quarter = shuffled(hash32(begin, `${path}:${round}`), turn % 4);
    width /= 4;
    lot += width * quarter;
    path += String(quarter);
    turn = round;
  }
  return lot + width * uniform(begin, `${path} ${drawn}`);
}

/** Which of 0 to 3 stands at a place, in one of their 24 orders. */
function shuffled(bits: number, place: number): number {
  const left = [0, 1, 2, 3];
  let rest = bits % 24;
  for (let i = 0; ; i++) {
    const [next = 0] = left.splice(rest % left.length, 1);
    if (i === place) return next;
    rest = Math.floor(rest / (left.length + 1));
  }
}
