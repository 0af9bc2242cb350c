/** How well suspicion ranks wrong labels first. */
export interface Scored {
  readonly suspicion: number;
  readonly wrong: boolean;
}

/** Area under the ROC curve by ranks, ties shared. */
export function auroc(scored: readonly Scored[]): number {
  const sorted = scored.toSorted((a, b) => a.suspicion - b.suspicion);
  let sum = 0;
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    while (to < sorted.length && sorted[to]?.suspicion === sorted[from]?.suspicion) to += 1;
    sum += sorted.slice(from, to).filter(({ wrong }) => wrong).length * ((from + to + 1) / 2);
    from = to;
  }
  const wrong = scored.filter((item) => item.wrong).length;
  return (sum - (wrong * (wrong + 1)) / 2) / (wrong * (scored.length - wrong));
}

/** Mean of the precision at each wrong label, the most suspicious first. */
export function averagePrecision(scored: readonly Scored[]): number {
  let hits = 0;
  let sum = 0;
  scored.toSorted((a, b) => b.suspicion - a.suspicion).forEach(({ wrong }, k) => {
    if (wrong) sum += ++hits / (k + 1);
  });
  return sum / hits;
}
