import { describe, expect, test } from 'vitest';
import { Likeness } from '../../../../operators/state/likeness.ts';
import { Variety } from '../../../../operators/state/variety.ts';
import { DEFAULT_POLICY } from '../../../../pipelines/config/policy.ts';
import { decideAll, facts } from '../../../support/embedded-host.ts';
import { prng } from '../../../support/images.ts';
import { embeddingOf, items, settings } from '../../../support/streams.ts';

const { eligible } = DEFAULT_POLICY;

/** Items of which each is compared with 32; the likest of all pairs is just below `most`. */
function fed(most: number, n = 3000, likeness = new Likeness()): Likeness {
  const random = prng(7);
  for (let i = 0; i < n; i++) likeness.learn(Float64Array.from({ length: 32 }, () => most * random() ** 0.25));
  return likeness;
}

describe('where a near-duplicate begins', () => {
  test('is the upper anchor until enough was compared', () => {
    expect(new Likeness().nearDuplicate(eligible)).toBe(0.95);
    expect(fed(0.7, 199).nearDuplicate(eligible)).toBe(0.95);
    expect(fed(0.7, 200).nearDuplicate(eligible)).toBeCloseTo(0.85, 2);
  });

  test('is half way from what different items reach to identity', () => {
    expect(fed(0.64).nearDuplicate(eligible)).toBeCloseTo(0.82, 2);
    expect(fed(0.8).nearDuplicate(eligible)).toBeCloseTo(0.9, 2);
  });

  test('one pair in a hundred thousand moves it little, one in a hundred does', () => {
    const likeness = fed(0.64);
    likeness.learn(Float64Array.of(...Array<number>(31).fill(0.1), 0.99));
    expect(likeness.nearDuplicate(eligible)).toBeCloseTo(0.82, 2);
    for (let i = 0; i < 1000; i++) likeness.learn(Float64Array.from({ length: 32 }, (_, k) => (k === 0 && i % 3 === 0 ? 0.8 : 0.1)));
    expect(likeness.nearDuplicate(eligible)).toBeCloseTo(0.9, 2);
  });

  test('is left alone where it would hardly be lowered', () => {
    expect(fed(0.87).nearDuplicate(eligible)).toBe(0.95);
  });

  test('never leaves the anchors', () => {
    expect(fed(0.3).nearDuplicate(eligible)).toBe(0.8);
    expect(fed(-0.3).nearDuplicate(eligible)).toBe(0.8);
    expect(fed(0.97).nearDuplicate(eligible)).toBe(0.95);
    expect(fed(1).nearDuplicate(eligible)).toBe(0.95);
    expect(fed(0.3).nearDuplicate({ ...eligible, nearDuplicateFloor: 0.95 })).toBe(0.95);
    expect(fed(0.3).nearDuplicate({ ...eligible, nearDuplicate: 0.7 })).toBe(0.7);
  });

  test('follows the stream when it turns to pictures that are more alike, and back', () => {
    const turned = fed(0.8, 10_000, fed(0.64));
    expect(turned.nearDuplicate(eligible)).toBeCloseTo(0.9, 2);
    expect(fed(0.64, 25_000, turned).nearDuplicate(eligible)).toBeCloseTo(0.82, 2);
  });

  test('restored is what it was, bit for bit, and goes on so', () => {
    const [whole, restored] = [fed(0.7, 700), new Likeness()];
    const [change] = whole.takeChanges();
    restored.restore(change?.value ?? new Uint8Array());
    expect([...whole.takeChanges()]).toEqual([]);
    expect(restored.nearDuplicate(eligible)).toBe(whole.nearDuplicate(eligible));
    expect(fed(0.8, 300, restored).nearDuplicate(eligible)).toBe(fed(0.8, 300, whole).nearDuplicate(eligible));
  });
});

test('the similarities that variety gives are those of the item to what it holds', () => {
  const variety = new Variety(16);
  const direction = embeddingOf(1, 0, { kind: 0, jitter: 0 });
  const given = Array.from({ length: 40 }, () => variety.learn(direction));
  expect(given.map(({ length }) => length)).toEqual(Array.from({ length: 40 }, (_, i) => (i < 16 ? 0 : Math.min(i, 32))));
  for (const similarity of given.flatMap((each) => [...each])) expect(similarity).toBeCloseTo(1, 6);
  const opposite = variety.learn(direction.map((value) => -value));
  expect(opposite.every((similarity) => Math.abs(similarity + 1) < 1e-6)).toBe(true);
});

describe('in the engine', () => {
  const made = (kindOf: (i: number) => number, jitter: number) => items(5, Array.from({ length: 900 }, (_, i) => ({ kind: kindOf(i), jitter, label: null })));
  const thresholds = async (stream: ReturnType<typeof made>, nearDuplicateFloor = 0.8) => {
    const policy = { ...DEFAULT_POLICY, eligible: { ...eligible, nearDuplicateFloor } };
    const { decisions } = await decideAll(settings({ reveal: { when: 'never' }, policy }), stream);
    return decisions.map(({ reasons }) => {
      const [first, novelty] = [reasons[0], reasons.find(({ code }) => code === 'novelty')];
      if (first?.code === 'near_duplicate' || first?.code === 'exact_duplicate') expect(first.threshold).toBeCloseTo(1 - (novelty?.threshold ?? NaN), 12);
      return { code: first?.code, value: first?.value ?? NaN, from: 1 - (novelty?.threshold ?? NaN) };
    });
  };

  test('a stream of different pictures lowers the threshold, and the one in force stands in the reasons', async () => {
    const all = await thresholds(made((i) => i, 0.001));
    expect(all.slice(0, 200).every(({ from }) => Math.abs(from - 0.95) < 1e-12)).toBe(true);
    expect(all.at(-1)?.from).toBeLessThan(0.92);
    expect(all.filter(({ code, value, from }) => code === 'near_duplicate' && value < from)).toEqual([]);
  });

  test('what a lowered threshold bars still counts as different: a stream that turns to one kind of scene gets the upper anchor back', async () => {
    const specs = Array.from({ length: 2000 }, (_, i) => (i < 600 ? { kind: i, jitter: 0.001 } : { kind: 0, jitter: 0.25 }));
    const all = await thresholds(items(5, specs));
    const turned = all.slice(600, 900).filter(({ code }) => code === 'near_duplicate').length;
    expect(turned).toBeGreaterThan(100);
    expect(all.at(-1)?.from).toBeCloseTo(0.95, 12);
  });

  test('a run that is stopped and resumed goes on with the threshold it had, whatever the batch', async () => {
    const [stream, options] = [made((i) => i, 0.001), settings({ reveal: { when: 'never' } })];
    const store = await decideAll(options, stream.slice(0, 450), { batch: 50 });
    expect(facts(await decideAll(options, stream, { batch: 7, store }))).toEqual(facts(await decideAll(options, stream)));
  });

  test('a still camera keeps the upper anchor', async () => {
    const all = await thresholds(made(() => 0, 0.05));
    expect(all.every(({ from }) => Math.abs(from - 0.95) < 1e-12)).toBe(true);
  });

  test('both anchors at one value switch it off', async () => {
    const all = await thresholds(made((i) => i, 0.001), 0.95);
    expect(all.every(({ from }) => Math.abs(from - 0.95) < 1e-12)).toBe(true);
  });
});
