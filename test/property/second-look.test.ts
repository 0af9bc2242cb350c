/** Second looks, with a tenth of the labels wrong: what is said, and that batches and where a run was resumed change nothing of it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Reveal } from '../../operators/state/labels.ts';
import { decideAll, facts, type MemoryStore } from '../support/embedded-host.ts';
import { items, settings, type Spec } from '../support/streams.ts';

const REVIEW = settings().policy.audit.review;
const spec: fc.Arbitrary<Spec> = fc.record({ kind: fc.nat(5), jitter: fc.constantFrom(0.3, 0.5), wrong: fc.nat(9), of: fc.nat(5) }).map(({ kind, jitter, wrong, of }) => ({ kind, jitter, label: `class ${wrong === 0 ? of : kind}` }));
const reveal: fc.Arbitrary<Reveal> = fc.constantFrom({ when: 'all' }, { when: 'admitted', after: 17 });
const run = fc.record({ seed: fc.nat(1000), specs: fc.array(spec, { minLength: 300, maxLength: 500 }), reveal });

/** What was said of each admitted item, first to last. */
function said(store: MemoryStore): ReadonlyMap<number, readonly number[]> {
  const all = new Map(store.decisions.map(({ seq, suspicion }) => [seq, suspicion === null ? [] : [suspicion]]));
  for (const { seq, suspicion, review } of store.batches.flatMap(({ amends }) => amends)) {
    expect(review).toBe(suspicion >= REVIEW);
    all.get(seq)?.push(suspicion);
  }
  return all;
}

test('each time something is said again it has changed sides and moved by a tenth, of admitted items alone', async () => {
  let again = 0;
  await fc.assert(
    fc.asyncProperty(run, async ({ seed, specs, reveal: when }) => {
      const store = await decideAll(settings({ seed, reveal: when, budget: 0.5 }), items(seed, specs));
      for (const [seq, values] of said(store)) {
        if (values.length > 1) expect(store.decisions[seq]?.verdict).toBe('admit');
        for (let i = 1; i < values.length; i++) {
          const [before, now] = [values[i - 1] ?? NaN, values[i] ?? NaN];
          expect(now >= REVIEW).not.toBe(before >= REVIEW);
          expect(Math.abs(now - before)).toBeGreaterThanOrEqual(0.1);
          again += 1;
        }
      }
    }),
    { numRuns: 12 },
  );
  expect(again).toBeGreaterThan(10);
});

test('the same is said, and the same state left, for any batch size and wherever a run was stopped and resumed', async () => {
  const state = (store: MemoryStore): readonly string[] => [...store.state()].map(({ kind, key, value }) => `${kind}/${key} ${Buffer.from(value ?? []).toString('base64')}`);
  await fc.assert(
    fc.asyncProperty(run, fc.array(fc.nat(500), { minLength: 2, maxLength: 4 }), async ({ seed, specs, reveal: when }, stops) => {
      const made = items(seed, specs);
      const options = settings({ seed, reveal: when, budget: 0.5 });
      const whole = await decideAll(options, made, { batch: 64 });
      for (const batch of [1, 7]) {
        const other = await decideAll(options, made, { batch });
        expect(facts(other)).toEqual(facts(whole));
        expect(state(other)).toEqual(state(whole));
      }
      let store = await decideAll(options, []);
      for (const stop of [...stops.sort((a, b) => a - b), made.length]) store = await decideAll(options, made.slice(0, stop), { batch: 10, store });
      expect(facts(store)).toEqual(facts(whole));
      expect(state(store)).toEqual(state(whole));
    }),
    { numRuns: 8 },
  );
});

test('the same past a snapshot of the head and a compaction of the memory, resumed anywhere', async () => {
  const specs = Array.from({ length: 2600 }, (_, i): Spec => ({ kind: i % 12, jitter: 1.2, label: `class ${i % 6 === 0 ? (i * 3) % 5 : (i % 12) % 5}` }));
  const base = settings({ budget: 0.9 });
  const options = { ...base, policy: { ...base.policy, memory: { max: 300 } } };
  const made = items(3, specs);
  const whole = await decideAll(options, made, { batch: 64 });
  let store = await decideAll(options, []);
  for (const stop of [700, 1999, 2050, 2600]) store = await decideAll(options, made.slice(0, stop), { batch: 33, store });
  expect(facts(store)).toEqual(facts(whole));
  // Behind the compaction at the 1,000th item.
  expect(whole.batches.slice(17).flatMap(({ amends }) => amends).length).toBeGreaterThan(0);
  expect([...whole.state()].filter(({ kind }) => kind === 'admitted').length).toBeLessThan(1000);
});
