/** Labels that come from outside the stream's own order: wherever they come, batches and takeovers change nothing, and a replay of the log gives the same. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LateLabel } from '../../operators/state/late-label.ts';
import type { Reveal } from '../../operators/state/labels.ts';
import { decideAll, facts } from '../support/embedded-host.ts';
import { LaneHost } from '../support/lane-host.ts';
import { items, settings, type Spec } from '../support/streams.ts';

const spec: fc.Arbitrary<Spec> = fc.record({ kind: fc.nat(12), jitter: fc.constantFrom(0, 0.05, 0.3, 1), label: fc.constantFrom('a', 'b', 'c', null), failed: fc.nat(15).map((n) => n === 0) });
const reveal: fc.Arbitrary<Reveal> = fc.constantFrom({ when: 'all' }, { when: 'never' }, { when: 'admitted', after: 17 });
/** Before which item it comes, and of which: also of later ones, and of some that never come. */
const late = fc.record({ at: fc.nat(200), of: fc.nat(210), class: fc.constantFrom<string>('a', 'b', 'c', 'd') });
const run = fc.record({ seed: fc.nat(1000), specs: fc.array(spec, { minLength: 120, maxLength: 200 }), reveal, labels: fc.array(late, { minLength: 150, maxLength: 300 }) });
type Run = typeof run extends fc.Arbitrary<infer T> ? T : never;

function labelOf({ of, class: name }: { of: number; class: string }, i: number): LateLabel {
  return { id: `item-${of}`, classes: [name], letter: new Uint8Array([i % 256, of % 256]) };
}

/** @param stops items before which the lane is taken over by another, before and behind the labels that come there */
async function play({ seed, specs, reveal: when, labels }: Run, batch: number, stops: { before: readonly number[]; behind: readonly number[] } = { before: [], behind: [] }, policy = settings().policy): Promise<LaneHost> {
  const host = new LaneHost(settings({ seed, reveal: when, lateLabels: true, policy }));
  const made = items(seed, specs);
  let open: typeof made = [];
  for (let at = 0; at <= made.length; at++) {
    const due = labels.map(labelOf).filter((_, i) => Math.min(labels[i]?.at ?? 0, made.length) === at);
    if (open.length > 0 && (open.length === batch || due.length > 0 || [...stops.before, ...stops.behind].includes(at) || at === made.length)) await host.decide(open.splice(0));
    if (stops.before.includes(at)) await host.reopen();
    for (let i = 0; i < due.length; i += batch) await host.label(due.slice(i, i + batch));
    if (stops.behind.includes(at)) await host.reopen();
    open.push(...made.slice(at, at + 1));
  }
  return host;
}

test('the same decisions, amendments and state for any batches, wherever the lane is taken over', async () => {
  await fc.assert(
    fc.asyncProperty(run, fc.array(fc.nat(200), { minLength: 3, maxLength: 6 }), fc.array(fc.nat(200), { minLength: 3, maxLength: 6 }), fc.integer({ min: 1, max: 40 }), async (input, before, behind, batch) => {
      const whole = await play(input, 32);
      const other = await play(input, batch, { before, behind });
      expect(facts(other)).toEqual(facts(whole));
      expect(other.state).toEqual(whole.state);
      expect(other.events).toEqual(whole.events);
    }),
    { numRuns: 12 },
  );
});

test('a replay of the samples with the logged events, each after the item it was logged after, gives the decisions and the state', async () => {
  await fc.assert(
    fc.asyncProperty(run, async (input) => {
      const lane = await play(input, 16);
      const replayed = await decideAll(settings({ seed: input.seed, reveal: input.reveal, lateLabels: true }), items(input.seed, input.specs), { batch: 50, events: lane.events });
      expect(facts(replayed)).toEqual(facts(lane));
      const state = [...replayed.state()].map(({ kind, key, value }) => `${kind}/${key} ${Buffer.from(value ?? []).toString('base64')}`).sort();
      expect(lane.state.filter((line) => !/^(item|totals)\//.test(line))).toEqual(state);
      expect(lane.events.length).toBe(input.labels.length);
    }),
    { numRuns: 12 },
  );
});

test('labels past a snapshot of the head and a compaction: taken over anywhere and replayed, it comes to the same', async () => {
  const specs = Array.from({ length: 2600 }, (_, i): Spec => ({ kind: i % 97, jitter: 0.8, label: i % 3 === 0 ? `class ${i % 7}` : null }));
  // Of items up to 400 before and 40 after, now and then another one for the same.
  const labels = Array.from({ length: 2600 }, (_, i) => ({ at: i - (i % 25), of: Math.max(0, i - ((i * 7919) % 440) + 40), class: `class ${(i * 31) % 7}` }));
  const input: Run = { seed: 3, specs, reveal: { when: 'admitted', after: 200 }, labels };
  const policy = { ...settings().policy, memory: { max: 300 } };
  const whole = await play(input, 50, undefined, policy);
  const other = await play(input, 37, { before: [300, 1000, 1999, 2100], behind: [1000, 2048, 2500] }, policy);
  expect(facts(other)).toEqual(facts(whole));
  expect(other.state).toEqual(whole.state);
  expect(whole.state.some((line) => line.startsWith('head-manifest/'))).toBe(true);
  const replayed = await decideAll(settings({ seed: 3, reveal: input.reveal, lateLabels: true, policy }), items(3, specs), { batch: 64, events: whole.events });
  expect(facts(replayed)).toEqual(facts(whole));
});
