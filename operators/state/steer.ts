/** How choosy to be, from what is at hand and what comes: the same for a budget of shares and one of rates. */

/** Tokens between "choose" and "take every eligible item". */
const BAND = 10;
/** What the reserve holds at most. */
export const RESERVE_CAP = 6;
/** Items over which the share of eligible ones is estimated. */
export const DEMAND_SPAN = 300;

/** The less there is to choose from, the sooner all of it is taken. @param aim share of the items to admit. @param demand share of them that is eligible */
export function bandOf(aim: number, demand: number): number {
  const spare = Math.max(0, demand - aim);
  return 1 + BAND * Math.min(1, spare / 0.1);
}

/** The rate that keeps the tokens at half the band. */
export function rateOf(aim: number, demand: number, spendable: number, band: number): number {
  const pull = (spendable - band / 2) / Math.max(band, 1);
  return Math.min(1, Math.max(0, (aim / Math.max(demand, aim, 1e-6)) * (1 + pull)));
}
