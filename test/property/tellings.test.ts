/** Lanes that tell each other what they know: wherever they do, a replay of the log gives the same, and whoever takes a lane over goes on as it would have. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { externalOf } from '../../operators/state/external.ts';
import { packTold, unpackTold } from '../../operators/state/pack-told.ts';
import type { Told } from '../../schemas/told.ts';
import { decideAll, facts } from '../support/embedded-host.ts';
import { LaneHost } from '../support/lane-host.ts';
import { items, settings, type Spec } from '../support/streams.ts';

const spec: fc.Arbitrary<Spec> = fc.record({ kind: fc.nat(12), jitter: fc.constantFrom(0, 0.05, 0.3, 1), label: fc.constantFrom('a', 'b', 'c', null), failed: fc.nat(15).map((n) => n === 0) });
const step = fc.record({ of: fc.nat(1), count: fc.integer({ min: 1, max: 90 }), late: fc.boolean(), label: fc.nat(3), reopen: fc.nat(5).map((n) => n === 0) });
const run = fc.record({ seed: fc.nat(1000), specs: fc.array(spec, { minLength: 250, maxLength: 350 }), per: fc.constantFrom('fleet', 'stream'), steps: fc.array(step, { minLength: 12, maxLength: 24 }) });
type Run = typeof run extends fc.Arbitrary<infer T> ? T : never;

const settingsOf = ({ seed, per }: Run, partition: number): ReturnType<typeof settings> => settings({ seed, per, lateLabels: true, fleet: { partition, partitions: 2 } });
const told = (lane: LaneHost): readonly Told[] => lane.batches.flatMap((batch) => batch.told);

/** Two lanes, whose batches come in any order; what one tells the other hears with its next batch, or later. */
async function play(input: Run, reopens: boolean): Promise<readonly LaneHost[]> {
  const made = items(input.seed, input.specs);
  const lanes = [0, 1].map((partition) => new LaneHost(settingsOf(input, partition)));
  const at = [0, 0];
  const onTheWay: Told[][] = [[], []];
  for (const { of, count, late, label, reopen } of input.steps) {
    const [lane, other] = [lanes[of] as LaneHost, 1 - of];
    if (reopens && reopen) await lane.reopen();
    const from = at[of] ?? 0;
    const batch = await lane.decide(made.slice(from, from + count));
    at[of] = from + count;
    if (label > 0) await lane.label([{ id: `item-${from}`, classes: [`class ${label}`], letter: new Uint8Array() }]);
    onTheWay[other]?.push(...batch.told);
    if (!late) lanes[other]?.inbox.push(...(onTheWay[other] ?? []).splice(0));
  }
  return lanes;
}

test('a replay of the log gives decisions, state and what was told', async () => {
  let heard = 0;
  await fc.assert(
    fc.asyncProperty(run, async (input) => {
      for (const [partition, lane] of (await play(input, false)).entries()) {
        heard += lane.events.filter(({ kind }) => kind === 'hear').length;
        const replayed = await decideAll(settingsOf(input, partition), items(input.seed, input.specs).slice(0, lane.batches.reduce((sum, { decisions, dead }) => sum + decisions.length + dead.length, 0)), { batch: 50, events: lane.events });
        expect(facts(replayed)).toEqual(facts(lane));
        expect(replayed.batches.flatMap((batch) => batch.told)).toEqual(told(lane));
        const state = [...replayed.state()].map(({ kind, key, value }) => `${kind}/${key} ${Buffer.from(value ?? []).toString('base64')}`).sort();
        expect(lane.state.filter((line) => !/^(item|totals)\//.test(line))).toEqual(state);
      }
    }),
    { numRuns: 12 },
  );
  expect(heard).toBeGreaterThan(12);
});

test('taken over anywhere, a lane goes on as it would have', async () => {
  await fc.assert(
    fc.asyncProperty(run, async (input) => {
      const [whole, again] = [await play(input, false), await play(input, true)];
      for (const partition of [0, 1]) {
        const [one, other] = [whole[partition] as LaneHost, again[partition] as LaneHost];
        expect(facts(other)).toEqual(facts(one));
        expect(told(other)).toEqual(told(one));
        expect(other.state).toEqual(one.state);
      }
    }),
    { numRuns: 12 },
  );
});

test('others are told after the batch that passes a multiple of 32, dead letters counted, and nothing is told or heard by an engine that is alone', async () => {
  const made = items(1, Array.from({ length: 100 }, (_, i) => ({ kind: i % 5, jitter: 0.3, failed: i % 10 === 3 })));
  const lane = new LaneHost(settings({ fleet: { partition: 0, partitions: 2 } }));
  const alone = new LaneHost(settings());
  for (const host of [lane, alone]) {
    host.inbox.push({ partition: 1, cluster: 0, sketch: null });
    for (const [from, to] of [[0, 31], [31, 32], [32, 50], [50, 66], [66, 95], [95, 100]] as const) await host.decide(made.slice(from, to));
  }
  expect(lane.batches.map((batch) => batch.told.length > 0)).toEqual([false, true, false, true, false, true]);
  expect(lane.events.map(({ kind, after }) => [kind, after])).toEqual([['hear', -1], ['tell', 31], ['tell', 65], ['tell', 99]]);
  expect(alone.batches.flatMap((batch) => [...batch.told, ...batch.changes.filter((change) => externalOf(change) !== null)])).toEqual([]);
});

test('what was heard comes back from the log as it was', () => {
  const heard: readonly Told[] = [
    { partition: 3, cluster: 17, sketch: { decided: 31, centroid: Float32Array.of(0.5, -0.25, 1), weight: 4.5, time: 1e12, counts: [{ class: '__proto__', weight: 2 }, { class: '', weight: 0.1 }] } },
    { partition: 3, cluster: 18, sketch: { decided: 32, centroid: Float32Array.of(1), weight: 1, time: null, counts: [] } },
    { partition: 0, cluster: 2, sketch: null },
    { partition: 1, standing: { time: null, decided: 99, rate: 0, eligible: 0.5, quantiles: Float32Array.of(-1, 0, 1), transfers: [{ partition: 3, given: 4, taken: 5 }], variety: { seen: 70, mean: Float32Array.of(0.25, 0), item: Float32Array.of(1, 0), square: 0.125 } } },
    { partition: 2, standing: { time: 7, decided: 1, rate: 0.25, eligible: 1, quantiles: new Float32Array(), transfers: [], variety: null } },
  ];
  expect(unpackTold(packTold(heard))).toEqual(heard);
});
