/** The fewest pictures that show all classes, nearly: always the one that shows most of what is missing, the first of equals (Johnson 1974). @returns their numbers */
export function greedyCover(classes: readonly (readonly string[])[]): readonly number[] {
  const missing = new Set(classes.flat());
  const taken: number[] = [];
  while (missing.size > 0) {
    let [best, most] = [-1, 0];
    classes.forEach((shown, i) => {
      const gain = [...new Set(shown)].filter((name) => missing.has(name)).length;
      if (gain > most) [best, most] = [i, gain];
    });
    taken.push(best);
    for (const name of classes[best] ?? []) missing.delete(name);
  }
  return taken;
}

/** Tokens that may wait under the budget's contract on a run this short (docs/decisions/budget.md). */
const WAITING = 1;
/** How likely a picture yet to come is thought to be admitted, and what one has to be worth: all are tried, the best counts. */
const CHANCES = [0.2, 0.3, 0.4, 0.5, 0.6];
const LEAST_WORTH = [0.3, 0.5, 0.7, 0.9, 1.1, 1.4, 1.8, 2.2];

/**
 * What one rule covers that decides on arrival under the same budget, but knows how often each class will still come. No rule of a stream can know that, nor be tuned on the very
 * orders it is measured on, as this one is.
 * @param orders of the pictures' numbers. @returns classes covered in each order, by the variant that covers most
 */
export function informedCover(classes: readonly (readonly string[])[], orders: readonly (readonly number[])[], share: number): readonly number[] {
  const variants = CHANCES.flatMap((chance) => LEAST_WORTH.map((least) => orders.map((order) => informed(order.map((i) => new Set(classes[i])), share, chance, least))));
  const total = (covered: readonly number[]): number => covered.reduce((a, b) => a + b, 0);
  return variants.reduce((best, one) => (total(one) > total(best) ? one : best));
}

function informed(shown: readonly ReadonlySet<string>[], share: number, chance: number, least: number): number {
  const left = new Map<string, number>();
  for (const names of shown) for (const name of names) left.set(name, (left.get(name) ?? 0) + 1);
  const covered = new Set<string>();
  let tokens = 1 - share;
  for (const names of shown) {
    tokens += share;
    for (const name of names) left.set(name, (left.get(name) ?? 0) - 1);
    if (tokens < 1 - 1e-9) continue;
    // What would be lost: a class counts as far as none of the pictures to come is likely to show it.
    const worth = [...names].filter((name) => !covered.has(name)).reduce((sum, name) => sum + (1 - chance) ** (left.get(name) ?? 0), 0);
    if (worth < least && tokens + share <= 1 + WAITING + 1e-9) continue;
    for (const name of names) covered.add(name);
    tokens -= 1;
  }
  return covered.size;
}
