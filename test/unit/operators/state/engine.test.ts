/** What only shows in the whole engine. */
import { Unpacker } from '../../../../operators/state/codec.ts';
import { describe, expect, test } from 'vitest';
import { decideAll, facts } from '../../../support/embedded-host.ts';
import { items, settings } from '../../../support/streams.ts';
import { MAX_CLASSES } from '../../../../operators/state/head.ts';

describe('memory', () => {
  test('is bounded although clusters come, go cold and are merged away', async () => {
    const base = settings({ budget: 0.9 });
    const policy = { ...base.policy, memory: { max: 200 }, clusters: { ...base.policy.clusters, max: 5, maxCold: 5 } };
    const made = items(1, Array.from({ length: 5001 }, (_, i) => ({ kind: Math.floor(i / 60), jitter: 0.35 })));
    const store = await decideAll({ ...base, policy }, made, { batch: 64 });
    const remembered = [...store.state()].filter(({ kind }) => kind === 'admitted').length;
    // Compaction is due at every 1,000th item, so up to that many more may be there.
    expect(remembered).toBeLessThanOrEqual(260);
  });

  test('is compacted although the item at the fixed place is a bad file', async () => {
    const base = settings({ budget: 0.9, policy: { ...settings().policy, memory: { max: 100 } } });
    const specs = Array.from({ length: 1002 }, (_, i) => ({ kind: 1, jitter: 0.35, failed: i === 1000 }));
    const remembered = [...(await decideAll(base, items(1, specs))).state()].filter(({ kind }) => kind === 'admitted').length;
    expect(remembered).toBeLessThanOrEqual(100);
  });
});

describe('labels', () => {
  const specs = Array.from({ length: 200 }, (_, i) => ({ kind: i % 5, jitter: 0.5, label: `class ${i % 3}` }));

  test('left pending stay unlearned when labels are never to be shown any more', async () => {
    const made = items(2, specs);
    const first = await decideAll(settings({ reveal: { when: 'admitted', after: 50 } }), made.slice(0, 100));
    const before = first.batches.flatMap(({ amends }) => amends).length;
    const second = await decideAll(settings({ reveal: { when: 'never' } }), made, { store: first });
    expect(second.batches.flatMap(({ amends }) => amends).length).toBe(before);
  });

  test('whose names are no proper text resume as they were', async () => {
    const odd = items(2, specs.map((spec, i) => ({ ...spec, label: `\ud800 ${i % 3}` })));
    const whole = await decideAll(settings(), odd, { batch: 10 });
    const half = await decideAll(settings(), odd.slice(0, 100), { batch: 10 });
    expect(facts(await decideAll(settings(), odd, { batch: 10, store: half }))).toEqual(facts(whole));
  });

  test('that are all different do not fill the memory', async () => {
    const store = await decideAll(settings({ budget: 1 }), items(2, Array.from({ length: MAX_CLASSES + 300 }, (_, i) => ({ kind: i % 50, jitter: 0.5, label: `caption ${i}` }))));
    expect([...store.state()].filter(({ kind }) => kind === 'class').length).toBeLessThanOrEqual(MAX_CLASSES);
  });
});

test('one camera with a wrong date among good ones raises one alert', async () => {
  const specs = Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? { kind: i % 7, jitter: 0.4, time: i * 1000, stream: 'good' } : { kind: i % 7, jitter: 0.4, time: 4e12, stream: 'bad' }));
  const store = await decideAll(settings(), items(5, specs));
  const alerts = store.batches.flatMap((batch) => batch.alerts).filter(({ kind }) => kind === 'health.clock');
  expect(alerts.map(({ seq, streams }) => [seq, streams])).toEqual([[1, ['bad']]]);
});

test('copies say nothing of what is usual for a label', async () => {
  const specs = Array.from({ length: 600 }, (_, i) => ({ kind: 1, jitter: i % 10 === 0 ? 0.8 : 0, label: 'gate' }));
  const store = await decideAll(settings({ reveal: { when: 'all' } }), items(4, specs));
  const barred = store.decisions.filter(({ reasons: [first] }) => first?.code === 'exact_duplicate' || first?.code === 'near_duplicate').length;
  expect(barred).toBeGreaterThan(400);
  const [value] = [...store.state()].flatMap((change) => (change.kind === 'oddity' && change.value !== null ? [change.value] : []));
  const from = new Unpacker(value ?? new Uint8Array());
  expect(from.text()).toBe('gate');
  const learned = from.f64();
  expect(learned).toBeGreaterThan(20);
  expect(learned).toBeLessThanOrEqual(specs.length - barred);
});

test('where the choice is by lot, a kind that is rare gets its share of the budget in each part of the stream', async () => {
  const base = settings({ reveal: { when: 'never' } });
  const { weights, eligible, priority } = base.policy;
  const policy = { ...base.policy, weights: { ...weights, novelty: 0, share: 0 }, eligible: { ...eligible, nearDuplicate: 1, nearDuplicateFloor: 1 }, priority: { ...priority, rareShare: 0 } };
  const specs = Array.from({ length: 5000 }, (_, i) => ({ kind: i % 10 === 9 ? 1 : 2, jitter: 0.3 }));
  const { decisions } = await decideAll({ ...base, policy }, items(3, specs));
  const admitted = (from: number): number => decisions.slice(from, from + 500).filter(({ verdict }, k) => verdict === 'admit' && k % 10 === 9).length;
  // 12.5 of 50 are due; independent draws stray by 3 at a time, and somewhere among eight parts by 4 to 6.
  for (let at = 1000; at < 5000; at += 500) expect(Math.abs(admitted(at) - 12.5)).toBeLessThan(3);
});
