/** A budget per time as a contract: over any stretch of time no more than the rate and one burst, whatever the times do. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Clock } from '../../operators/state/clock.ts';
import type { Embedded } from '../../operators/items.ts';
import { uniform } from '../../operators/state/hash.ts';
import { RateBudget } from '../../operators/state/rate-budget.ts';
import { Member } from '../support/fleet.ts';
import { items, settings } from '../support/streams.ts';

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const RATE = { items: 60, seconds: 3600 };
const BURST = 50;

interface Step {
  /** Milliseconds that the stream goes on. */
  readonly step: number;
  /** Milliseconds by which the item comes late. */
  readonly late: number;
  readonly eligible: boolean;
}

/** Takes every eligible item it may. @returns the clock at each item and whether it was admitted */
function spend(steps: readonly Step[], rate = RATE): { at: number; admitted: boolean }[] {
  const budget = new RateBudget(rate, 0.1, BURST);
  const clock = new Clock({ items: 1000, seconds: 24 * 3600 }, true);
  let time = START;
  return steps.map(({ step, late, eligible }) => {
    time += step;
    clock.tick(time - late, 'camera');
    const { tokens } = budget.next(clock.time);
    const admitted = eligible && tokens >= 1 - 1e-9;
    budget.settle(eligible, admitted, false);
    return { at: clock.now, admitted };
  });
}

function expectBound(run: readonly { readonly at: number; readonly admitted: boolean }[], most: (milliseconds: number) => number): void {
  const taken = run.filter(({ admitted }) => admitted).map(({ at }) => at);
  taken.forEach((from, i) => {
    for (let j = i; j < taken.length; j += 1 + Math.floor((j - i) / 8)) expect(j - i + 1).toBeLessThanOrEqual(most((taken[j] as number) - from) + 1e-6);
  });
}

test('never more than the rate over any stretch plus the burst: late, out of order, in bursts, after pauses', () => {
  const step = fc.record({ step: fc.constantFrom(0, 1, 500, 20_000, 60_000, 2 * HOUR, 30 * HOUR), late: fc.constantFrom(0, 0, 1000, HOUR, 40 * HOUR), eligible: fc.boolean() });
  const phase = fc.tuple(step, fc.integer({ min: 1, max: 150 })).map(([one, count]) => Array.from({ length: count }, () => one));
  fc.assert(
    fc.property(fc.array(phase, { minLength: 1, maxLength: 12 }), (phases) => {
      const run = spend(phases.flat());
      // A clock whose start was wrong is turned back once: what it admitted before has no time among the others.
      const turned = run.findLastIndex(({ at }, i) => at < (run[i - 1]?.at ?? -Infinity));
      expectBound(run.slice(Math.max(0, turned)), (milliseconds) => BURST + (RATE.items * milliseconds) / HOUR);
    }),
    { numRuns: 40 },
  );
});

test('where enough comes, the rate is spent; what nobody could use is told', () => {
  const rich = spend(Array.from({ length: 4000 }, () => ({ step: 15_000, late: 0, eligible: true })));
  expect(rich.filter(({ admitted }) => admitted).length).toBeGreaterThanOrEqual(Math.floor((60 * 4000 * 15) / 3600) - 1);
  const budget = new RateBudget(RATE, 0.1, BURST);
  for (let hour = 0; hour <= 10; hour++) {
    budget.next(START + hour * HOUR);
    budget.settle(false, false, false);
  }
  expect(budget.unspent).toBe(601);
});

test('without times nothing is earned', () => {
  const budget = new RateBudget(RATE, 0.1, BURST);
  let admitted = 0;
  for (let i = 0; i < 500; i++) {
    const yes = budget.next(null).tokens >= 1;
    admitted += yes ? 1 : 0;
    budget.settle(true, yes, false);
  }
  expect(admitted).toBe(1);
});

describe('in the engine', () => {
  const spec = (i: number) => ({ kind: i % 300, jitter: 0.5, time: START + i * 10_000, stream: `camera ${i % 2}` });
  const base = { budget: { items: 30, seconds: 3600 }, reveal: { when: 'never' } } as const;
  const made = items(3, Array.from({ length: 3600 }, (_, i) => spec(i))) as Embedded[];
  const hours = 10;

  test('the rate is held and nearly all of it chosen among', () => {
    const member = new Member(settings(base));
    const admitted = made.filter((item) => member.decide(item)).length;
    expect(admitted).toBeLessThanOrEqual(30 * hours + 1);
    expect(admitted).toBeGreaterThanOrEqual(30 * hours - 15);
    expect(member.judgements.filter(({ reasons: [first] }) => first?.code === 'below_cut').length).toBeGreaterThan(made.length / 2);
  });

  test('per stream each has the rate', () => {
    const member = new Member(settings({ ...base, per: 'stream' }));
    const taken = made.filter((item) => member.decide(item));
    for (const stream of ['camera 0', 'camera 1']) {
      const own = taken.filter(({ sample }) => sample.stream === stream).length;
      expect(own).toBeLessThanOrEqual(30 * hours + 1);
      expect(own).toBeGreaterThanOrEqual(30 * hours - 15);
    }
  });

  test('among partitions it is divided by their arrivals; one that is silent gets none for long', () => {
    const members = [0, 1, 2].map((partition) => new Member(settings({ ...base, fleet: { partition, partitions: 4 } })));
    const by = [0, 0, 0];
    const taken: { at: number; admitted: boolean }[] = [];
    made.forEach((item, i) => {
      const u = uniform(5, `partition ${i}`);
      const partition = u < 0.6 ? 0 : u < 0.9 ? 1 : 2;
      const admitted = (members[partition] as Member).decide(item);
      by[partition] = (by[partition] ?? 0) + (admitted ? 1 : 0);
      taken.push({ at: item.sample.time ?? 0, admitted });
      if (i % 40 !== 39) return;
      const told = members.flatMap((member) => member.tell());
      for (const member of members) member.hear(told);
    });
    const all = by.reduce((sum, count) => sum + count, 0);
    expect(all).toBeGreaterThan(0.85 * 30 * hours);
    expectBound(taken, (milliseconds) => BURST + 3 + (1.02 * 30 * milliseconds) / HOUR);
    expect((by[0] ?? 0) / all).toBeCloseTo(0.6, 1);
    expect((by[2] ?? 0) / all).toBeCloseTo(0.1, 1);
  });
});

test('a bucket as small as one token is spent as well, whatever is kept in reserve', () => {
  for (const [burst, reserve, part] of [[1, 0.1, 1], [1.1, 0.1, 1], [2, 0.6, 1], [6, 1, 1], [50, 0.1, 0.01]] as const) {
    const budget = new RateBudget(RATE, reserve, burst);
    let admitted = 0;
    const minutes = 2000;
    for (let i = 0; i <= minutes * 4; i++) {
      const { spendable, band } = budget.next(START + i * 15_000, part);
      const yes = spendable >= band;
      budget.settle(true, yes, false);
      admitted += yes ? 1 : 0;
    }
    expect(admitted, `burst ${burst}, reserve ${reserve}, part ${part}`).toBeGreaterThanOrEqual(minutes * part - Math.max(1, burst * part) - 6);
  }
});
