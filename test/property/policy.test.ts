/** Each reason's value and threshold, put back into the policy function, give the same verdict. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Reason } from '../../schemas/decision.ts';
import { REASONS } from '../../schemas/reasons.ts';
import type { Allowance } from '../../operators/state/budget.ts';
import { judge, type Features, type Judgement, type Policy } from '../../operators/state/policy.ts';
import { DEFAULT_POLICY } from '../../pipelines/config/policy.ts';
import { GOOD } from '../support/streams.ts';

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const features: fc.Arbitrary<Features> = fc.record({
  quality: fc.record({ brightness: unit, contrast: fc.double({ min: 0, max: 0.5, noNaN: true }), sharpness: fc.double({ min: 0, max: 20, noNaN: true }), width: fc.constant(9), height: fc.constant(9) }),
  similarity: fc.option(fc.double({ min: -1, max: 1, noNaN: true })),
  nearDuplicate: fc.double({ min: 0.8, max: 0.95, noNaN: true }),
  sameBytes: fc.nat(9).map((n) => n === 0),
  share: fc.double({ min: 1e-6, max: 1, noNaN: true }),
  evenShare: fc.double({ min: 1e-3, max: 1, noNaN: true }),
  need: fc.option(fc.double({ min: -2, max: 3, noNaN: true })),
  suspicion: fc.option(unit),
  guarded: fc.option(fc.double({ min: -1, max: 1, noNaN: true })),
  taught: fc.nat(200),
  oddity: fc.option(fc.double({ min: -4, max: 4, noNaN: true })),
  decisive: fc.constant(null),
  cover: fc.option(fc.record({ missing: fc.nat(3), awaited: fc.double({ min: 0, max: 3, noNaN: true }) })),
  answers: fc.array(fc.record({ name: fc.constantFrom('a', 'b'), value: unit, threshold: unit, weight: fc.option(fc.double({ min: 0, max: 10, noNaN: true })) }), { maxLength: 2 }),
  trust: fc.double({ min: 0, max: 12, noNaN: true }),
  draw: fc.double({ min: -2, max: 5, noNaN: true }),
});
const usable = features.map((item) => ({ ...item, quality: GOOD, sameBytes: false, similarity: Math.min(item.similarity ?? 0, 0.79), answers: item.answers.filter(({ weight }) => weight !== null) }));
const allowance: fc.Arbitrary<Allowance> = fc
  .record({ tokens: fc.double({ min: 0, max: 30, noNaN: true }), held: unit, band: fc.double({ min: 1, max: 11, noNaN: true }), rate: unit })
  .map(({ tokens, held, band, rate }) => ({ tokens, reserve: Math.min(tokens, 6) * held, spendable: tokens - Math.min(tokens, 6) * held, band, rate, chances: 0 }));
const cut = fc.double({ min: -30, max: 10, noNaN: true });
const purpose = fc.constantFrom('train' as const, 'validation' as const);
const item = fc.oneof(features, usable);

describe('what a verdict says of itself', () => {
  test('the reasons alone, put back, give the same verdict', () => {
    fc.assert(
      fc.property(item, cut, allowance, purpose, (it, c, a, p) => {
        const first = judge(DEFAULT_POLICY, p, it, c, a);
        expect(replayed(first.reasons, p).verdict).toBe(first.verdict);
        expect(replayed(first.reasons, p).reasons[0]?.code).toBe(first.reasons[0]?.code);
      }),
      { numRuns: 3000 },
    );
  });

  test('every code is in the table with the verdict it leads to', () => {
    fc.assert(
      fc.property(item, cut, allowance, purpose, (it, c, a, p) => {
        const { verdict, reasons } = judge(DEFAULT_POLICY, p, it, c, a);
        const known = new Map<string, { verdict: string | null }>(Object.entries(REASONS));
        const table = (code = ''): string => code.replace(/:.*/, '');
        expect(known.get(table(reasons[0]?.code))?.verdict).toBe(verdict);
        for (const { code, value, threshold } of reasons) {
          expect(known.has(table(code))).toBe(true);
          expect(Number.isFinite(value) && Number.isFinite(threshold)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('moving the decisive value over its threshold changes the verdict of what is ineligible', () => {
    const dark = judge(DEFAULT_POLICY, 'train', { ...plain, quality: { ...GOOD, brightness: 0.039 } }, -99, rich);
    expect(dark.reasons[0]).toEqual({ code: 'too_dark', value: 0.039, threshold: DEFAULT_POLICY.eligible.dark });
    expect(judge(DEFAULT_POLICY, 'train', { ...plain, quality: { ...GOOD, brightness: 0.041 } }, -99, rich).verdict).toBe('admit');
    const twin = judge(DEFAULT_POLICY, 'train', { ...plain, similarity: 0.951 }, -99, rich);
    expect(twin.reasons[0]?.code).toBe('near_duplicate');
    expect(judge(DEFAULT_POLICY, 'train', { ...plain, similarity: 0.949 }, -99, rich).verdict).toBe('admit');
  });

  test('a suspicious label: to review in a train set, out of a validation set, and its class makes no need', () => {
    const suspect = { ...plain, suspicion: 0.9, need: 3 };
    const train = judge(DEFAULT_POLICY, 'train', suspect, 0, rich);
    expect(train.review).toBe(true);
    expect(train.eligible).toBe(true);
    expect(train.score).toBeLessThan(judge(DEFAULT_POLICY, 'train', { ...suspect, suspicion: 0.1 }, 0, rich).score);
    expect(judge(DEFAULT_POLICY, 'train', { ...suspect, need: 0 }, 0, rich).score).toBe(train.score);
    expect(judge(DEFAULT_POLICY, 'validation', suspect, -99, rich).reasons[0]?.code).toBe('suspicious_label');
  });

  test('a label too doubtful for a validation set need not be one for review', () => {
    const doubtful = { ...plain, suspicion: 0.3 };
    expect(judge(DEFAULT_POLICY, 'train', doubtful, -99, rich)).toMatchObject({ verdict: 'admit', review: false });
    expect(judge(DEFAULT_POLICY, 'validation', doubtful, -99, rich)).toMatchObject({ verdict: 'reject', review: false, reasons: [{ code: 'suspicious_label', threshold: 0.15 }, {}, {}, {}, {}] });
    const strict = { ...DEFAULT_POLICY, audit: { ...DEFAULT_POLICY.audit, review: 0.1 } };
    expect(judge(strict, 'validation', { ...plain, suspicion: 0.12 }, -99, rich).reasons[0]).toEqual({ code: 'suspicious_label', value: 0.12, threshold: 0.1 });
  });

  test('without trust an item is neither preferred for being new nor for a rare cluster; a short class still is', () => {
    const score = (part: Partial<Features>): number => judge(DEFAULT_POLICY, 'train', { ...plain, trust: 0, ...part }, 99, rich).score;
    expect(score({ similarity: -0.5, share: 0.001 })).toBe(score({}));
    expect(score({ need: 1 })).toBeGreaterThan(score({ need: 0 }));
    expect(score({ trust: 8, similarity: -0.5 })).toBeGreaterThan(score({ trust: 8 }));
    const poor: Allowance = { tokens: 3, reserve: 2.5, spendable: 0.5, band: 9, rate: 0.2, chances: 0 };
    expect(judge(DEFAULT_POLICY, 'train', { ...plain, share: 0.001, trust: 0 }, 99, poor).verdict).toBe('reject');
  });

  test('a rare cluster counts for nothing where class need says what is rare: where a label is shown, believed, and of a class', () => {
    const pull = (part: Partial<Features>): number => {
      const score = (share: number): number => judge(DEFAULT_POLICY, 'train', { ...plain, trust: 2, ...part, share }, 99, rich).score;
      return score(0.01) - score(0.1);
    };
    expect(pull({ suspicion: 0.1, need: 0 })).toBeCloseTo(0, 9);
    expect(pull({ suspicion: null, need: 1 })).toBeCloseTo(pull({}), 9);
    expect(pull({ suspicion: 0.9, need: 1 })).toBeCloseTo(pull({}), 9);
    expect(pull({ suspicion: 0.1, need: null })).toBeCloseTo(pull({}), 9);
  });

  test('what is odd for its label counts less where likeness is trusted, but not in a validation set, and what fits well not more', () => {
    const score = (part: Partial<Features>, p: 'train' | 'validation' = 'train'): number => judge(DEFAULT_POLICY, p, { ...plain, trust: 8, ...part }, 99, rich).score;
    expect(score({ oddity: 1 })).toBeLessThan(score({ oddity: 0 }));
    expect(score({ oddity: 9 })).toBe(score({ oddity: 2 }));
    expect(score({ oddity: -3 })).toBe(score({ oddity: null }));
    expect(score({ oddity: 1, trust: 0 })).toBe(score({ trust: 0 }));
    expect(score({ oddity: 1 }, 'validation')).toBe(score({}, 'validation'));
  });

  test('a small picture is not blurred for being enlarged', () => {
    const blurred = (side: number): string | undefined => judge(DEFAULT_POLICY, 'train', { ...plain, quality: { ...GOOD, sharpness: 1, width: side, height: side } }, -99, rich).reasons[0]?.code;
    expect(blurred(112)).toBe('blurred');
    expect(blurred(32)).not.toBe('blurred');
  });

  test('rare clusters and short classes draw on the reserve, others do not', () => {
    const poor: Allowance = { tokens: 3, reserve: 2.5, spendable: 0.5, band: 9, rate: 0.2, chances: 0 };
    expect(judge(DEFAULT_POLICY, 'train', plain, 99, poor).verdict).toBe('reject');
    expect(judge(DEFAULT_POLICY, 'train', { ...plain, share: 0.001 }, 99, poor).reasons[0]?.code).toBe('reserve');
    expect(judge(DEFAULT_POLICY, 'train', { ...plain, need: 2 }, 99, poor).reasons[0]?.code).toBe('reserve');
  });

  test('missing classes: as many as may be awaited take any token, fewer leave the last one to others', () => {
    const last: Allowance = { tokens: 1, reserve: 0.5, spendable: 0.5, band: 9, rate: 0.2, chances: 4 };
    const first = (missing: number, a = last, policy = DEFAULT_POLICY): Reason | undefined => judge(policy, 'train', { ...plain, cover: { missing, awaited: 1.5 } }, -99, a).reasons[0];
    expect(first(2)).toEqual({ code: 'class_cover', value: 2, threshold: 1.5 });
    expect(first(1)).toEqual({ code: 'cover_awaited', value: 1, threshold: 1.5 });
    expect(first(0, { ...last, spendable: 1, band: 1 })).toEqual({ code: 'cover_awaited', value: 0, threshold: 1.5 });
    expect(first(1, { ...last, tokens: 2, spendable: 1.5 })?.code).toBe('above_cut');
    expect(first(2, { ...last, tokens: 0.5 })?.code).toBe('no_budget');
    const blind = { ...DEFAULT_POLICY, weights: { ...DEFAULT_POLICY.weights, cover: 0 } };
    expect([first(2, last, blind)?.code, first(0, rich, blind)?.code]).toEqual(['no_budget', 'above_cut']);
    const score = (missing: number): Judgement => judge(DEFAULT_POLICY, 'train', { ...plain, cover: { missing, awaited: 0 } }, 0, last);
    expect(score(1).score - score(0).score).toBeCloseTo(8 * Math.LN2, 9);
    expect(score(1).lasting).toBe(score(0).score);
  });

  test('the object that shows a missing class is named', () => {
    const decisive = { short: 0, missing: 3, rarest: null, evenShare: 0.1 };
    expect(judge(DEFAULT_POLICY, 'train', { ...plain, decisive, cover: { missing: 1, awaited: 0 } }, 99, rich).reasons[0]).toEqual({ code: 'class_cover', value: 1, threshold: 0, object: 3 });
  });
});

const plain: Features = { quality: GOOD, similarity: 0.5, nearDuplicate: 0.95, sameBytes: false, guarded: null, taught: 500, oddity: null, share: 0.1, evenShare: 0.1, need: null, cover: null, decisive: null, answers: [], suspicion: null, trust: 1, draw: 0 };
const rich: Allowance = { tokens: 20, reserve: 2, spendable: 18, band: 30, rate: 0.5, chances: 0 };

/** Judges an item of which nothing is known but the reasons. */
function replayed(reasons: readonly Reason[], p: 'train' | 'validation'): Judgement {
  const of = (code: string): Reason | undefined => reasons.find((reason) => reason.code === code);
  const first = reasons[0] as Reason;
  const quality = { ...GOOD };
  const eligible = { ...DEFAULT_POLICY.eligible };
  let sameBytes = false;
  let similarity: number | null = 1 - (of('novelty')?.value ?? 1);
  let nearDuplicate = 1 - (of('novelty')?.threshold ?? 0);
  const allowed = { tokens: 50, reserve: 0, spendable: 50, band: 1e9, rate: 0, chances: 0 };
  let replayedCut = Infinity;
  if (first.code === 'exact_duplicate') [sameBytes, similarity] = [true, first.value];
  else if (first.code === 'near_duplicate') [similarity, nearDuplicate] = [first.value, first.threshold];
  else if (first.code === 'guarded') nearDuplicate = first.threshold;
  else if (first.code === 'too_dark') [quality.brightness, eligible.dark] = [first.value, first.threshold];
  else if (first.code === 'too_bright') [quality.brightness, eligible.bright] = [first.value, first.threshold];
  else if (first.code === 'low_contrast') [quality.contrast, eligible.contrast] = [first.value, first.threshold];
  else if (first.code === 'blurred') [quality.sharpness, eligible.sharpness] = [first.value, first.threshold];
  else if (first.code === 'no_budget') [allowed.tokens, allowed.spendable, replayedCut] = [first.value, first.value, -Infinity];
  else if (first.code === 'reserve') allowed.reserve = first.value;
  else if (first.code === 'cover_awaited') allowed.tokens = 1;
  else if (first.code === 'budget_to_spend') [allowed.spendable, allowed.band] = [first.value, first.threshold];
  // Its threshold is the one in force, with the part that trust has in it.
  const rare = of('cluster_share') as Reason;
  const need = of('class_need');
  const suspicion = of('suspicion');
  const policy: Policy = {
    ...DEFAULT_POLICY,
    eligible,
    weights: { novelty: 0, share: 0, need: 0, cover: 1, suspicion: 0, oddity: 0, noise: 1 },
    priority: { rareShare: rare.threshold, shortNeed: need?.threshold ?? DEFAULT_POLICY.priority.shortNeed },
    audit: { review: suspicion?.threshold ?? DEFAULT_POLICY.audit.review, validation: first.code === 'suspicious_label' ? first.threshold : DEFAULT_POLICY.audit.validation, taught: first.code === 'unaudited' ? first.threshold : 0 },
  };
  // The score is what the draw makes it: the reason names the whole score.
  const [kind, name = ''] = first.code.split(':');
  const unwanted = kind === 'unwanted';
  const covered = first.code === 'class_cover' || first.code === 'cover_awaited';
  const scored = first.code === 'above_cut' || first.code === 'below_cut';
  const it: Features = { quality, similarity, nearDuplicate, sameBytes, guarded: first.code === 'guarded' ? first.value : null, taught: first.code === 'unaudited' ? first.value : 0, share: rare.value, evenShare: 1, need: need?.value ?? null, cover: covered ? { missing: first.value, awaited: first.threshold } : null, decisive: null, answers: unwanted ? [{ name, value: first.value, threshold: first.threshold, weight: null }] : [], suspicion: suspicion?.value ?? null, oddity: of('oddity')?.value ?? null, trust: 1, draw: scored ? first.value : 0 };
  return judge(policy, p, it, scored ? first.threshold : replayedCut, first.code === 'below_cut' ? { ...allowed, spendable: 50 } : allowed);
}
