/** Boxes that somebody corrects: what their crops taught is taken back, and what they show is learned. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LateLabel } from '../../../../../operators/state/late-label.ts';
import type { Decision } from '../../../../../schemas/decision.ts';
import { type Box, classesOf } from '../../../../../schemas/sample.ts';
import { LaneHost } from '../../../../support/lane-host.ts';
import { nameOf, sceneWithObjects, WRONG } from '../../../../support/scenes.ts';
import { settings } from '../../../../support/streams.ts';

const WITH = settings({ objects: true, budget: 0.25, lateLabels: true });
const boxesOf = (seq: number): readonly Box[] => sceneWithObjects(seq).sample.label as readonly Box[];
const event = (seq: number, boxes: readonly Box[]): LateLabel => ({ id: `scene-${seq}`, classes: classesOf(boxes) ?? [], boxes, letter: new Uint8Array() });
const scenes = (from: number, to: number): ReturnType<typeof sceneWithObjects>[] => Array.from({ length: to - from }, (_, i) => sceneWithObjects(from + i));
const at = (host: LaneHost, seq: number): Decision => host.decisions[seq] as Decision;

async function hostWith(count: number): Promise<LaneHost> {
  const host = new LaneHost(WITH);
  await host.decide(scenes(0, count));
  return host;
}

describe('a corrected label with boxes', { timeout: 60_000 }, () => {
  test('that names the wrong object right is believed, and no longer for review', async () => {
    const host = await hostWith(WRONG + 1);
    expect(at(host, WRONG).review).toBe(true);
    const right = boxesOf(WRONG).slice(0, 3).map((box, i) => (i === 0 ? { ...box, class: nameOf(2) } : box));
    const { amends, labels } = await host.label([event(WRONG, right)]);
    expect(labels).toEqual({ learned: 1, waiting: 0, repeated: 0 });
    expect(amends).toEqual([{ seq: WRONG, suspicion: expect.any(Number) as number, review: false }]);
    expect(amends[0]?.suspicion).toBeLessThan(0.2);
    expect((await host.label([event(WRONG, right)])).labels.repeated).toBe(1);
  });

  test('that names a right object wrong is in doubt', async () => {
    const host = await hostWith(WRONG + 1);
    const seq = 399;
    expect(at(host, seq).review).toBe(false);
    const shown = boxesOf(seq).map(({ class: name }) => name);
    const other = [nameOf(0), nameOf(3)].find((name) => !shown.includes(name)) ?? '';
    const { amends } = await host.label([event(seq, boxesOf(seq).map((box, i) => (i === 0 ? { ...box, class: other } : box)))]);
    expect(amends[0]).toMatchObject({ seq, review: true });
  });

  test('reaches the classifier: a class that is renamed everywhere is known by its new name, and not by its old one', async () => {
    const host = await hostWith(300);
    const renamed = (boxes: readonly Box[]): readonly Box[] => boxes.map((box) => (box.class === nameOf(1) ? { ...box, class: 'renamed' } : box));
    await host.label(Array.from({ length: 300 }, (_, seq) => seq).filter((seq) => boxesOf(seq).some((box) => box.class === nameOf(1))).map((seq) => event(seq, renamed(boxesOf(seq)))));
    await host.decide(scenes(300, 399).map((item) => ({ ...item, sample: { ...item.sample, label: renamed(boxesOf(item.seq)) }, objects: item.objects.map((object) => (object.class === nameOf(1) ? { ...object, class: 'renamed' } : object)) })));
    const found = host.decisions.slice(300).flatMap(({ objects }) => objects.filter(({ class: name }) => name === 'renamed'));
    expect(found.length).toBeGreaterThan(30);
    expect(found.filter(({ suspicion }) => (suspicion ?? 0) >= 0.5).length / found.length).toBeLessThan(0.05);
    expect(found.every(({ suggested }) => suggested !== nameOf(1))).toBe(true);
  });

  test('without a box that was there takes back what its crop taught', async () => {
    const [kept, taken] = [await hostWith(300), await hostWith(300)];
    const without = Array.from({ length: 300 }, (_, seq) => seq).filter((seq) => boxesOf(seq).some((box) => box.class === nameOf(1)));
    await taken.label(without.map((seq) => event(seq, boxesOf(seq).filter((box) => box.class !== nameOf(1)))));
    for (const host of [kept, taken]) await host.decide(scenes(300, 310));
    const doubt = (host: LaneHost): number => {
      const said = host.decisions.slice(300).flatMap(({ objects }) => objects).flatMap(({ class: name, suspicion }) => (name === nameOf(1) ? [suspicion ?? 0] : []));
      return said.reduce((a, b) => a + b, 0) / said.length;
    };
    expect(doubt(kept)).toBeLessThan(0.1);
    expect(doubt(taken)).toBeGreaterThan(2 * doubt(kept));
  });

  test('of a box that hardly moved changes nothing but its place', async () => {
    const host = await hostWith(200);
    const lessons = (): number => host.state.filter((line) => line.startsWith('object-lesson/')).length;
    const before = lessons();
    const moved = boxesOf(150).map((box) => ({ ...box, bbox: [box.bbox[0] + 8, box.bbox[1], box.bbox[2], box.bbox[3]] as const }));
    expect((await host.label([event(150, moved)])).labels.learned).toBe(1);
    expect(lessons()).toBe(before);
  });

  test('whatever is corrected, a restored engine goes on as the one that was left', async () => {
    const edit = fc.record({ seq: fc.nat({ max: 119 }), drop: fc.nat({ max: 4 }), name: fc.nat({ max: 7 }), by: fc.integer({ min: -60, max: 60 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 10 }), async (edits) => {
        const hosts = [await hostWith(120), await hostWith(120)];
        for (const [i, host] of hosts.entries()) {
          await host.label(edits.map(({ seq, drop, name, by }) => event(seq, boxesOf(seq).flatMap((box, place) => (place === drop ? [] : [{ class: place === 0 ? nameOf(name) : box.class, bbox: [box.bbox[0] + by, box.bbox[1], box.bbox[2], box.bbox[3]] as const }])))));
          if (i === 1) await host.reopen();
          await host.decide(scenes(120, 180));
        }
        expect(hosts[1]?.decisions).toEqual(hosts[0]?.decisions);
        expect(hosts[1]?.state).toEqual(hosts[0]?.state);
      }),
      { numRuns: 8 },
    );
  });
});
