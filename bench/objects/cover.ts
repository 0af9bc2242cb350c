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
