/** Alerts on novel clusters, by the whole engine over made-up streams. */
import { describe, expect, test } from 'vitest';
import { unpackRow } from '../../../../operators/state/cluster-row.ts';
import { Engine } from '../../../../operators/state/engine.ts';
import type { Alert } from '../../../../schemas/decision.ts';
import { decideAll, type MemoryStore } from '../../../support/embedded-host.ts';
import { items, settings, type Spec } from '../../../support/streams.ts';

const JITTER = 0.35;
const NEW = 40;
/** Eight kinds from the beginning. */
const usual = (i: number): Spec => ({ kind: i % 8, jitter: JITTER });
/** From `from` on every 20th item is of a kind that was never there, `count` of them. */
const appearing = (length: number, from: number, count: number, spec: Partial<Spec> = {}): Spec[] =>
  Array.from({ length }, (_, i) => (i >= from && (i - from) % 20 === 0 && (i - from) / 20 < count ? { kind: NEW, jitter: JITTER, ...spec } : usual(i)));
const novel = ({ batches }: MemoryStore): readonly Alert[] => batches.flatMap(({ alerts }) => alerts).filter(({ kind }) => kind === 'novel');
const raised = async (specs: readonly Spec[]): Promise<readonly Alert[]> => novel(await decideAll(settings(), items(1, specs)));

describe('a kind that begins to show up', () => {
  test('soon raises one alert, with its own items and all the cameras that saw it', async () => {
    const specs = appearing(2000, 1200, 30).map((spec, i) => ({ ...spec, stream: i % 40 === 0 ? 'gate' : 'yard' }));
    const [alert, ...more] = await raised(specs);
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ seq: 1280, streams: ['gate', 'yard'], firstSeen: { seq: 1200, time: null }, growth: null });
    expect(alert?.id).toMatch(/^[0-9a-f]{32}$/);
    // One of the usual kinds, of which it knows no reason to be near.
    expect(alert?.nearestKnown?.distance).toBeGreaterThan(0.5);
    // Item 1260 is nearly the same as 1240 and counts as a copy of it.
    expect([...(alert?.exemplars ?? [])].sort()).toEqual(['item-1200', 'item-1220', 'item-1240', 'item-1280']);
  });

  test('is told of with the time of its first item, by two runs with the same id, and by another stream with another', async () => {
    const at = (i: number): number => Date.UTC(2026, 0, 1) + 1000 * i;
    const timed = appearing(1300, 1200, 10).map((spec, i) => ({ ...spec, time: at(i) }));
    const [[first], [again], [elsewhere]] = [await raised(timed), await raised(timed), await raised(timed.map((spec) => ({ ...spec, stream: 'gate' })))];
    expect(first).toMatchObject({ time: at(1280), firstSeen: { seq: 1200, time: at(1200) } });
    expect(again?.id).toBe(first?.id);
    expect(elsewhere).toMatchObject({ seq: first?.seq });
    expect(elsewhere?.id).not.toBe(first?.id);
  });

  test('raises none before the 1,000th item', async () => {
    expect((await raised(appearing(1400, 860, 20))).map(({ seq }) => seq)).toEqual([1000]);
    expect(await raised(appearing(1400, 860, 7))).toEqual([]);
  });

  test('raises none where one picture comes again and again', async () => {
    expect(await raised(appearing(2000, 1200, 30, { jitter: 0 }))).toEqual([]);
  });

  test('raises none where it is one of the beginning, however rare', async () => {
    const specs = Array.from({ length: 4000 }, (_, i) => (i % 300 === 7 ? { kind: NEW, jitter: JITTER } : usual(i)));
    expect(await raised(specs)).toEqual([]);
  });

  test('raises none where its items lie so far apart that it is rare, but does not begin', async () => {
    const every = (apart: number): Spec[] => Array.from({ length: 3000 }, (_, i) => (i >= 1100 && i % apart === 0 ? { kind: NEW, jitter: 0.5 } : usual(i)));
    expect(await raised(every(100))).toHaveLength(1);
    expect(await raised(every(190))).toEqual([]);
  });

  test('raises none when it returns, though its cluster had gone cold', async () => {
    const base = settings();
    const few = { ...base, policy: { ...base.policy, clusters: { ...base.policy.clusters, max: 12 } } };
    const others = (i: number): Spec => ({ kind: 100 + Math.floor(i / 100), jitter: JITTER });
    const specs = [...appearing(1400, 1200, 10), ...Array.from({ length: 3000 }, (_, i) => others(i)), ...appearing(400, 0, 20)];
    const store = await decideAll(few, items(1, specs));
    const first = novel(store).filter(({ exemplars }) => exemplars.includes('item-1200'));
    expect(first).toHaveLength(1);
    expect(novel(store).filter(({ seq }) => seq >= 4400)).toEqual([]);
    // It did go cold on the way.
    const cluster = (seq: number): number | null | undefined => store.decisions.find((decision) => decision.seq === seq)?.cluster;
    expect(cluster(4400)).toBe(first[0]?.cluster);
  });
});

test('what was announced is known from that item on, though it weighs too little yet to be confirmed', async () => {
  const specs = appearing(1300, 1200, 4, { jitter: 0.5 });
  const store = await decideAll(settings(), items(1, specs));
  const [alert] = novel(store);
  const row = [...store.state()].flatMap(({ kind, key, value }) => (kind === 'cluster' && key === alert?.cluster && value !== null ? [unpackRow(key, value).row] : []));
  expect(row.map(({ weight, confirmed }) => [Math.round(weight), confirmed])).toEqual([[4, true]]);
});

test('alerts are the same for any batch, and where the run is cut off between the items of the new kind', async () => {
  const made = items(1, appearing(1500, 1200, 10));
  const whole = novel(await decideAll(settings(), made));
  expect(whole).toHaveLength(1);
  expect(novel(await decideAll(settings(), made, { batch: 7 }))).toEqual(whole);
  const half = await decideAll(settings(), made.slice(0, 1241), { batch: 10 });
  expect(novel(half)).toEqual([]);
  expect(novel(await decideAll(settings(), made, { store: half, batch: 10 }))).toEqual(whole);
});

test('few clusters are watched at any time', async () => {
  const specs = Array.from({ length: 3000 }, (_, i) => ({ kind: 1000 + i, jitter: 0 }));
  const watched = [...(await decideAll(settings({ budget: 1 }), items(1, specs))).state()].filter(({ kind }) => kind === 'watch');
  expect(watched.length).toBeLessThanOrEqual(501);
});

test('what another partition has seen enough of is not novel here', () => {
  const made = items(1, appearing(1500, 1200, 12)).flatMap((item) => ('embedding' in item ? [item] : []));
  const partition = (n: number): Engine => new Engine(settings({ reveal: { when: 'never' }, fleet: { partition: n, partitions: 2 } }));
  const decided = (engine: Engine, until: number, from = 0): readonly Alert[] =>
    made.slice(from, until).flatMap((item) => {
      const audited = engine.audit(engine.cluster({ ...item, nearest: engine.memory.nearest(item.embedding, null), ...engine.arrive(item) }));
      return engine.watch(audited, engine.decide(audited).joined);
    });
  const [first, second, deaf] = [partition(0), partition(1), partition(1)];
  expect(decided(first, 1500)).toHaveLength(1);
  first.tell(1499);
  const told = first.takeTold();
  decided(second, 1200);
  decided(deaf, 1200);
  second.hear(told, 1199);
  expect(decided(deaf, 1500, 1200)).toHaveLength(1);
  expect(decided(second, 1500, 1200)).toEqual([]);
});
