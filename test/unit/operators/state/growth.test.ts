/** Alerts on known clusters that grow, by the whole engine over made-up streams. */
import { describe, expect, test } from 'vitest';
import { Growth } from '../../../../operators/state/growth.ts';
import { hash32 } from '../../../../operators/state/hash.ts';
import type { Alert, Change } from '../../../../schemas/decision.ts';
import { decideAll, type MemoryStore } from '../../../support/embedded-host.ts';
import { items, settings, type Spec } from '../../../support/streams.ts';

const FROM = 2400;
const RARE = 30;
const JITTER = 0.3;
const growths = ({ batches }: MemoryStore): readonly Alert[] => batches.flatMap(({ alerts }) => alerts).filter(({ kind }) => kind === 'growth');
/** Eight kinds, and a rare one every 100th item; from FROM on every `every`th. */
const growing = (length: number, every: number): Spec[] => Array.from({ length }, (_, i) => ({ kind: i % (i < FROM ? 100 : every) === 7 ? RARE : i % 8, jitter: JITTER }));

describe('a rare kind that has long been known', () => {
  test('raises one alert where it comes five times as often, with its own items, cameras and how much it grew', async () => {
    const specs = growing(FROM + 1000, 20).map((spec, i) => ({ ...spec, stream: i % 3 === 0 ? 'gate' : 'yard' }));
    const found = growths(await decideAll(settings(), items(1, specs)));
    expect(found).toHaveLength(1);
    const [alert] = found;
    expect(alert).toMatchObject({ streams: ['gate', 'yard'] });
    // The first ones were taken for another kind's.
    expect((alert?.firstSeen?.seq ?? 0) % 100).toBe(7);
    expect(alert?.firstSeen?.seq).toBeLessThan(500);
    expect(alert?.seq).toBeGreaterThan(FROM);
    expect(alert?.seq).toBeLessThan(FROM + 800);
    expect(alert?.growth).toBeGreaterThan(3);
    expect(alert?.growth).toBeLessThan(7);
    expect(alert?.exemplars.length).toBeGreaterThanOrEqual(3);
    for (const id of alert?.exemplars ?? []) expect(specs[Number(id.slice(5))]?.kind).toBe(RARE);
    expect(alert?.nearestKnown?.cluster).not.toBe(alert?.cluster);
  });

  test('raises none where it goes on as before, or twice as often', async () => {
    for (const every of [100, 50]) expect(growths(await decideAll(settings(), items(1, growing(FROM + 1000, every))))).toEqual([]);
  });

  test('alerts are the same for any batch, and where the run is cut off while it grows', async () => {
    const made = items(1, growing(FROM + 800, 20));
    const whole = growths(await decideAll(settings(), made));
    expect(whole).toHaveLength(1);
    expect(growths(await decideAll(settings(), made, { batch: 7 }))).toEqual(whole);
    const half = await decideAll(settings(), made.slice(0, FROM + 51), { batch: 10 });
    expect(growths(half)).toEqual([]);
    expect(growths(await decideAll(settings(), made, { store: half, batch: 10 }))).toEqual(whole);
  });
});

/** Arrivals at one cluster: gaps between its items, all of other clusters in between. */
function told(growth: Growth, seqs: Iterable<number>, { cluster = 5, stream = (seq: number) => `camera ${seq}` } = {}): number[] {
  return [...seqs].filter((seq) => {
    const sample = { id: `${seq}`, uri: '', stream: stream(seq), time: null, label: null, origin: null };
    return growth.add({ id: cluster, confirmed: true, weight: 9 }, { seq, sample, digest: '' }, 0.9, () => null) !== null;
  });
}

function* paced(step: number, from: number, until: number): Generator<number> {
  for (let seq = from; seq < until; seq += step) yield seq;
}

describe('one cluster', () => {
  test('grows again only after it has fallen back, and not soon', () => {
    const growth = new Growth(100);
    expect(told(growth, paced(100, 0, 3000))).toEqual([]);
    expect(told(growth, paced(15, 3000, 6000))).toHaveLength(1);
    expect(told(growth, paced(400, 6000, 30_000))).toEqual([]);
    expect(told(growth, paced(15, 30_000, 30_600))).toHaveLength(1);
  });

  test('a camera that keeps looking at one thing is one arrival', () => {
    const looks = (stream: (seq: number) => string): number[] => {
      const growth = new Growth(100);
      told(growth, paced(100, 0, 3000));
      return told(growth, paced(5, 3000, 3300), { stream });
    };
    expect(looks((seq) => `camera ${seq}`)).toHaveLength(1);
    expect(looks(() => 'camera')).toEqual([]);
  });

  test('chance alone seldom raises one', () => {
    const growth = new Growth(1000);
    let raised = 0;
    for (let seq = 0; seq < 40_000; seq++) raised += told(growth, [seq], { cluster: hash32(7, `${seq}`) % 150 }).length;
    expect(raised).toBeLessThanOrEqual(4);
  });
});

test('few clusters and cameras are kept, and what is let go is taken out of the log', () => {
  const growth = new Growth(50);
  const log = new Map<string, Change>();
  for (let seq = 0; seq < 3000; seq++) {
    told(growth, [seq], { cluster: seq });
    for (const change of growth.takeChanges()) log.set(`${change.kind} ${change.key}`, change);
  }
  const kept = [...log.values()].filter(({ value }) => value !== null).map(({ kind }) => kind);
  expect(kept.filter((kind) => kind === 'growth').length).toBeLessThanOrEqual(50);
  expect(kept.filter((kind) => kind === 'look').length).toBeLessThanOrEqual(1000);
});
