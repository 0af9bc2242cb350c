import { expect, test } from 'vitest';
import { choicesOf, compare, drawn, examplesOf } from '../../../../pipelines/redecide/compare.ts';
import type { Twice } from '../../../../pipelines/redecide/redecide.ts';
import { decisionAt } from '../../infra/store/decisions.ts';

interface Item {
  readonly label: string;
  readonly cluster: number;
  readonly was: boolean;
  readonly is: boolean;
}

function twice({ label, cluster, was, is }: Item, seq: number): Twice {
  const { embedding: _, origin: __, ...decision } = { ...decisionAt(seq), label, cluster, verdict: was ? 'admit' : 'reject', review: was } as const;
  return { record: { ...decision, suspicionNow: null }, admitted: is, review: false };
}

const ITEMS = [
  { label: 'car', cluster: 1, was: true, is: true },
  { label: 'car', cluster: 1, was: true, is: false },
  { label: 'bus', cluster: 2, was: false, is: true },
  { label: 'bus', cluster: 3, was: false, is: false },
  { label: 'bus', cluster: 1, was: false, is: true },
].map(twice);

test('counts what is in both, in one, of each class, of rare clusters, and for review', () => {
  const found = compare(ITEMS, { ...choicesOf(ITEMS, 0), random: new Set([3]) });
  expect(found).toMatchObject({ decided: 5, both: 1, gained: 2, lost: 1, classesInStream: 2, rareClustersInStream: 1 });
  expect(found.worth).toEqual({
    recorded: { admitted: 2, classes: 1, rareClusters: 1, forReview: 2 },
    replay: { admitted: 3, classes: 2, rareClusters: 1, forReview: 0 },
    random: { admitted: 1, classes: 1, rareClusters: 0, forReview: 0 },
  });
  expect(found.classes).toEqual([
    { class: 'bus', stream: 3, recorded: 0, replay: 2, random: 1 },
    { class: 'car', stream: 2, recorded: 2, replay: 1, random: 0 },
  ]);
});

test('examples are of what one holds and the other does not, those with a picture first, a bounded number', () => {
  const { recorded, replay } = choicesOf(ITEMS, 0);
  const seqs = (of: ReadonlySet<number>, without: ReadonlySet<number>): readonly number[] => examplesOf(ITEMS, of, without, 0, (seq) => seq === 4).map(({ seq }) => seq);
  expect(seqs(replay, recorded)).toEqual([4, 2]);
  expect(seqs(recorded, replay)).toEqual([1]);
  const many = Array.from({ length: 200 }, (_, i) => twice({ label: 'car', cluster: 1, was: false, is: true }, i));
  expect(new Set(examplesOf(many, new Set(many.keys()), new Set(), 0, () => false).map(({ id }) => id)).size).toBe(48);
});

test('a draw is as large as asked for, of different items, the same for a seed and another for another', () => {
  const items = Array.from({ length: 200 }, (_, i) => twice({ label: 'car', cluster: 1, was: false, is: i % 4 === 0 }, i));
  const draw = drawn(items, 1, 'random', 50);
  expect(new Set(draw).size).toBe(50);
  expect(drawn(items, 1, 'random', 50)).toEqual(draw);
  expect(drawn(items, 2, 'random', 50)).not.toEqual(draw);
  expect(choicesOf(items, 1).random.size).toBe(50);
  expect(drawn(items, 1, 'random', 500)).toHaveLength(200);
});
