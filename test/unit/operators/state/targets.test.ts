import { describe, expect, test } from 'vitest';
import { Targets, type Target } from '../../../../operators/state/targets.ts';
import { unpackStanding } from '../../../../schemas/target.ts';
import { decideAll } from '../../../support/embedded-host.ts';
import { items, settings } from '../../../support/streams.ts';

const SHORT = 0.7;

const records = (targets: Targets): (readonly [number, Uint8Array | null])[] => [...targets.takeChanges()].map(({ key, value }) => [key, value]);
const standings = (targets: Targets): unknown[] => records(targets).map(([, value]) => (value === null ? null : unpackStanding(value)));

describe('targets', () => {
  test('a count: need falls to that of a short class as it fills, and is what it was once it is met', () => {
    const targets = new Targets([{ class: 'a', count: 4 }], SHORT);
    const needs = [0, 1, 2, 3, 4].map(() => {
      const need = targets.classNeed('a', -1);
      targets.classify(['a', 'b'], 1);
      return need;
    });
    expect(needs).toEqual([1.7, 1.45, 1.2, 0.95, -1]);
    expect(targets.classNeed('b', -1)).toBe(-1);
    targets.classify(['a'], -1);
    targets.classify(['a'], -1);
    expect(targets.classNeed('a', -1)).toBeCloseTo(0.95, 12);
  });

  test('never lowers a need', () => {
    expect(new Targets([{ class: 'a', count: 4 }], SHORT).classNeed('a', 3)).toBe(3);
  });

  test('a share of a stream: short below it, also where nothing is known of classes', () => {
    const targets = new Targets([{ stream: 'gate', share: 0.5 }], SHORT);
    expect(targets.streamNeed('gate', null)).toBeNull();
    targets.admit('yard');
    expect(targets.streamNeed('gate', null)).toBeCloseTo(1.7, 12);
    expect(targets.streamNeed('yard', null)).toBeNull();
    targets.admit('gate');
    expect(targets.streamNeed('gate', -0.3)).toBe(-0.3);
  });

  test('state: all at first, then what changed; taken up by name, and what is no target any more goes', () => {
    const list: readonly Target[] = [{ class: 'a', count: 4 }, { stream: 'a', share: 0.5 }];
    const first = new Targets(list, SHORT);
    first.classify(['a'], 1);
    const written = records(first);
    expect(written.map(([key]) => key)).toEqual([0, 1]);
    first.admit('a');
    expect(standings(first)).toEqual([{ of: 'stream', name: 'a', have: 1, among: 1, wanted: 0.5 }]);

    const next = new Targets([{ class: 'a', count: 9 }], SHORT);
    for (const [key, value] of written) if (value !== null) next.restoreRow(key, value);
    expect(standings(next)).toEqual([{ of: 'class', name: 'a', have: 1, among: 1, wanted: 9 }, null]);
  });
});

describe('in the engine', () => {
  // Every tenth item shows a b, from the stream `north`; all are alike enough that chance decides.
  const made = items(5, Array.from({ length: 1500 }, (_, i) => ({ kind: i % 5, jitter: 0.8, label: i % 10 === 0 ? 'b' : 'a', stream: i % 10 === 0 ? 'north' : 'south' })));
  const { policy } = settings();
  const plain = { ...policy, weights: { ...policy.weights, share: 0.1, need: 0.2 }, priority: { ...policy.priority, shortNeed: 2 } };

  const admitted = async (targets: readonly Target[], reveal: 'all' | 'never'): Promise<{ rare: number; all: number }> => {
    const kept = (await decideAll(settings({ policy: { ...plain, targets }, reveal: { when: reveal } }), made)).decisions.filter(({ verdict }) => verdict === 'admit');
    return { rare: kept.filter(({ stream }) => stream === 'north').length, all: kept.length };
  };

  test.for([
    ['a class by count', [{ class: 'b', count: 110 }], 'all'],
    ['a stream by count, without labels', [{ stream: 'north', count: 110 }], 'never'],
    ['a stream by share, without labels', [{ stream: 'north', share: 0.3 }], 'never'],
  ] as const)('%s is served within the same budget, and not beyond it', async ([, targets, reveal]) => {
    const without = await admitted([], reveal);
    const served = await admitted(targets, reveal);
    expect(without.rare).toBeLessThan(100);
    expect(served.rare).toBeGreaterThanOrEqual(108);
    expect(served.rare).toBeLessThan(130);
    expect(served.all).toBeLessThanOrEqual(0.26 * made.length);
  });

  test('a label in doubt earns no need from a target and does not count for it', async () => {
    const noisy = { ...plain, audit: { ...plain.audit, review: 0 }, targets: [{ class: 'b', count: 110 }] };
    const store = await decideAll(settings({ policy: noisy }), made);
    const standing = [...store.state()].flatMap(({ kind, value }) => (kind === 'target' && value !== null ? [unpackStanding(value)] : []));
    expect(standing).toMatchObject([{ name: 'b', have: 0 }]);
    expect(store.decisions.some(({ reasons }) => reasons[0]?.code === 'reserve' && (reasons.find(({ code }) => code === 'cluster_share')?.value ?? 0) > 0.25)).toBe(false);
  });
});
