import { describe, expect, test } from 'vitest';
import { Classes } from '../../../../operators/state/classes.ts';
import { Cover } from '../../../../operators/state/cover.ts';
import type { Embedded, Failed } from '../../../../operators/items.ts';
import type { EngineSettings } from '../../../../operators/state/engine.ts';
import { MAX_CLASSES } from '../../../../operators/state/head.ts';
import { packLabel } from '../../../../operators/state/late-label.ts';
import { decideAll, facts, MemoryStore } from '../../../support/embedded-host.ts';
import { Member } from '../../../support/fleet.ts';
import { items, settings } from '../../../support/streams.ts';

test('a class is missing until one that shows it counts, here or elsewhere, and again when that is taken back', () => {
  const classes = new Classes();
  const missing = (now: number, elsewhere?: Parameters<Classes['missing']>[2]): readonly string[] => ['a', 'b'].filter(classes.missing(now, 100, elsewhere));
  expect(missing(0)).toEqual(['a', 'b']);
  classes.add(['a'], 1, 100);
  expect([missing(1), missing(900)]).toEqual([['b'], ['b']]);
  expect(missing(1, { counts: new Map([['b', 2]]), fade: 0.5 })).toEqual([]);
  classes.add(['a'], 7, 100);
  classes.remove(['a'], 1, 13, 100);
  expect(missing(13)).toEqual(['b']);
  classes.remove(['a'], 7, 33, 100);
  expect(missing(33)).toEqual(['a', 'b']);
  for (let i = 0; i < MAX_CLASSES; i++) classes.add([`class ${i}`], 40, 100);
  expect([missing(40), ['z'].filter(classes.missing(40, 100))]).toEqual([['a'], []]);
});

describe('what may be expected of those to come', () => {
  const all = (): boolean => true;

  test('the best of so many, as Moser has it: of even chances for 0 and 1 class 1/2, 3/4, 7/8', () => {
    const cover = new Cover();
    expect(cover.expected(3, all)).toBe(0);
    for (const missing of [[], ['a'], [], ['b']]) cover.learn(missing);
    expect([0, 1, 2, 3].map((chances) => cover.expected(chances, all))).toEqual([0, 0.5, 0.75, 0.875]);
    expect(cover.expected(2, (name) => name === 'a')).toBe(0.25 + 0.75 * 0.25);
    expect(cover.expected(1e9, () => false)).toBe(0);
  });

  test('of the last 128 items, and taken up again as it was', () => {
    const [whole, parts] = [new Cover(), [new Cover(), new Cover()] as const];
    for (let i = 0; i < 200; i++) {
      const names = i < 100 ? ['old'] : i % 4 === 0 ? ['a', 'b'] : [];
      whole.learn(names);
      parts[i < 150 ? 0 : 1].learn(names);
      if (i === 149) for (const { key, value } of parts[0].takeChanges()) if (value !== null) parts[1].restoreRow(key, value);
    }
    expect(whole.expected(1, all)).toBeCloseTo((28 + 2 * 25) / 128, 12);
    expect(parts[1].expected(5, all)).toBe(whole.expected(5, all));
    expect([...parts[1].takeChanges()]).toHaveLength(50);
  });
});

/** Every item shows class 0 to 2; of the others, each comes four times among 240. */
const CLASSES = 30;
const made = items(3, Array.from({ length: 240 }, (_, i) => ({ kind: i % 5, jitter: 0.9, label: `class ${i % 2 === 0 ? i % 3 : 3 + ((i * 7) % (CLASSES - 3))}` })));
const { policy } = settings();
const BLIND = { ...policy, weights: { ...policy.weights, cover: 0 } };
const COVER = new Set(['class_cover', 'cover_awaited']);

async function run(part: Partial<EngineSettings>, stream: readonly (Embedded | Failed)[] = made): Promise<{ covered: number; codes: ReadonlySet<string>; store: MemoryStore }> {
  const store = await decideAll(settings(part), stream);
  const kept = store.decisions.filter(({ verdict }) => verdict === 'admit');
  return { covered: new Set(kept.map(({ label }) => label)).size, codes: new Set(store.decisions.map(({ reasons }) => reasons[0]?.code ?? '').filter((code) => COVER.has(code))), store };
}

describe('in the engine', () => {
  test('more classes are covered within the same budget, and whoever decides says so', async () => {
    const [without, covering] = [await run({ policy: BLIND, budget: 0.15 }), await run({ budget: 0.15 })];
    expect(without.codes.size).toBe(0);
    expect(covering.codes).toEqual(COVER);
    expect(covering.covered).toBeGreaterThanOrEqual(without.covered + 3);
    const most = Math.max(...[without, covering].map(({ store }) => store.decisions.filter(({ verdict }) => verdict === 'admit').length));
    expect(most).toBeLessThanOrEqual(36);
  });

  test('once each class is there, nothing is decided by it', async () => {
    const few = items(3, Array.from({ length: 600 }, (_, i) => ({ kind: i % 5, jitter: 0.9, label: `class ${i % 5}` })));
    const { store } = await run({}, few);
    const decided = store.decisions.filter(({ reasons }) => COVER.has(reasons[0]?.code ?? '')).map(({ seq }) => seq);
    expect(decided.length).toBeGreaterThanOrEqual(5);
    expect(Math.max(...decided)).toBeLessThan(40);
  });

  test('a label that is not shown with its sample is nothing known', async () => {
    for (const reveal of [{ when: 'never' }, { when: 'admitted', after: 5 }] as const) {
      const blind = await run({ reveal, policy: BLIND });
      expect(facts((await run({ reveal })).store)).toEqual(facts(blind.store));
    }
  });

  test('a class whose labels are all corrected is missing again', async () => {
    // Every other one of the first twenty shows an `a`; somebody says later that they are `b`s.
    const isA = (i: number): boolean => i === 40 || (i < 20 && i % 2 === 0);
    const two = items(3, Array.from({ length: 60 }, (_, i) => (isA(i) ? { kind: i === 40 ? 11 : 9, jitter: 0.5, label: 'a' } : { kind: i % 5, jitter: 0.5, label: 'b' })));
    const corrected = Array.from({ length: 10 }, (_, n) => ({ n, kind: 'label' as const, after: 20, payload: packLabel({ id: `item-${2 * n}`, classes: ['b'], letter: new Uint8Array() }) }));
    const first = async (events: typeof corrected): Promise<string | undefined> => (await decideAll(settings({ lateLabels: true }), two, { events })).decisions[40]?.reasons[0]?.code;
    expect(await first([])).not.toBe('class_cover');
    expect(await first(corrected)).toBe('class_cover');
  });

  test('what another partition is known to have admitted is not missing', () => {
    const scene = (label: string, at: number) => items(3, Array.from({ length: at + 1 }, (_, i) => ({ kind: i === at ? 7 : i % 3, jitter: 0.5, label: i === at ? 'b' : label }))) as Embedded[];
    const lastOf = (at: number, hears: boolean): string | undefined => {
      const [here, there] = [0, 1].map((partition) => new Member(settings({ fleet: { partition, partitions: 2 } }))) as [Member, Member];
      for (const item of scene('b', at)) there.decide(item);
      const [last, ...before] = scene('a', at).reverse() as [Embedded, ...Embedded[]];
      for (const item of before.reverse()) here.decide(item);
      if (hears) here.hear(there.tell());
      here.decide(last);
      return here.judgements.at(-1)?.reasons[0]?.code;
    };
    // At some of the places there is a token.
    const places = Array.from({ length: 8 }, (_, i) => 24 + i);
    expect(places.map((at) => lastOf(at, false))).toContain('class_cover');
    expect(places.map((at) => lastOf(at, true))).not.toContain('class_cover');
  });

  test('goes on from its state as if it had not stopped, whatever the batch', async () => {
    const { store } = await run({ budget: 0.15 });
    const parts = new MemoryStore();
    for (const end of [7, 30, 31, 120, 240]) await decideAll(settings({ budget: 0.15 }), made.slice(0, end), { store: parts });
    expect(facts(parts)).toEqual(facts(store));
    for (const batch of [1, 13]) expect(facts(await decideAll(settings({ budget: 0.15 }), made, { batch }))).toEqual(facts(store));
  });
});
