/** Results never depend on batching, on where a run was resumed, or on the index's arithmetic. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { D, items, settings, type Spec } from '../support/streams.ts';
import { decideAll, facts, LoopIndex } from '../support/embedded-host.ts';
import type { Reveal } from '../../operators/state/labels.ts';

const spec: fc.Arbitrary<Spec> = fc.record({
  kind: fc.nat(12),
  jitter: fc.constantFrom(0, 0.05, 0.3, 1),
  label: fc.constantFrom('a', 'b', 'c', null),
  failed: fc.nat(15).map((n) => n === 0),
});
const reveal: fc.Arbitrary<Reveal> = fc.constantFrom({ when: 'all' }, { when: 'never' }, { when: 'admitted', after: 17 });
const run = fc.record({ seed: fc.nat(1000), specs: fc.array(spec, { minLength: 80, maxLength: 400 }), reveal });

test('the same decisions for batches of 1, 7 and 64, and other transactions', async () => {
  await fc.assert(
    fc.asyncProperty(run, async ({ seed, specs, reveal: when }) => {
      const made = items(seed, specs);
      const options = settings({ seed, reveal: when });
      const whole = await decideAll(options, made, { batch: 64 });
      const expected = facts(whole);
      for (const batch of [1, 7]) {
        const other = await decideAll(options, made, { batch });
        expect(other.batches.length).toBe(Math.ceil(made.length / batch));
        expect(other.batches.length).toBeGreaterThan(whole.batches.length);
        expect(facts(other)).toEqual(expected);
      }
    }),
    { numRuns: 12 },
  );
});

test('a run stopped anywhere and resumed gives the decisions of an undisturbed one', async () => {
  await fc.assert(
    fc.asyncProperty(run, fc.array(fc.nat(400), { minLength: 1, maxLength: 3 }), async ({ seed, specs, reveal: when }, stops) => {
      const made = items(seed, specs);
      const options = settings({ seed, reveal: when });
      const expected = facts(await decideAll(options, made, { batch: 10 }));
      let store = await decideAll(options, []);
      for (const stop of [...stops.sort((a, b) => a - b), made.length]) store = await decideAll(options, made.slice(0, stop), { batch: 10, store });
      expect(facts(store)).toEqual(expected);
    }),
    { numRuns: 12 },
  );
});

test('targets: the same for any batch size, and resumed anywhere', async () => {
  const targets = [{ class: 'a', count: 30 }, { class: 'c', share: 0.6 }, { stream: 'east', share: 0.5 }, { class: 'never', count: 5 }];
  const base = settings();
  await fc.assert(
    fc.asyncProperty(run, fc.nat(400), async ({ seed, specs, reveal: when }, stop) => {
      const made = items(seed, specs.map((each, i) => ({ ...each, stream: i % 4 === 0 ? 'east' : 'west' })));
      const options = settings({ seed, reveal: when, policy: { ...base.policy, targets } });
      const whole = await decideAll(options, made, { batch: 64 });
      const standings = (store: typeof whole): readonly string[] => [...store.state()].flatMap(({ kind, value }) => (kind === 'target' && value !== null ? [Buffer.from(value).toString()] : []));
      for (const batch of [1, 7]) expect(facts(await decideAll(options, made, { batch }))).toEqual(facts(whole));
      const half = await decideAll(options, made.slice(0, stop), { batch: 10 });
      const resumed = await decideAll(options, made, { batch: 10, store: half });
      expect(facts(resumed)).toEqual(facts(whole));
      expect(standings(resumed)).toEqual(standings(whole));
      expect(standings(whole).length).toBe(targets.length);
    }),
    { numRuns: 8 },
  );
});

test('an index whose similarities are a little off changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(run, async ({ seed, specs }) => {
      const made = items(seed, specs);
      const exact = await decideAll(settings({ seed }), made, { batch: 16 });
      const noisy = await decideAll(settings({ seed }), made, { batch: 16, index: new LoopIndex(D, 4e-6) });
      expect(facts(noisy)).toEqual(facts(exact));
    }),
    { numRuns: 12 },
  );
});

test('a long run with snapshots of the head, compaction and cold clusters resumes bit-equal', async () => {
  const specs = Array.from({ length: 5200 }, (_, i) => ({ kind: i % 397, jitter: 0.8, label: `class ${i % 7}` }));
  const made = items(3, specs);
  const base = settings({ budget: 0.5 });
  const policy = { ...base.policy, memory: { max: 600 }, clusters: { ...base.policy.clusters, max: 40, maxCold: 60 } };
  const options = settings({ budget: 0.5, policy });
  const whole = await decideAll(options, made, { batch: 50 });
  let resumed = await decideAll(options, []);
  for (const stop of [900, 2049, 2100, 4097, 5200]) resumed = await decideAll(options, made.slice(0, stop), { batch: 37, store: resumed });
  expect(facts(resumed)).toEqual(facts(whole));
  const kinds = new Set([...whole.state()].map(({ kind }) => kind));
  expect(kinds).toContain('head-manifest');
  expect([...whole.state()].filter(({ kind }) => kind === 'admitted').length).toBeLessThanOrEqual(600 + 1000 * 0.51);
});

test('what is kept of the memory is what the engine holds, also of items whose labels fall due in the batch that drops them', async () => {
  const made = items(1, Array.from({ length: 2300 }, (_, i) => ({ kind: i % 4, jitter: 0.7, label: `class ${i % 3}` })));
  const base = settings({ reveal: { when: 'admitted', after: 30 } });
  const options = { ...base, policy: { ...base.policy, memory: { max: 60 } } };
  const kept = async (batch: number): Promise<readonly string[]> =>
    [...(await decideAll(options, made, { batch })).state()].filter(({ kind }) => kind === 'admitted').map(({ key, value }) => `${key} ${Buffer.from(value ?? []).toString('base64')}`);
  const one = await kept(1);
  expect(one.length).toBeLessThan(300);
  for (const batch of [32, 256, 1000]) expect(await kept(batch)).toEqual(one);
});
