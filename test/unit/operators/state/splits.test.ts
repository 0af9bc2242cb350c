import { expect, test } from 'vitest';
import type { Decision } from '../../../../schemas/decision.ts';
import { packAdmitted, unpackAdmitted } from '../../../../operators/state/memory.ts';
import { splitOf } from '../../../../operators/state/split.ts';
import { dot } from '../../../../operators/state/vectors.ts';
import { DEFAULT_POLICY } from '../../../../pipelines/config/policy.ts';
import { decideAll } from '../../../support/embedded-host.ts';
import { D, items, settings } from '../../../support/streams.ts';

const stream = items(5, Array.from({ length: 600 }, (_, i) => ({ kind: i % 12, jitter: 0.6, label: `class ${i % 17 === 0 ? (i + 5) % 12 : i % 12}` })));
const admitted = (decisions: readonly Decision[]): readonly Decision[] => decisions.filter(({ verdict }) => verdict === 'admit');

test('for validation nothing is admitted before the head has seen 100 labels, and then nothing suspicious', async () => {
  const { decisions } = await decideAll(settings({ purpose: 'validation', budget: 0.4 }), stream);
  expect(Math.min(...admitted(decisions).map(({ seq }) => seq))).toBe(100);
  expect(decisions.slice(0, 100).every(({ reasons: [first], seq }) => first?.code !== 'unaudited' || first.value === seq)).toBe(true);
  expect(admitted(decisions).length).toBeGreaterThan(120);
  expect(decisions.some(({ reasons: [first] }) => first?.code === 'suspicious_label')).toBe(true);
  expect(admitted(decisions).every(({ suspicion, split }) => (suspicion ?? 1) < DEFAULT_POLICY.audit.validation && split === 'validation')).toBe(true);
});

test('without labels there are none to be wrong: a validation set is chosen from the first item on', async () => {
  const { decisions } = await decideAll(settings({ purpose: 'validation', budget: 0.4, reveal: { when: 'never' } }), stream);
  expect(admitted(decisions).length).toBeGreaterThan(220);
});

test('a share of a train run goes to validation by whole clusters, under the rules of a validation set, whatever the batch', async () => {
  const run = settings({ validationShare: 0.3, budget: 0.5 });
  const { decisions } = await decideAll(run, stream);
  const sides = new Map<number, Set<string | null>>();
  for (const { cluster, split } of admitted(decisions)) sides.set(Number(cluster), (sides.get(Number(cluster)) ?? new Set()).add(split));
  for (const [cluster, found] of sides) expect([...found]).toEqual([splitOf(run, cluster)]);
  expect(new Set([...sides.values()].flatMap((found) => [...found]))).toEqual(new Set(['train', 'validation']));
  const held = admitted(decisions).filter(({ split }) => split === 'validation');
  expect(held.every(({ seq, suspicion }) => seq >= 100 && (suspicion ?? 1) < DEFAULT_POLICY.audit.validation)).toBe(true);
  expect(decisions.filter(({ verdict }) => verdict === 'reject').every(({ split }) => split === null)).toBe(true);
  expect((await decideAll(run, stream, { batch: 7 })).decisions.map(({ split }) => split)).toEqual(decisions.map(({ split }) => split));
});

test('clusters that are merged change nobody\'s side, nor the bar for its label', async () => {
  const policy = { ...DEFAULT_POLICY, clusters: { max: 6, maxCold: 3, promoteAt: 4.5, spread: 0 }, audit: { ...DEFAULT_POLICY.audit, taught: 0 } };
  const run = settings({ policy, validationShare: 0.4, budget: 0.8, reveal: { when: 'admitted', after: 100 } });
  const store = await decideAll(run, stream);
  const of = new Map(admitted(store.decisions).map(({ seq, cluster, split }) => [seq, { cluster, split }]));
  for (const { cluster, split } of of.values()) expect(split).toBe(splitOf(run, Number(cluster)));
  const remembered = [...store.state()].filter(({ kind }) => kind === 'admitted').map(({ key, value }) => unpackAdmitted(key, value ?? new Uint8Array()));
  const moved = remembered.filter(({ seq, cluster }) => splitOf(run, cluster) !== of.get(seq)?.split);
  expect(moved.length).toBeGreaterThan(50);
  const { review, validation } = policy.audit;
  const amends = store.batches.flatMap((batch) => batch.amends);
  expect(amends.map((amend) => amend.review)).toEqual(amends.map(({ seq, suspicion }) => suspicion >= (of.get(seq)?.split === 'validation' ? validation : review)));
  expect(amends.filter(({ suspicion }) => suspicion >= validation && suspicion < review).length).toBeGreaterThan(5);
  expect(remembered.map(({ split }) => split)).toEqual(remembered.map(({ seq }) => of.get(seq)?.split));
});

test('a record of an earlier version, which did not keep the set, is read', () => {
  const item = { seq: 3, id: 'a', cluster: 5, digest: 'd', classes: ['b'] };
  expect(unpackAdmitted(3, packAdmitted(item))).toEqual(item);
});

test('no near-duplicates on two sides', async () => {
  // Every picture comes three times, hardly changed, and clusters are small.
  const policy = { ...DEFAULT_POLICY, clusters: { ...DEFAULT_POLICY.clusters, spread: 0 } };
  const twins = items(6, Array.from({ length: 900 }, (_, i) => ({ kind: i % 300, jitter: 0.05 })));
  const { decisions } = await decideAll(settings({ validationShare: 0.5, budget: 1, policy, reveal: { when: 'never' } }), twins);
  const of = (side: string): readonly Decision[] => decisions.filter(({ split }) => split === side);
  expect(Math.min(of('train').length, of('validation').length)).toBeGreaterThan(20);
  const nearest = Math.max(...of('train').flatMap((a) => of('validation').map((b) => dot(a.embedding, 0, b.embedding, 0, D))));
  expect(nearest).toBeLessThan(DEFAULT_POLICY.eligible.nearDuplicate);
});

test('the share is the part of clusters, and another seed draws others', () => {
  const drawn = (seed: number): readonly string[] => Array.from({ length: 2000 }, (_, cluster) => splitOf({ purpose: 'train', validationShare: 0.2, seed }, cluster));
  expect(drawn(1).filter((side) => side === 'validation').length / 2000).toBeCloseTo(0.2, 1);
  expect(drawn(1)).not.toEqual(drawn(2));
  expect(drawn(1)).toEqual(drawn(1));
});
