/** Which of the words may have been meant, or null where none is near. */
export function closest(word: string, candidates: readonly string[]): string | null {
  // sessionTimeout, session-timeout and session_timeout are one word.
  const plain = (text: string): string => text.toLowerCase().replace(/[-_ ]/g, '');
  const most = Math.max(1, Math.floor(plain(word).length / 3));
  const near = candidates.map((candidate) => ({ candidate, away: distance(plain(word), plain(candidate)) })).filter(({ away }) => away <= most);
  return near.sort((a, b) => a.away - b.away)[0]?.candidate ?? null;
}

/** Letters to add, drop, change or swap with their neighbour (Damerau 1964, as optimal string alignment). */
function distance(a: string, b: string): number {
  // Nobody means a word by one many times as long.
  if (Math.abs(a.length - b.length) > b.length) return Infinity;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? Infinity) + 1 : Infinity;
      row.push(Math.min(change, swap, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? Infinity;
}
