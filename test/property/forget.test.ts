/** Items that are forgotten: nothing of them as such is left in the state, and whatever the batches and restarts, the run goes on the same. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Embedded, Failed } from '../../operators/items.ts';
import type { EngineSettings } from '../../operators/state/engine.ts';
import type { External } from '../../operators/state/external.ts';
import { Unpacker } from '../../operators/state/codec.ts';
import { packForgotten } from '../../operators/state/forget.ts';
import { decideAll, facts, type MemoryStore } from '../support/embedded-host.ts';
import { sceneWithObjects } from '../support/scenes.ts';
import { items, settings, type Spec } from '../support/streams.ts';
import { tracesOf } from '../support/traces.ts';

const COUNT = 80;
const specs: readonly Spec[] = Array.from({ length: 2 * COUNT }, (_, i) => ({ kind: i % 20 === 0 ? 10 + i : i % 4, jitter: 0.6, label: `class ${i % 20 === 0 ? i : i % 4}` }));
const WHOLE: EngineSettings = settings({ budget: 0.5, lateLabels: true, health: 'on' });
const OBJECTS: EngineSettings = settings({ budget: 0.5, lateLabels: true, objects: true });
const worlds: readonly (readonly [EngineSettings, readonly (Embedded | Failed)[]])[] = [
  [WHOLE, items(1, specs)],
  [settings({ budget: 0.5, lateLabels: true, reveal: { when: 'admitted', after: 30 } }), items(1, specs)],
  [OBJECTS, Array.from({ length: 2 * COUNT }, (_, seq) => sceneWithObjects(seq))],
];
const forgotten = (seqs: readonly number[]): External => ({ kind: 'forget', after: COUNT - 1, payload: packForgotten(seqs) });
/** Some items, or a cluster's only one among them, or all. */
const some: fc.Arbitrary<readonly number[]> = fc.oneof(fc.uniqueArray(fc.nat({ max: COUNT - 1 }), { minLength: 1, maxLength: 12 }), fc.constant([0, 20, 40, 60] as number[]), fc.constant([...Array(COUNT).keys()]));

function stateBytes(store: MemoryStore): readonly Buffer[] {
  return [...store.state()].map(({ value }) => Buffer.from(value ?? []));
}

test.each([0, 1, 2])('nothing of them as such is left in the state, and it is left of the others (world %i)', async (world) => {
  const [engine, all] = worlds[world] as (typeof worlds)[number];
  await fc.assert(
    fc.asyncProperty(some, async (seqs) => {
      const store = await decideAll(engine, all.slice(0, COUNT));
      await decideAll(engine, all.slice(0, COUNT), { store, events: [forgotten(seqs)] });
      const bytes = Buffer.concat(stateBytes(store));
      for (const seq of seqs) {
        const item = all[seq] as Embedded;
        // Ids stand in quotes.
        expect(bytes.includes(`"${item.sample.id}"`), `id of ${seq}`).toBe(false);
        for (const [i, x] of [item.embedding, ...item.objects.map(({ embedding }) => embedding)].entries()) expect(tracesOf(x, bytes), `vector ${i} of ${seq}`).toBe(false);
      }
      // What they taught is in no record of its own; what is known of their labels is gone.
      const left = [...store.state()].filter(({ kind, key }) => kind === 'label' || kind === 'object-lesson' || ((kind === 'given' || kind === 'pending') && seqs.includes(key)));
      expect(left).toEqual([]);
      const rows = new Set([...store.state()].filter(({ kind }) => kind === 'admitted').map(({ key }) => key));
      for (const { seq, verdict } of store.decisions) expect(rows.has(seq)).toBe(verdict === 'admit' && !seqs.includes(seq));
    }),
    { numRuns: 8 },
  );
}, 120_000);

test.each([0, 1, 2])('a run goes on behind it the same, for any batch, restored or not (world %i)', async (world) => {
  const [engine, all] = worlds[world] as (typeof worlds)[number];
  await fc.assert(
    fc.asyncProperty(some, fc.integer({ min: 1, max: 30 }), async (seqs, batch) => {
      const events = [forgotten(seqs)];
      const undisturbed = await decideAll(engine, all, { events });
      const store = await decideAll(engine, all.slice(0, COUNT), { batch });
      await decideAll(engine, all.slice(0, COUNT), { store, events });
      await decideAll(engine, all.slice(0, COUNT + 30), { store, batch });
      await decideAll(engine, all, { store, batch });
      const [was, is] = [facts(undisturbed), facts(store)];
      expect(is).toEqual(was);
      expect(stateBytes(store).map((value) => value.toString('hex'))).toEqual(stateBytes(undisturbed).map((value) => value.toString('hex')));
    }),
    { numRuns: 5 },
  );
}, 240_000);

test('a class that nothing else shows counts for nothing any more', async () => {
  const [engine, all] = worlds[0] as (typeof worlds)[number];
  const counts = async (seqs: readonly number[]): Promise<ReadonlyMap<string, number>> => {
    const store = await decideAll(engine, all.slice(0, COUNT), { events: [forgotten(seqs)] });
    const rows = [...store.state()].flatMap(({ kind, value }) => (kind === 'class' && value !== null ? [new Unpacker(value)] : []));
    return new Map(rows.map((row) => [row.text(), row.f64()]));
  };
  const [none, two] = [await counts([1]), await counts([1, 20, 40])];
  expect([none.get('class 20'), none.get('class 40')].every((count) => (count ?? 0) > 0.9)).toBe(true);
  expect([two.get('class 20'), two.get('class 40')]).toEqual([expect.closeTo(0, 9), expect.closeTo(0, 9)]);
  expect(two.get('class 60')).toBe(none.get('class 60'));
});

test('what is the same as one of them is new', async () => {
  const [engine, all] = worlds[0] as (typeof worlds)[number];
  const twin = all[20] as Embedded;
  const again = { ...twin, seq: COUNT, sample: { ...twin.sample, id: 'again' } };
  const stream = [...all.slice(0, COUNT), again];
  const verdicts = [[], [forgotten([20])]].map(async (events) => (await decideAll(engine, stream, { events })).decisions.at(-1));
  const [kept, gone] = await Promise.all(verdicts);
  expect((await decideAll(engine, stream)).decisions[20]?.verdict).toBe('admit');
  expect(kept?.reasons[0]?.code).toBe('exact_duplicate');
  expect(gone?.nearest?.similarity).toBeLessThan(0.95);
  expect(gone?.verdict).toBe('admit');
});
