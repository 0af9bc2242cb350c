/** Several engines that share one budget and tell each other what they know: at odd moments, late, out of order, or not at all. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Embedded } from '../../operators/items.ts';
import { uniform } from '../../operators/state/hash.ts';
import type { EngineSettings } from '../../operators/state/engine.ts';
import type { Told } from '../../schemas/told.ts';
import { Member } from '../support/fleet.ts';
import { items, settings, type Spec } from '../support/streams.ts';

const WINDOW = 2000;
const PARTITIONS = 4;

interface Links {
  /** Items of all partitions between two tellings, on average. */
  readonly every: number;
  /** Part of what is told that never arrives. */
  readonly lost: number;
  /** Tellings by which what is told comes late, at most. */
  readonly late: number;
}

interface Made {
  readonly partition: number;
  readonly spec: Spec;
}

/** @returns for each item of the whole, in order, whether it was admitted, and whether it could have been */
function run(seed: number, made: readonly Made[], links: Links, part: Partial<EngineSettings> = {}): { admitted: boolean[]; eligible: boolean[]; by: number[]; members: Member[] } {
  const members = Array.from({ length: PARTITIONS }, (_, partition) => new Member(settings({ seed, fleet: { partition, partitions: PARTITIONS }, ...part })));
  const embedded = items(seed, made.map(({ spec }) => spec)) as Embedded[];
  const onTheWay: { due: number; to: number; told: readonly Told[] }[] = [];
  const by: number[] = Array.from({ length: PARTITIONS }, () => 0);
  let tellings = 0;
  const eligible: boolean[] = [];
  const admitted = made.map(({ partition }, i) => {
    if (uniform(seed, `tell ${i}`) < 1 / links.every) {
      tellings += 1;
      const from = Math.floor(uniform(seed, `from ${i}`) * PARTITIONS);
      const told = (members[from] as Member).tell();
      for (let to = 0; to < PARTITIONS; to++) {
        if (to === from || uniform(seed, `lost ${i} ${to}`) < links.lost) continue;
        onTheWay.push({ due: tellings + Math.floor(uniform(seed, `late ${i} ${to}`) * (links.late + 1)), to, told });
      }
      for (const message of onTheWay.filter(({ due }) => due <= tellings)) {
        onTheWay.splice(onTheWay.indexOf(message), 1);
        (members[message.to] as Member).hear(message.told);
      }
    }
    const member = members[partition] as Member;
    const yes = member.decide(embedded[i] as Embedded);
    eligible.push(member.judgements.at(-1)?.eligible === true);
    if (yes) by[partition] = (by[partition] ?? 0) + 1;
    return yes;
  });
  return { admitted, eligible, by, members };
}

function sums(bits: readonly boolean[]): number[] {
  const out = [0];
  for (const bit of bits) out.push((out.at(-1) as number) + (bit ? 1 : 0));
  return out;
}

/** The contract with two points to both sides: over the run, and over every 2,000 items after the first 500. */
function expectContract(budget: number, { admitted, eligible }: { readonly admitted: readonly boolean[]; readonly eligible: readonly boolean[] }): void {
  const [spent, could] = [sums(admitted), sums(eligible)];
  const n = admitted.length;
  const ranges = [[0, n], ...Array.from({ length: Math.floor((n - WINDOW - 500) / 7) + 1 }, (_, i) => [500 + 7 * i, 500 + 7 * i + WINDOW])] as const;
  for (const [from = 0, to = 0] of ranges) {
    const count = (spent[to] as number) - (spent[from] as number);
    expect(count).toBeLessThanOrEqual((budget + 0.02) * (to - from));
    expect(count).toBeGreaterThanOrEqual(Math.min((budget - 0.02) * (to - from), (could[to] as number) - (could[from] as number)));
  }
}

/** Partition 0 sees the same street all day, the others see ever more that is rare; partition 3 sends little. @param jitter how much the items of each differ */
function streets(seed: number, n: number, jitter = [0.5, 0.6, 0.7, 0.8]): Made[] {
  return Array.from({ length: n }, (_, i) => {
    const u = uniform(seed, `partition ${i}`);
    const partition = u < 0.4 ? 0 : u < 0.7 ? 1 : u < 0.95 ? 2 : 3;
    const kinds = [2, 20, 120, 400][partition] as number;
    return { partition, spec: { kind: partition * 1000 + Math.floor(uniform(seed, `kind ${i}`) * kinds), jitter: jitter[partition] as number, stream: `camera ${partition}` } };
  });
}

describe('one budget for all', () => {
  const LINKS: readonly (readonly [string, Links])[] = [
    ['told often', { every: 8, lost: 0, late: 0 }],
    ['told rarely', { every: 40, lost: 0, late: 0 }],
    ['half of it lost', { every: 8, lost: 0.5, late: 0 }],
    ['late and out of order', { every: 8, lost: 0.2, late: 20 }],
  ];
  test.each([...LINKS, ['told nothing', { every: 8, lost: 1, late: 0 }]] as const)('%s: within two points over the run and over every 2,000 items', (_, links) => {
    expectContract(0.25, run(3, streets(3, 6000), links, { reveal: { when: 'never' } }));
  });

  test.each(LINKS.filter(([name]) => name !== 'told rarely'))('%s: what a camera that stands still cannot spend, the others do', (_, links) => {
    expectContract(0.25, run(4, streets(4, 6000, [0.05, 0.4, 0.6, 0.7]), links, { reveal: { when: 'never' } }));
  });

  test('whatever comes, all together never admit more than they may', () => {
    const phase = fc.record({ length: fc.integer({ min: 50, max: 600 }), rich: fc.nat(PARTITIONS - 1), jitter: fc.constantFrom(0, 0.1, 0.6) });
    const links = fc.record({ every: fc.integer({ min: 5, max: 400 }), lost: fc.constantFrom(0, 0.3, 0.9), late: fc.nat(20) });
    fc.assert(
      fc.property(fc.nat(1000), fc.constantFrom(0.05, 0.25, 0.5), fc.array(phase, { minLength: 4, maxLength: 8 }), links, (seed, budget, phases, l) => {
        const made = phases.flatMap(({ length, rich, jitter }, p) =>
          Array.from({ length }, (_, i): Made => {
            const partition = Math.floor(uniform(seed, `partition ${p} ${i}`) * PARTITIONS);
            return { partition, spec: { kind: partition === rich ? 10_000 * p + i : partition, jitter } };
          }),
        );
        const { admitted } = run(seed, made, l, { budget, reveal: { when: 'never' } });
        let count = 0;
        admitted.forEach((bit, i) => {
          count += bit ? 1 : 0;
          // Each partition alone may have the first of its items.
          expect(count).toBeLessThanOrEqual((budget + 0.01) * (i + 1) + PARTITIONS);
        });
      }),
      { numRuns: 15 },
    );
  });

  test('who sees rare things admits more than who sees the same all day; per stream each has its own', () => {
    const made = streets(5, 6000);
    const share = ({ by }: { by: number[] }, partition: number): number => (by[partition] ?? 0) / made.filter((each) => each.partition === partition).length;
    const fleet = run(5, made, { every: 8, lost: 0, late: 0 }, { reveal: { when: 'never' } });
    expect(share(fleet, 0)).toBeLessThan(0.15);
    expect(share(fleet, 2)).toBeGreaterThan(0.35);
    const alone = run(5, made, { every: 8, lost: 0, late: 0 }, { reveal: { when: 'never' }, per: 'stream' });
    for (const partition of [0, 1, 2]) expect(Math.abs(share(alone, partition) - 0.25)).toBeLessThan(0.03);
  });
});

test('likeness is trusted as far as all that partitions see varies, not as what one of them sees', () => {
  const made = Array.from({ length: 1200 }, (_, i): Made => ({ partition: i % 3, spec: i % 3 === 0 ? { kind: i % 2, jitter: 0.25 } : { kind: i, jitter: 0.5 } }));
  const trustOf = ({ members }: { members: Member[] }): number => members[0]?.judgements.at(-1)?.reasons.find(({ code }) => code === 'trust')?.value ?? NaN;
  expect(trustOf(run(6, made, { every: 20, lost: 1, late: 0 }, { reveal: { when: 'never' } }))).toBeLessThan(0.2);
  expect(trustOf(run(6, made, { every: 20, lost: 0, late: 0 }, { reveal: { when: 'never' } }))).toBeGreaterThan(1);
});

test('told nothing, an engine decides as one that has no others', () => {
  const made = items(7, streets(7, 1500).map(({ spec }) => ({ ...spec, label: `class ${spec.kind % 5}` }))) as Embedded[];
  const alone = new Member(settings({ seed: 7 }));
  const silent = new Member(settings({ seed: 7, fleet: { partition: 2, partitions: 4 } }));
  made.forEach((item, i) => {
    if (i % 100 === 99) silent.tell();
    silent.decide(item);
    alone.decide(item);
  });
  expect(silent.judgements).toEqual(alone.judgements);
});

test('restored from what it logged, an engine goes on as if it had not stopped', () => {
  const links = { every: 20, lost: 0.2, late: 5 };
  const made = streets(9, 1200).map((each) => ({ ...each, spec: { ...each.spec, label: `class ${each.spec.kind % 7}` } }));
  for (const per of ['fleet', 'stream'] as const) {
    const { members } = run(9, made, links, { per });
    const embedded = items(10, streets(10, 400).map(({ spec }) => spec)) as Embedded[];
    const told = members.flatMap((member) => member.tell());
    for (const member of members) {
      const again = member.restored();
      for (const each of [member, again]) {
        each.judgements.length = 0;
        embedded.forEach((item, i) => {
          if (i % 90 === 5) each.hear(told);
          if (i % 50 === 49) each.tellings.push(each.tell());
          each.decide({ ...item, seq: 5000 + i });
        });
      }
      expect(again.judgements).toEqual(member.judgements);
      expect(again.tellings).toEqual(member.tellings);
    }
  }
});
