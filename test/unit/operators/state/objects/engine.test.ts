import { beforeAll, describe, expect, test } from 'vitest';
import { SNAPSHOT_EVERY } from '../../../../../operators/state/head.ts';
import type { Box } from '../../../../../schemas/sample.ts';
import { decideAll, facts, MemoryStore } from '../../../../support/embedded-host.ts';
import { EMPTY, nameOf, RARE, sceneWithObjects, WRONG } from '../../../../support/scenes.ts';
import { settings } from '../../../../support/streams.ts';

const IMAGES = 700;
const SCENES = Array.from({ length: IMAGES }, (_, seq) => sceneWithObjects(seq));
const WITH = settings({ objects: true, budget: 0.25 });
let store = new MemoryStore();
beforeAll(async () => void (store = await decideAll(WITH, SCENES)));

describe('an engine that looks at objects', () => {
  test('says of each box what it is, in the order of the label', () => {
    for (const { label, objects } of store.decisions) expect(objects.map((object) => object.class)).toEqual(Array.isArray(label) ? label.map((box: Box) => box.class) : []);
  });

  test('finds the wrong class, names the right one, and the faulty boxes', () => {
    const decision = store.decisions[WRONG];
    const [swapped, , , twice, outside] = decision?.objects ?? [];
    expect(swapped).toMatchObject({ class: nameOf(5), suggested: nameOf(2), faults: [] });
    expect(swapped?.suspicion).toBeGreaterThan(0.8);
    expect(twice?.faults).toContain('duplicate');
    expect(outside?.faults).toContain('outside');
    expect(decision).toMatchObject({ suspicion: swapped?.suspicion, review: true });
    const others = store.decisions.flatMap(({ seq, objects }) => (seq > 200 && seq !== WRONG ? objects.flatMap(({ suspicion }) => suspicion ?? []) : []));
    expect(others.filter((suspicion) => suspicion >= 0.5).length / others.length).toBeLessThan(0.02);
  });

  test('finds the box that is around nothing, and suggests a class to nobody that is none', () => {
    const found = store.decisions.flatMap(({ seq, objects }) => objects.flatMap(({ index, faults }) => (faults.includes('background') ? [`${seq} ${index}`] : [])));
    expect(found).toEqual([`${EMPTY} 0`]);
    expect(store.decisions.flatMap(({ objects }) => objects.map(({ suggested }) => suggested))).not.toContain('');
  });

  test('admits the images of a class that is rare among objects, and names the object', () => {
    const rare = store.decisions.filter(({ seq, label }) => seq > 200 && Array.isArray(label) && label.some((box: Box) => box.class === RARE));
    expect(rare.length).toBe(5);
    // One may come when the budget has nothing left.
    expect(rare.filter(({ verdict }) => verdict === 'admit').length).toBeGreaterThanOrEqual(4);
    for (const { reasons } of rare) expect(reasons.find(({ code }) => code === 'class_need')).toMatchObject({ object: 0 });
  });

  test('where a class that was missing decides, names the object that shows it', () => {
    const first = store.decisions.filter(({ reasons }) => reasons[0]?.code === 'class_cover');
    expect(first.length).toBeGreaterThanOrEqual(2);
    const shown = new Set<string>();
    for (const { seq, objects, verdict } of store.decisions) {
      const object = objects.find(({ index }) => index === first.find((each) => each.seq === seq)?.reasons[0]?.object);
      if (object !== undefined) expect(shown).not.toContain(object.class);
      if (verdict === 'admit') for (const each of objects) shown.add(each.class);
    }
    for (const { reasons } of first) expect(reasons[0]?.object).toBeTypeOf('number');
  });

  test('decides the same for every batch size', async () => {
    for (const batch of [1, 7, 300]) expect(facts(await decideAll(WITH, SCENES, { batch }))).toEqual(facts(store));
  });

  test('goes on from its state, bit for bit, also past a snapshot of what it learned', async () => {
    expect(SCENES.reduce((sum, { objects }) => sum + objects.length, 0)).toBeGreaterThan(SNAPSHOT_EVERY);
    const parts = new MemoryStore();
    for (const end of [30, 400, 650, IMAGES]) await decideAll(WITH, SCENES.slice(0, end), { store: parts });
    expect(facts(parts)).toEqual(facts(store));
  });

  test('a validation set takes no image with an object in doubt', async () => {
    const { decisions } = await decideAll({ ...WITH, purpose: 'validation', budget: 0.4 }, SCENES);
    expect(decisions.filter(({ verdict }) => verdict === 'admit').every(({ suspicion }) => (suspicion ?? 0) < 0.5)).toBe(true);
    expect(decisions[WRONG]?.reasons[0]?.code).toBe('suspicious_label');
  });

  test('without it, and where labels are not shown, nothing is said of objects', async () => {
    const plain = SCENES.map((item) => ({ ...item, objects: [] }));
    for (const one of [settings(), settings({ objects: true, reveal: { when: 'never' } })]) {
      const { decisions } = await decideAll(one, plain);
      expect(decisions.every(({ objects, reasons }) => objects.length === 0 && reasons.every((reason) => reason.object === undefined))).toBe(true);
    }
  });
});
