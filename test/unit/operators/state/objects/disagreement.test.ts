/** Predictions as the engine meets them: what they change of findings, and of the verdict. */
import { expect, test } from 'vitest';
import type { Embedded } from '../../../../../operators/items.ts';
import type { Box, Prediction } from '../../../../../schemas/sample.ts';
import { decideAll, facts } from '../../../../support/embedded-host.ts';
import { embeddingOf, GOOD, settings } from '../../../../support/streams.ts';

const [OVERLOOKED, MISLOCATED, SWAPPED, EMPTY] = [100, 101, 102, 103];
const BOXES: readonly Box[] = [{ class: 'car', bbox: [10, 10, 100, 100] }, { class: 'dog', bbox: [300, 200, 80, 80] }];
const FITTING: readonly Prediction[] = BOXES.map((box) => ({ ...box, score: 0.99 }));

function predictedFor(seq: number): readonly Prediction[] {
  if (seq === OVERLOOKED || seq === EMPTY) return [...FITTING, { class: 'cat', bbox: [200, 20, 50, 50], score: 0.97 }];
  if (seq === MISLOCATED) return [{ class: 'car', bbox: [80, 10, 100, 100], score: 0.8 }];
  return seq === SWAPPED ? [{ class: 'wolf', bbox: [300, 200, 80, 80], score: 0.97 }] : FITTING;
}

function item(seq: number, predicted: readonly Prediction[] | null): Embedded {
  const label = seq === EMPTY ? [] : BOXES;
  const objects = label.map(({ class: name, bbox }, index) => ({ index, class: name, bbox, embedding: embeddingOf(3, 2 * seq + index, { kind: 50 + index, jitter: 0.2 }) }));
  const sample = { id: `scene-${seq}`, uri: `/nowhere/${seq}`, stream: 'default', time: null, label, origin: null, ...(predicted === null ? {} : { predicted }) };
  return { seq, sample, quality: GOOD, digest: String(seq), small: new Uint8Array([1]), embedding: embeddingOf(2, seq, { kind: seq % 5, jitter: 3 }), objects };
}

const SEQS = Array.from({ length: 120 }, (_, seq) => seq);
const WITH = settings({ objects: true, budget: 0.9 });

test('what is overlooked, badly located or swapped is told, and its image is for review; what fits changes nothing', async () => {
  const { decisions } = await decideAll(WITH, SEQS.map((seq) => item(seq, predictedFor(seq))));
  expect(decisions[OVERLOOKED]).toMatchObject({ review: true, suspicion: expect.closeTo(1, 3) as number });
  expect(decisions[OVERLOOKED]?.objects.slice(2)).toEqual([{ index: null, class: 'cat', bbox: [200, 20, 50, 50], cluster: null, share: null, suspicion: expect.closeTo(1, 3) as number, suggested: null, faults: ['overlooked'] }]);
  expect(decisions[MISLOCATED]).toMatchObject({ review: true, objects: [{ faults: ['mislocated'] }, { faults: [] }] });
  expect(decisions[SWAPPED]).toMatchObject({ review: true, objects: [{ suggested: 'car' }, { suggested: 'wolf', suspicion: 1, faults: [] }] });
  // Nobody labelled anything there: all three are without a box.
  expect(decisions[EMPTY]).toMatchObject({ review: true, suspicion: 1 });
  expect(decisions[EMPTY]?.objects.map(({ index, class: name }) => [index, name])).toEqual([[null, 'car'], [null, 'dog'], [null, 'cat']]);
  const odd: readonly number[] = [OVERLOOKED, MISLOCATED, SWAPPED, EMPTY];
  expect(decisions.filter(({ review }) => review).map(({ seq }) => seq).filter((seq) => seq >= 16)).toEqual(odd);
});

test('a validation set takes none of them', async () => {
  const { decisions } = await decideAll({ ...WITH, purpose: 'validation' }, SEQS.map((seq) => item(seq, predictedFor(seq))));
  for (const seq of [OVERLOOKED, MISLOCATED, SWAPPED, EMPTY]) expect(decisions[seq]).toMatchObject({ verdict: 'reject', reasons: [{ code: expect.stringMatching(/suspicious_label|duplicate/) as string }, ...(decisions[seq]?.reasons.slice(1) ?? [])] });
});

test('predictions that fit, and none at all, come to the same', async () => {
  const fitting = SEQS.map((seq) => item(seq, FITTING)).filter(({ seq }) => seq !== EMPTY);
  const without = SEQS.map((seq) => item(seq, null)).filter(({ seq }) => seq !== EMPTY);
  expect(facts(await decideAll(WITH, fitting))).toEqual(facts(await decideAll(WITH, without)));
});

test('where labels are not shown, nor are predictions', async () => {
  const { decisions } = await decideAll({ ...WITH, reveal: { when: 'never' } }, SEQS.map((seq) => item(seq, predictedFor(seq))));
  expect(decisions.every(({ objects, review }) => objects.length === 0 && !review)).toBe(true);
});
