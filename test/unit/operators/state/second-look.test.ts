/** What becomes of labels that were learned when the head knew little. */
import { describe, expect, test } from 'vitest';
import type { Amend } from '../../../../schemas/decision.ts';
import type { Embedded, Failed } from '../../../../operators/items.ts';
import { Packer, Unpacker } from '../../../../operators/state/codec.ts';
import { Given } from '../../../../operators/state/given.ts';
import { Head } from '../../../../operators/state/head.ts';
import { Memory } from '../../../../operators/state/memory.ts';
import { SecondLook } from '../../../../operators/state/second-look.ts';
import { decideAll, type MemoryStore } from '../../../support/embedded-host.ts';
import { D, embeddingOf, items, settings, type Spec } from '../../../support/streams.ts';

const REVIEW = settings().policy.audit.review;
const amendsOf = (store: MemoryStore, seq: number): readonly Amend[] => store.batches.flatMap(({ amends }) => amends).filter((amend) => amend.seq === seq);

/** A class's decayed count among the admitted, as the changelog has it. */
function countOf(store: MemoryStore, name: string): number {
  const rows = [...store.state()].filter(({ kind }) => kind === 'class').map(({ value }) => new Unpacker(value ?? new Uint8Array()));
  return rows.map((row) => [row.text(), row.f64()] as const).find(([of]) => of === name)?.[1] ?? 0;
}

describe('the scores of what was learned, as if it had not been', () => {
  const lesson = (i: number) => ({ x: embeddingOf(4, i, { kind: i % 3, jitter: 0.5 }), classes: [`class ${i % 4}`, 'all'], number: i + 1 });

  test.each([[1e15], [40]])('are those of a head that never saw it, half-life %d', (halfLife) => {
    const head = new Head(D, halfLife);
    const others = [3, 50, 127].map(() => new Head(D, halfLife));
    for (let i = 0; i < 128; i++) {
      const { x, classes } = lesson(i);
      head.learn(x, classes);
      // Nothing takes the number of the one left out.
      others.forEach((other, k) => other.learn([3, 50, 127][k] === i ? new Float32Array(D) : x, [3, 50, 127][k] === i ? [] : classes));
    }
    const found = head.scoresWithout([3, 50, 127].map(lesson));
    others.forEach((other, k) => {
      const i = [3, 50, 127][k] ?? 0;
      const direct = other.classes.map((name, c) => [name, other.scores(lesson(i).x)?.[c] ?? NaN] as const);
      for (const [name, score] of direct) expect(found[k]?.[head.classes.indexOf(name)]).toBeCloseTo(score, 5);
    });
    expect(Math.abs((found[2]?.[head.classes.indexOf('all')] ?? 0) - (head.scores(lesson(127).x)?.[head.classes.indexOf('all')] ?? 0))).toBeGreaterThan(1e-3);
  });

  test('are the plain ones where the solution does not hold it yet, and none before there is a solution', () => {
    const head = new Head(D, 1e15);
    for (let i = 0; i < 15; i++) head.learn(lesson(i).x, lesson(i).classes);
    expect([head.solved, head.scoresWithout([lesson(3)])]).toEqual([0, []]);
    for (let i = 15; i < 20; i++) head.learn(lesson(i).x, lesson(i).classes);
    expect(head.solved).toBe(16);
    expect(head.scoresWithout([lesson(18)])[0]).toEqual(head.scores(lesson(18).x));
  });
});

describe('a second look', () => {
  const specs = (count: number): Spec[] => Array.from({ length: count }, (_, i) => ({ kind: i % 5, jitter: 0.3, label: `class ${i % 5}` }));

  test('makes a wrong label that came early suspicious, says so once, and no longer counts it', async () => {
    const wrong = specs(400).map((spec, i) => (i === 8 ? { ...spec, label: 'class 0' } : spec));
    const [one, other] = await Promise.all([wrong, specs(400)].map((each) => decideAll(settings({ budget: 1 }), items(1, each))));
    expect(one?.decisions[8]).toMatchObject({ verdict: 'admit', review: false });
    expect(one === undefined ? [] : amendsOf(one, 8).map(({ review, suspicion }) => [review, suspicion > 0.6])).toEqual([[true, true]]);
    expect(one?.batches.flatMap(({ amends }) => amends).length).toBe(1);
    expect(other?.batches.flatMap(({ amends }) => amends)).toEqual([]);
    const count = (store = one): number => (store === undefined ? NaN : countOf(store, 'class 0'));
    // As if it had never counted for the class that it was given.
    expect(count()).toBeCloseTo(count(other), 6);
  });

  test('takes back the suspicion of a right label of a rare class, once more of the class have come, and counts it', async () => {
    // Half way between class 0 and what nobody else shows.
    const rare = (item: Embedded | Failed): Embedded | Failed => {
      if (!('embedding' in item) || item.sample.label !== 'rare') return item;
      const [a, b, c] = [0, 9].map((kind) => embeddingOf(1, 0, { kind, jitter: 0 })).concat(item.embedding);
      const x = item.embedding.map((_, i) => 0.75 * (a?.[i] ?? 0) + 0.6 * (b?.[i] ?? 0) + 0.3 * (c?.[i] ?? 0));
      return { ...item, embedding: x.map((v) => v / Math.hypot(...x)) };
    };
    const made = items(1, specs(800).map((spec, i) => (i >= 200 && i % 20 === 3 ? { kind: i, jitter: 1, label: 'rare' } : spec))).map(rare);
    const store = await decideAll(settings({ budget: 1 }), made);
    const { suspicion, review, verdict } = store.decisions[203] ?? {};
    expect({ review, verdict }).toEqual({ review: true, verdict: 'admit' });
    const [amend, ...more] = amendsOf(store, 203);
    expect([amend?.review, more]).toEqual([false, []]);
    expect(amend?.suspicion).toBeLessThan((suspicion ?? 0) - 0.1);
    const believed = made.filter((_, i) => i >= 200 && i % 20 === 3 && (amendsOf(store, i).at(-1) ?? store.decisions[i])?.review === false && store.decisions[i]?.verdict === 'admit').length;
    expect(believed).toBeGreaterThan(5);
    expect(countOf(store, 'rare')).toBeGreaterThan(believed - 0.5);
    expect(countOf(store, 'rare')).toBeLessThanOrEqual(believed);
  });

  test('is given to labels that come late as well, and not to what was not admitted', async () => {
    const wrong = specs(400).map((spec, i) => (i === 8 || i === 6 ? { ...spec, label: 'class 0' } : spec));
    const base = settings({ budget: 1, reveal: { when: 'admitted', after: 10 } });
    const blurred = items(1, wrong).map((item) => ('quality' in item && item.seq === 6 ? { ...item, quality: { ...item.quality, brightness: 0 } } : item));
    const store = await decideAll(base, blurred);
    expect(amendsOf(store, 8).map(({ review }) => review)).toEqual([false, true]);
    expect(amendsOf(store, 6)).toEqual([]);
    const all = await decideAll(settings({ budget: 1 }), blurred);
    expect(all.decisions[6]).toMatchObject({ verdict: 'reject', review: false });
    expect(amendsOf(all, 6)).toEqual([]);
  });
});

describe('what is looked at', () => {
  /** A head that knows class a by one direction and class b by another; items of the memory are all of a. */
  function scene(suspicion: number, review = REVIEW): { head: Head; memory: Memory; given: Given; teach: (count: number) => void } {
    const [head, memory, given] = [new Head(D, 1e15), new Memory(D), new Given()];
    const x = (kind: number): Float32Array => embeddingOf(1, 0, { kind, jitter: 0 });
    for (let seq = 0; seq < 100; seq++) {
      memory.add({ seq, id: String(seq), cluster: 0, digest: '', classes: [] }, x(0));
      if (seq >= 20) given.set(seq, { classes: ['a'], counted: suspicion >= review ? null : 0, believed: null, number: 1e6, suspicion });
    }
    return { head, memory, given, teach: (count) => Array.from({ length: count }, (_, i) => head.learn(x(i % 2), [i % 2 === 0 ? 'a' : 'b'])) };
  }

  test('an item for each label that is new in the solution, in order of seq, round and round, past those without a label; no more than so many', () => {
    const { head, memory, given, teach } = scene(0.9);
    const look = new SecondLook(() => REVIEW);
    const seen: number[] = [];
    for (let n = 0; n < 12; n++) {
      teach(16);
      const found = look.look(head, memory, given).map(({ seq }) => seq);
      expect(found.length).toBe(16);
      seen.push(...found);
      expect(look.look(head, memory, given)).toEqual([]);
    }
    expect(seen).toEqual(Array.from({ length: 192 }, (_, i) => 20 + (i % 80)));
    teach(160);
    expect(look.look(head, memory, given).length).toBe(56);
  });

  test('is said again only where it changed sides and moved: not what lies on the edge', () => {
    const found = (said: number): number => {
      const { head, memory, given, teach } = scene(said);
      teach(64);
      return new SecondLook(() => REVIEW).look(head, memory, given).length;
    };
    const { head, memory, given, teach } = scene(0.9);
    teach(64);
    const suspicion = new SecondLook(() => REVIEW).look(head, memory, given)[0]?.suspicion ?? NaN;
    expect(suspicion).toBeLessThan(REVIEW);
    const edge = (review: number, said: number): number => new SecondLook(() => review).look(head, memory, scene(said, review).given).length;
    expect([found(0.49), found(0.51), found(0.9)]).toEqual([0, 32, 32]);
    // On the other side, a little less than 0.1 away, and a little more.
    expect([edge(suspicion + 0.05, suspicion + 0.09), edge(suspicion + 0.05, suspicion + 0.11)]).toEqual([0, 32]);
  });

  test('passes over no more than so many without a label', () => {
    const { head, memory, teach } = scene(0.9);
    const given = new Given();
    given.set(99, { classes: ['a'], counted: null, believed: null, number: 1e6, suspicion: 0.9 });
    const look = new SecondLook(() => REVIEW);
    for (let seq = 100; seq < 1100; seq++) memory.add({ seq, id: String(seq), cluster: 0, digest: '', classes: [] }, new Float32Array(D));
    given.set(900, { classes: ['a'], counted: null, believed: null, number: 1e6, suspicion: 0.9 });
    const counts = Array.from({ length: 6 }, () => {
      teach(16);
      return look.look(head, memory, given).length;
    });
    // 256 at a time, of 1,100.
    expect(counts).toEqual([1, 0, 0, 1, 1, 0]);
  });

  test('passes a label by whose number an earlier version did not keep', () => {
    const { head, memory, given, teach } = scene(0.9);
    for (let seq = 20; seq < 100; seq += 2) given.set(seq, { classes: ['a'], counted: null, believed: null, number: null, suspicion: 0 });
    teach(64);
    expect(new SecondLook(() => REVIEW).look(head, memory, given).map(({ seq }) => seq)).toEqual(Array.from({ length: 32 }, (_, i) => 21 + 2 * i));
  });

  test('what was said by another bar is said again, without having moved', () => {
    const { head, memory, given, teach } = scene(0.9);
    teach(64);
    const suspicion = new SecondLook(() => REVIEW).look(head, memory, given)[0]?.suspicion ?? NaN;
    for (let seq = 20; seq < 100; seq++) given.set(seq, { classes: ['a'], counted: 0, believed: null, number: 1e6, suspicion });
    expect(new SecondLook(() => REVIEW).look(head, memory, given).length).toBe(0);
    expect(new SecondLook(() => suspicion / 2).look(head, memory, given).length).toBe(32);
  });
});

describe('records of an earlier version', () => {
  test.each([[[0], null], [[1, 12.5], 12.5]])('%j are known, and not looked at again', (fields, counted) => {
    const given = new Given();
    given.restoreRow(3, new Packer().texts(['a']).f64(...fields).done());
    expect(given.of(3)).toMatchObject({ classes: ['a'], counted, number: null });
  });
});

test('what a validation set took before the head knew better stays in it, and is for review from its own bar on', async () => {
  const specs = Array.from({ length: 400 }, (_, i): Spec => ({ kind: i % 5, jitter: 0.9, label: `class ${i === 8 || i === 13 ? 0 : i % 5}` }));
  const base = settings({ budget: 1, purpose: 'validation' });
  const { validation } = base.policy.audit;
  const store = await decideAll({ ...base, policy: { ...base.policy, audit: { ...base.policy.audit, taught: 0 } } }, items(1, specs));
  const amends = store.batches.flatMap((batch) => batch.amends);
  for (const seq of [8, 13]) expect([store.decisions[seq]?.verdict, store.decisions[seq]?.review, amendsOf(store, seq).at(-1)?.review]).toEqual(['admit', false, true]);
  expect(amends.filter(({ suspicion }) => suspicion >= validation && suspicion < REVIEW).length).toBeGreaterThan(0);
  expect(amends.map(({ review }) => review)).toEqual(amends.map(({ suspicion }) => suspicion >= validation));
  expect(amends.every(({ seq }) => store.decisions[seq]?.verdict === 'admit')).toBe(true);
});

test('in a validation set what it would not have admitted is for review, of a late label and at a second look', async () => {
  const specs = Array.from({ length: 400 }, (_, i): Spec => ({ kind: i % 5, jitter: 0.9, label: `class ${i % 5}` }));
  const base = settings({ budget: 1, reveal: { when: 'admitted', after: 10 } });
  const bar = 0.2;
  const policy = { ...base.policy, audit: { ...base.policy.audit, validation: bar, taught: 0 } };
  for (const [part, from] of [[{ validationShare: 1 }, bar], [{}, REVIEW]] as const) {
    const amends = (await decideAll({ ...base, policy, ...part }, items(1, specs))).batches.flatMap((batch) => batch.amends);
    expect(amends.filter(({ suspicion }) => suspicion >= bar && suspicion < REVIEW).length).toBeGreaterThan(0);
    expect(amends.map(({ review }) => review)).toEqual(amends.map(({ suspicion }) => suspicion >= from));
  }
});
