/** Verdicts that a person turns round: they count from then on, and whatever the batches and restarts, the run goes on the same. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EngineSettings } from '../../operators/state/engine.ts';
import type { External } from '../../operators/state/external.ts';
import { Unpacker } from '../../operators/state/codec.ts';
import { packTurned } from '../../operators/state/turn.ts';
import { decideAll, facts, type MemoryStore } from '../support/embedded-host.ts';
import { items, settings, type Spec } from '../support/streams.ts';

const COUNT = 80;
const specs: readonly Spec[] = Array.from({ length: 2 * COUNT }, (_, i) => ({ kind: i % 20 === 0 ? 10 + i : i % 4, jitter: 0.6, label: `class ${i % 20 === 0 ? i : i % 4}`, stream: `s${i % 3}` }));
const all = items(1, specs);
const targets = [{ stream: 's1', share: 0.5 }, { class: 'class 2', count: 20 }];
const worlds: readonly EngineSettings[] = [
  settings({ budget: 0.3, lateLabels: true, policy: { ...settings().policy, targets } }),
  settings({ budget: 0.3, lateLabels: true, reveal: { when: 'admitted', after: 30 } }),
  settings({ budget: 0.3, lateLabels: true, reveal: { when: 'never' }, validationShare: 0.5 }),
];
const some = fc.uniqueArray(fc.nat({ max: COUNT - 1 }), { minLength: 1, maxLength: 12 });

/** Turned round once, each the other way than it is. */
async function turns(engine: EngineSettings, seqs: readonly number[]): Promise<readonly External[]> {
  const { decisions } = await decideAll(engine, all.slice(0, COUNT));
  return seqs.map((seq) => ({ kind: 'turn', after: COUNT - 1, payload: packTurned(seq, decisions[seq]?.verdict === 'reject') }));
}

function admittedIn(store: MemoryStore): readonly number[] {
  return [...store.state()].filter(({ kind }) => kind === 'admitted').map(({ key }) => key);
}

function counts(store: MemoryStore): ReadonlyMap<string, number> {
  const rows = [...store.state()].flatMap(({ kind, value }) => (kind === 'class' && value !== null ? [new Unpacker(value)] : []));
  return new Map(rows.map((row) => [row.text(), row.f64()]));
}

test.each([0, 1, 2])('a run goes on behind it the same, for any batch, restored or not; there and back again counts as before (world %i)', async (world) => {
  const engine = worlds[world] as EngineSettings;
  await fc.assert(
    fc.asyncProperty(some, fc.integer({ min: 1, max: 30 }), async (seqs, batch) => {
      const events = await turns(engine, seqs);
      const undisturbed = await decideAll(engine, all, { events });
      const store = await decideAll(engine, all.slice(0, COUNT), { batch });
      const [before, was] = [admittedIn(store), counts(store)];
      await decideAll(engine, all.slice(0, COUNT), { store, events });
      const turned = new Set(seqs);
      expect(admittedIn(store)).toEqual(Array.from({ length: COUNT }, (_, seq) => seq).filter((seq) => before.includes(seq) !== turned.has(seq)));
      await decideAll(engine, all.slice(0, COUNT + 30), { store, batch });
      await decideAll(engine, all, { store, batch });
      expect(facts(store)).toEqual(facts(undisturbed));
      const bytes = (of: MemoryStore): readonly string[] => [...of.state()].map(({ kind, key, value }) => `${kind} ${key} ${Buffer.from(value ?? []).toString('hex')}`);
      expect(bytes(store)).toEqual(bytes(undisturbed));

      const back = events.map(({ after, payload }) => ({ kind: 'turn', after, payload: packTurned(new Unpacker(payload).f64(), before.includes(new Unpacker(payload).f64())) }));
      const again = await decideAll(engine, all.slice(0, COUNT), { events: [...events, ...back] });
      expect(admittedIn(again)).toEqual(before);
      for (const [name, count] of counts(again)) expect(Math.abs(count - (was.get(name) ?? 0)), name).toBeLessThan(0.02 * seqs.length);
    }),
    { numRuns: 8 },
  );
}, 120_000);

test('a rescued item is what later ones are held against, and a revoked one is not; the budget does not know of it', async () => {
  const engine = worlds[2] as EngineSettings;
  const { decisions } = await decideAll(engine, all.slice(0, COUNT));
  const [rejected, admitted] = [decisions.findLast(({ verdict }) => verdict === 'reject'), decisions.findLast(({ verdict }) => verdict === 'admit')];
  const again = [rejected, admitted].map((item, i) => {
    const same = all[item?.seq ?? -1];
    return { ...same, seq: COUNT + i, sample: { ...(same !== undefined && 'sample' in same ? same.sample : {}), id: `again ${i}` } };
  }) as typeof all;
  const stream = [...all.slice(0, COUNT), ...again];
  const [plain, turned] = [await decideAll(engine, stream), await decideAll(engine, stream, { events: await turns(engine, [rejected?.seq ?? -1, admitted?.seq ?? -1]) })];
  const codes = (store: MemoryStore): readonly boolean[] => store.decisions.slice(COUNT).map(({ reasons }) => reasons[0]?.code === 'exact_duplicate');
  expect([codes(plain), codes(turned)]).toEqual([[false, true], [true, false]]);
  expect(turned.batches.at(-1)?.unspent).toBeLessThanOrEqual((plain.batches.at(-1)?.unspent ?? 0) + 1);
});
