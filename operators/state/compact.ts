/**
 * Keeps the memory under its bound. Beyond it, items of the densest clusters whose nearest neighbour in the cluster is closest leave first: what they
 * stood for is still remembered by that neighbour. Every cluster keeps at least 8 exemplars, and the last member of a class never leaves.
 */
import type { Memory } from './memory.ts';

const EXEMPLARS = 8;
/** The memory is brought down to this part of its bound, so that compaction is rare. */
const KEEP = 0.9;
/** Rows of one cluster compared with each other at most, the oldest first: bounds the time at about 2 million comparisons a cluster. */
const MOST_COMPARED = 2048;

/** Rows to drop. @param weightOf decayed weight of a cluster: dense ones give first */
export function rowsToDrop(memory: Memory, max: number, weightOf: (cluster: number) => number): ReadonlySet<number> {
  const drop = new Set<number>();
  const surplus = memory.count - Math.floor(max * KEEP);
  if (memory.count <= max) return drop;
  const members = new Map<number, number[]>();
  const ofClass = new Map<string, number>();
  memory.items.forEach((item, row) => {
    const rows = members.get(item.cluster);
    if (rows === undefined) members.set(item.cluster, [row]);
    else rows.push(row);
    for (const name of item.classes) ofClass.set(name, (ofClass.get(name) ?? 0) + 1);
  });
  const dense = [...members].map(([cluster, rows]) => ({ cluster, rows, weight: weightOf(cluster) }));
  dense.sort((a, b) => b.weight - a.weight || a.cluster - b.cluster);
  for (const { rows } of dense) {
    let spare = rows.length - EXEMPLARS;
    for (const row of redundantFirst(memory, rows)) {
      if (drop.size >= surplus || spare <= 0) break;
      const classes = memory.items[row]?.classes ?? [];
      if (classes.some((name) => ofClass.get(name) === 1)) continue;
      for (const name of classes) ofClass.set(name, (ofClass.get(name) ?? 0) - 1);
      drop.add(row);
      spare -= 1;
    }
  }
  return drop;
}

/** Rows of one cluster, the most redundant first: each with the similarity to its nearest earlier row, so that of a close pair the later one leaves. */
function redundantFirst(memory: Memory, rows: readonly number[]): readonly number[] {
  const compared = rows.slice(0, MOST_COMPARED);
  const scored = compared.map((row, i) => {
    let nearest = -Infinity;
    for (let j = 0; j < i; j++) nearest = Math.max(nearest, memory.between(row, compared[j] as number));
    return { row, nearest };
  });
  return scored.sort((a, b) => b.nearest - a.nearest || a.row - b.row).map(({ row }) => row);
}
