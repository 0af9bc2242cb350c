/** How one budget is divided, and tokens that change hands. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allot } from '../../../../operators/state/allot.ts';
import { Fleet } from '../../../../operators/state/fleet.ts';
import { Ledger } from '../../../../operators/state/ledger.ts';
import type { Standing } from '../../../../schemas/told.ts';

const ramp = (from: number, to: number): Float32Array => Float32Array.from({ length: 33 }, (_, i) => from + ((to - from) * i) / 32);

describe('allot', () => {
  const view = fc.record({ weight: fc.double({ min: 0.01, max: 50, noNaN: true }), eligible: fc.double({ min: 0, max: 1, noNaN: true }), from: fc.integer({ min: -20, max: 20 }), width: fc.integer({ min: 0, max: 10 }) });

  test('all together admit the budget, or all that is eligible', () => {
    fc.assert(
      fc.property(fc.array(view, { minLength: 1, maxLength: 6 }), fc.double({ min: 0.01, max: 1, noNaN: true }), (made, budget) => {
        const views = made.map(({ weight, eligible, from, width }) => ({ weight, eligible, quantiles: ramp(from, from + width) }));
        const shares = allot(views, budget);
        const total = (of: (i: number) => number): number => views.reduce((sum, { weight }, i) => sum + weight * of(i), 0);
        expect(total((i) => shares[i] as number)).toBeCloseTo(Math.min(total(() => budget), total((i) => views[i]?.eligible as number)), 4);
        shares.forEach((share, i) => expect(share).toBeLessThanOrEqual((views[i]?.eligible as number) + 1e-6));
      }),
      { numRuns: 300 },
    );
  });

  test('whose scores are higher admits more; nobody goes dark', () => {
    const [low = 0, high = 0] = allot([{ weight: 1, eligible: 1, quantiles: ramp(0, 1) }, { weight: 1, eligible: 1, quantiles: ramp(5, 6) }], 0.25);
    expect(low).toBeCloseTo(0.025, 6);
    expect(high).toBeCloseTo(0.475, 6);
  });

  test('of whom hardly anything is known is worth seeing', () => {
    const [known = 0, unknown = 0] = allot([{ weight: 10, eligible: 1, quantiles: ramp(0, 1) }, { weight: 1, eligible: 1, quantiles: new Float32Array() }], 0.25);
    expect(unknown).toBe(1);
    expect(known).toBeCloseTo((0.25 * 11 - 1) / 10, 6);
  });

  test('before anything is known each has the budget', () => {
    expect(allot([{ weight: 1, eligible: 1, quantiles: new Float32Array() }, { weight: 3, eligible: 1, quantiles: new Float32Array() }], 0.25)).toEqual([0.25, 0.25]);
  });
});

describe('the ledger', () => {
  const step = fc.record({ from: fc.nat(2), to: fc.nat(2), surplus: fc.double({ min: -0.9, max: 0.9, noNaN: true }), lost: fc.boolean() });

  test('no token is spent twice, and none that was told of for good is lost', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const ledgers = [0, 1, 2].map(() => new Ledger());
        let out = 0;
        const tell = (from: number, to: number): void => {
          const news = ledgers[from]?.transfers().find(({ partition }) => partition === to);
          if (news !== undefined) ledgers[to]?.hear(from, news);
        };
        for (const { from, to, surplus, lost } of steps) {
          out += ledgers[from]?.move(surplus) ?? 0;
          if (from === to) continue;
          ledgers[from]?.give(new Map([[to, 1]]));
          if (!lost) tell(from, to);
          expect(out).toBeLessThanOrEqual(0);
        }
        for (const from of [0, 1, 2]) for (const to of [0, 1, 2]) if (from !== to) tell(from, to);
        expect(out + ledgers.reduce((sum, { pool }) => sum + pool, 0)).toBe(0);
      }),
    );
  });

  test('who wants little gets its part, too: parts of tokens are not lost to rounding', () => {
    const ledger = new Ledger();
    const other = new Map([1, 2].map((partition) => [partition, new Ledger()]));
    for (let i = 0; i < 1000; i++) {
      ledger.move(-0.2);
      ledger.give(new Map([[1, 0.95], [2, 0.05]]));
      for (const [partition, theirs] of other) {
        for (const entry of ledger.transfers().filter((each) => each.partition === partition)) theirs.hear(0, entry);
        for (const entry of theirs.transfers()) ledger.hear(partition, entry);
      }
    }
    const given = ledger.transfers().map((entry) => entry.given);
    expect(given[0]).toBeGreaterThan(180);
    expect(given[1]).toBeGreaterThanOrEqual(8);
  });

  test('to one that never answers only so much is given', () => {
    const ledger = new Ledger();
    let moved = 0;
    for (let i = 0; i < 1000; i++) {
      moved += ledger.move(-0.9);
      ledger.give(new Map([[1, 1]]));
    }
    expect(-moved).toBe(96);
  });
});

describe('one of a fleet', () => {
  const standing = (decided: number, quantiles: Float32Array, transfers: Standing['transfers'] = []): Standing => ({ time: null, decided, rate: 0, eligible: 1, quantiles, transfers, variety: null });
  const own = { decided: 100, eligible: 1, quantiles: ramp(0, 1) };

  test('takes news that was overtaken for none', () => {
    const fleet = new Fleet(0, 0.25);
    fleet.hear(1, standing(100, ramp(-6, -5)), 100);
    fleet.allot(own);
    const aim = fleet.aim;
    fleet.hear(1, standing(60, ramp(5, 6)), 100);
    fleet.allot(own);
    expect(fleet.aim).toBe(aim);
    expect(aim).toBeGreaterThan(0.45);
    fleet.hear(1, standing(130, ramp(5, 6)), 110);
    fleet.allot(own);
    expect(fleet.aim).toBeLessThan(0.05);
  });

  test('gives to others what it cannot spend, although it is to have more', () => {
    const fleet = new Fleet(0, 0.25);
    fleet.hear(1, standing(100, ramp(0.02, 1.02)), 100);
    fleet.hear(2, standing(100, ramp(-6, -5)), 100);
    fleet.allot(own);
    expect(fleet.aim).toBeGreaterThan(0.25);
    for (let i = 0; i < 5; i++) fleet.move(100, 40);
    fleet.give(5);
    expect(fleet.ledger.transfers().every(({ given }) => given === 0)).toBe(true);
    fleet.give(40);
    expect(fleet.ledger.transfers().find(({ partition }) => partition === 1)?.given).toBeGreaterThan(0);
    expect(fleet.ledger.transfers().find(({ partition }) => partition === 2)?.given ?? 0).toBe(0);
  });

  test('forgets who has been silent for long', () => {
    const fleet = new Fleet(0, 0.25);
    fleet.hear(1, standing(400, ramp(5, 6)), 100);
    fleet.allot(own);
    const aim = fleet.aim;
    fleet.allot({ ...own, decided: 20_000 });
    expect(aim).toBeLessThan(0.05);
    expect(fleet.aim).toBeGreaterThan(0.24);
  });
});
