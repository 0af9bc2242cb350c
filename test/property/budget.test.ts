/** The budget as a contract: both bounds, on friendly and hostile streams. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bucket } from '../../operators/state/bucket.ts';
import { Budget } from '../../operators/state/budget.ts';
import { Cut } from '../../operators/state/cut.ts';
import { uniform } from '../../operators/state/hash.ts';
import { judge, type Features } from '../../operators/state/policy.ts';
import { DEFAULT_POLICY } from '../../pipelines/config/policy.ts';
import { GOOD } from '../support/streams.ts';

const WINDOW = 2000;

interface Input {
  readonly eligible: boolean;
  readonly score: number;
  readonly rare: boolean;
  /** Classes that one of those to come is expected to show, and this one does not: it is to be passed over for as long as the budget lets it. */
  readonly waits?: boolean;
}

function run(budget: number, inputs: readonly Input[]): { admitted: boolean[]; unspent: number } {
  const book = new Budget(budget, DEFAULT_POLICY.budget.reserve, DEFAULT_POLICY.budget.burst);
  const cut = new Cut();
  const admitted = inputs.map(({ eligible, score, rare, waits = false }) => {
    const allowance = book.next();
    const item: Features = { quality: GOOD, similarity: eligible ? 0.5 : 0.99, nearDuplicate: 0.95, sameBytes: false, share: rare ? 1e-4 : 0.1, evenShare: 0.05, need: null, cover: waits ? { missing: 0, awaited: allowance.chances } : null, decisive: null, answers: [], suspicion: null, oddity: null, guarded: null, taught: 0, trust: 1, draw: score };
    const verdict = judge(DEFAULT_POLICY, 'train', item, cut.at(allowance.rate), allowance);
    expect(verdict.eligible).toBe(eligible);
    const yes = verdict.verdict === 'admit';
    book.settle(verdict.eligible, yes, verdict.fromReserve);
    if (verdict.eligible) cut.learn(verdict.score);
    return yes;
  });
  return { admitted, unspent: book.unspent };
}

/** The most that any choice could spend under the upper bounds: every eligible item for which a token is there. Written apart from the code under test. */
function greedy(budget: number, inputs: readonly Input[]): boolean[] {
  const out: boolean[] = [];
  let tokens = 1 - budget;
  let inWindow = 0;
  inputs.forEach(({ eligible }, i) => {
    tokens = Math.min(DEFAULT_POLICY.budget.burst, tokens + budget);
    if (out[i - WINDOW] === true) inWindow -= 1;
    const yes = eligible && tokens >= 1 - 1e-9 && inWindow + 1 <= (budget + 0.01) * WINDOW + 1e-9;
    if (yes) tokens = Math.max(0, tokens - 1);
    if (yes) inWindow += 1;
    out.push(yes);
  });
  return out;
}

function prefix(bits: readonly boolean[]): number[] {
  const sums = [0];
  for (const bit of bits) sums.push((sums.at(-1) as number) + (bit ? 1 : 0));
  return sums;
}

function expectUpper(budget: number, admitted: readonly boolean[]): void {
  const sums = prefix(admitted);
  sums.forEach((count, n) => {
    expect(count).toBeLessThanOrEqual(Math.max(Math.ceil(budget * n - 1e-9), (budget + 0.01) * n));
    if (n >= WINDOW) expect(count - (sums[n - WINDOW] as number)).toBeLessThanOrEqual((budget + 0.01) * WINDOW + 1e-9);
  });
}

/** Over the run and every window after the first 500 items. @param reachable what could have been spent, as prefix sums */
function expectLower(admitted: readonly boolean[], least: (from: number, to: number) => number): void {
  const sums = prefix(admitted);
  const n = admitted.length;
  expect(sums[n]).toBeGreaterThanOrEqual(least(0, n));
  for (let from = 500; from + WINDOW <= n; from++) expect((sums[from + WINDOW] as number) - (sums[from] as number)).toBeGreaterThanOrEqual(least(from, from + WINDOW));
}

/** Wherever the run ends; less one for the token that is being earned. */
function expectEveryEnd(budget: number, admitted: readonly boolean[]): void {
  prefix(admitted).forEach((count, n) => expect(count).toBeGreaterThanOrEqual((budget - 0.01) * n - 1));
}

/** Design's formula: min((b - 0.01) n, eligible among the n). */
function contract(budget: number, inputs: readonly Input[]): (from: number, to: number) => number {
  const eligible = prefix(inputs.map((input) => input.eligible));
  return (from, to) => Math.min((budget - 0.01) * (to - from) - 1e-9, (eligible[to] as number) - (eligible[from] as number));
}

function stream(seed: number, n: number, make: (u: (name: string) => number, i: number) => Input): Input[] {
  return Array.from({ length: n }, (_, i) => make((name) => uniform(seed, `${name} ${i}`), i));
}

describe.each([0.05, 0.1, 0.25, 0.4, 0.9])('budget %d', (budget) => {
  test.each([1, 0.8, 0.5])('random stream, %d of it eligible: both bounds of the contract', (part) => {
    const inputs = stream(11, 6000, (u) => ({ eligible: u('e') < part, score: 3 * u('s'), rare: u('r') < 0.05 }));
    const { admitted } = run(budget, inputs);
    expectUpper(budget, admitted);
    if (part >= budget + 0.05) expectLower(admitted, contract(budget, inputs));
    if (part === 1) expectEveryEnd(budget, admitted);
  });

  test('class-sorted stream, scores falling class by class', () => {
    const inputs = stream(5, 6000, (u, i) => ({ eligible: true, score: 3 - Math.floor(i / 600) + 0.2 * u('s'), rare: i % 600 < 5 }));
    const { admitted } = run(budget, inputs);
    expectUpper(budget, admitted);
    expectEveryEnd(budget, admitted);
    expectLower(admitted, contract(budget, inputs));
  });

  test('scores that only fall, scores that only rise', () => {
    for (const sign of [-1, 1]) {
      const inputs = stream(6, 5000, (_, i) => ({ eligible: true, score: (sign * i) / 100, rare: false }));
      const { admitted } = run(budget, inputs);
      expectUpper(budget, admitted);
      expectLower(admitted, contract(budget, inputs));
    }
  });

  test('a constant stream: one is admitted, the rest is reported as unspent', () => {
    const inputs = stream(1, 4000, (_, i) => ({ eligible: i === 0, score: 0, rare: false }));
    const { admitted, unspent } = run(budget, inputs);
    expectUpper(budget, admitted);
    expect(admitted.filter(Boolean)).toHaveLength(1);
    expect(unspent).toBe(Math.floor(budget * 4000 - 1 + (1 - budget) + 1e-6));
  });

  test('scarce eligible items are all admitted', () => {
    const inputs = stream(2, 6000, (u) => ({ eligible: u('e') < budget * 0.7, score: 3 * u('s'), rare: false }));
    const { admitted } = run(budget, inputs);
    expectUpper(budget, admitted);
    const missed = inputs.filter((input, i) => i >= 500 && input.eligible && !admitted[i]).length;
    expect(missed).toBeLessThanOrEqual(2);
  });
});

test('a bucket that is taken up again goes on as one that was not stopped, and tokens that were handed over are forgotten with their window', () => {
  const step = (bucket: Bucket, i: number): void => {
    bucket.earn(i < 700 && i % 90 === 7 ? (i % 4) - 1 : 0);
    bucket.settle(bucket.allows && uniform(3, `take ${i}`) < 0.5);
  };
  const whole = new Bucket(0.25, 50);
  const lengths = Array.from({ length: 3000 }, (_, i) => {
    step(whole, i);
    return whole.pack().length;
  });
  for (const stop of [5, 400, 2500, 2800]) {
    const [before, after] = [new Bucket(0.25, 50), new Bucket(0.25, 50)];
    for (let i = 0; i < stop; i++) step(before, i);
    after.restore(before.pack());
    expect([after.tokens, after.pack()]).toEqual([before.tokens, before.pack()]);
    for (let i = stop; i < 3000; i++) step(after, i);
    expect(after.pack()).toEqual(whole.pack());
  }
  // The first is moved before item 7, the last before item 547.
  expect([6, 7, 2546, 2547].map((i) => (lengths[i] ?? 0) > WINDOW + 1000)).toEqual([false, true, true, false]);
});

test('a budget of all passes nothing over that is eligible', () => {
  for (const part of [1, 0.9, 0.3]) {
    const inputs = stream(9, 4000, (u) => ({ eligible: u('e') < part, score: -3 * u('s'), rare: u('r') < 0.05 }));
    expect(run(1, inputs).admitted).toEqual(inputs.map(({ eligible }) => eligible));
  }
});

describe('one token waits for missing classes', () => {
  /** At every end: as far behind as any choice may be, and by one admission while that is less. */
  const expectWaiting = (budget: number, inputs: readonly Input[]): number => {
    const { admitted } = run(budget, inputs);
    expectUpper(budget, admitted);
    const [sums, most] = [prefix(admitted), prefix(greedy(budget, inputs))];
    sums.forEach((count, n) => expect(count).toBeGreaterThanOrEqual((most[n] as number) - Math.max(1, Math.floor(0.01 * n + 1e-9))));
    for (let from = 0; from + WINDOW <= sums.length - 1; from += 7) expect((sums[from + WINDOW] as number) - (sums[from] as number)).toBeGreaterThanOrEqual((most[from + WINDOW] as number) - (most[from] as number) - 0.01 * WINDOW);
    return Math.max(...sums.slice(0, 100).map((count, n) => (most[n] as number) - count));
  };

  test.each([0.05, 0.25, 0.4, 0.9])('budget %d, everything waits for something that never comes', (budget) => {
    const inputs = stream(4, 6000, (u) => ({ eligible: true, score: u('s'), rare: u('r') < 0.05, waits: true }));
    expect(expectWaiting(budget, inputs)).toBe(1);
    expectLower(run(budget, inputs).admitted, contract(budget, inputs));
  });

  test('hostile streams', () => {
    const phase = fc.record({ length: fc.integer({ min: 1, max: 400 }), eligible: fc.constantFrom(0, 0.05, 0.3, 1), waits: fc.constantFrom(0, 0.5, 1) });
    fc.assert(
      fc.property(fc.constantFrom(0.02, 0.25, 0.5), fc.nat(1000), fc.array(phase, { minLength: 2, maxLength: 16 }), (budget, seed, phases) => {
        const inputs = phases.flatMap(({ length, eligible, waits }, p) => stream(seed + p, length, (u) => ({ eligible: u('e') < eligible, score: u('s'), rare: false, waits: u('w') < waits })));
        expectWaiting(budget, inputs);
      }),
      { numRuns: 25 },
    );
  });

  test('nothing waits under a budget of all', () => {
    expect(run(1, stream(4, 50, () => ({ eligible: true, score: 0, rare: false, waits: true }))).admitted).not.toContain(false);
  });
});

test('bursty and adversarial streams: never over, never more than 1 % of a window behind what could be spent', () => {
  const phase = fc.record({ length: fc.integer({ min: 1, max: 700 }), eligible: fc.constantFrom(0, 0.05, 0.2, 0.3, 0.6, 1), level: fc.integer({ min: -5, max: 5 }) });
  fc.assert(
    fc.property(fc.constantFrom(0.02, 0.1, 0.25, 0.5), fc.nat(1000), fc.array(phase, { minLength: 6, maxLength: 22 }), (budget, seed, phases) => {
      const inputs = phases.flatMap(({ length, eligible, level }, p) => stream(seed + p, length, (u) => ({ eligible: u('e') < eligible, score: level + u('s'), rare: u('r') < 0.03 })));
      const { admitted } = run(budget, inputs);
      expectUpper(budget, admitted);
      const most = prefix(greedy(budget, inputs));
      const n = inputs.length;
      const sums = prefix(admitted);
      for (let from = 500; from + WINDOW <= n; from += 13) {
        const spent = (sums[from + WINDOW] as number) - (sums[from] as number);
        expect(spent).toBeGreaterThanOrEqual((most[from + WINDOW] as number) - (most[from] as number) - 0.01 * WINDOW);
      }
    }),
    { numRuns: 60 },
  );
});
