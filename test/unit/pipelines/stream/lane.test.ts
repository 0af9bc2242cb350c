import { describe, expect, test } from 'vitest';
import type { Batch } from '../../../../operators/ports.ts';
import { NO_CAMPAIGNS } from '../../../../operators/state/campaigns.ts';
import { Engine } from '../../../../operators/state/engine.ts';
import { REACH } from '../../../../operators/state/late-label.ts';
import { packAdmitted } from '../../../../operators/state/memory.ts';
import { Journal } from '../../../../pipelines/stream/journal.ts';
import { Lane, type LaneParts } from '../../../../pipelines/stream/lane.ts';
import type { Change } from '../../../../schemas/decision.ts';
import { facts, LoopIndex } from '../../../support/embedded-host.ts';
import { LaneHost } from '../../../support/lane-host.ts';
import { D, embeddingOf, items, settings } from '../../../support/streams.ts';

const made = items(1, Array.from({ length: 60 }, (_, i) => ({ kind: i % 5, jitter: 0.3 })));
const labels = Array.from({ length: 40 }, (_, i) => ({ id: `item-${i}`, classes: [`class ${i % 5}`], letter: new Uint8Array() }));
const late = settings({ lateLabels: true });

describe('batches of samples and labels that come at the same time', () => {
  test('are settled one after the other, in the order in which they came', async () => {
    const [atOnce, inTurn] = [new LaneHost(late), new LaneHost(late)];
    await Promise.all([atOnce.decide(made.slice(0, 30)), atOnce.label(labels.slice(0, 20)), atOnce.decide(made.slice(30, 50)), atOnce.label(labels.slice(20)), atOnce.decide(made.slice(50))]);
    for (const step of [() => inTurn.decide(made.slice(0, 30)), () => inTurn.label(labels.slice(0, 20)), () => inTurn.decide(made.slice(30, 50)), () => inTurn.label(labels.slice(20)), () => inTurn.decide(made.slice(50))]) await step();
    expect(atOnce.events.map(({ after }) => after)).toEqual([...Array<number>(20).fill(29), ...Array<number>(20).fill(49)]);
    expect(facts(atOnce)).toEqual(facts(inTurn));
    expect(atOnce.state).toEqual(inTurn.state);
  });

  test('are not settled any more once one before them could not be', async () => {
    const engine = new Engine(late);
    const written: Batch[] = [];
    const outlet: LaneParts['outlet'] = () => ({
      commit: (batch) => {
        if (written.length > 0) throw new Error('no broker');
        written.push(batch);
      },
      written: async () => {},
    });
    const thumbnails = { halve: () => new Uint8Array(), encode: async () => [] };
    const lane = new Lane({ partition: 0, engine, journal: new Journal(engine, true, 1000), index: new LoopIndex(D), thumbnails, campaigns: () => NO_CAMPAIGNS, news: () => [], outlet, close: async () => {} }, []);
    const ways = await Promise.allSettled([lane.settle(made.slice(0, 10), [], []), lane.label(labels, []), lane.settle(made.slice(10, 20), [], []), lane.label(labels, [])]);
    const ends = await Promise.allSettled(ways.map((way) => (way.status === 'fulfilled' ? way.value.settled : Promise.reject(new Error('not begun')))));
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
    expect([written.length, lane.broken]).toEqual([1, true]);
    await lane.close();
  });
});

test('what campaigns ask for holds from the next batch on, is logged with its place, and is known to the next owner', async () => {
  const host = new LaneHost(late);
  await host.decide(made.slice(0, 20));
  host.asked = [{ kind: 'none', name: 'fours', from: 0.7, examples: [embeddingOf(1, -1, { kind: 4, jitter: 0 })] }];
  await host.decide(made.slice(20, 40));
  await host.reopen();
  await host.decide(made.slice(40));
  const unwanted = host.decisions.filter(({ reasons: [first] }) => first?.code === 'unwanted:fours').map(({ seq }) => seq);
  expect(unwanted).toEqual([24, 29, 34, 39, 44, 49, 54, 59]);
  expect(host.events.map(({ kind, after }) => [kind, after])).toEqual([['campaigns', 19]]);
});

describe('the journal', () => {
  const decision = { uri: '', stream: 's', time: null, review: false, reasons: [], score: 0, novelty: 0, cluster: 0, share: 0, nearest: null, label: null, suspicion: null, quality: { brightness: 0, contrast: 0, sharpness: 0, width: 0, height: 0 }, split: null, objects: [], digest: '', origin: null } as const;
  const batch = (from: number, count: number): Batch => ({
    decisions: Array.from({ length: count }, (_, i) => ({ ...decision, seq: from + i, id: `item-${from + i}`, verdict: i % 2 === 0 ? 'admit' as const : 'reject' as const, embedding: new Float32Array(D).fill(from + i) })),
    dead: [], faults: [], amends: [], alerts: [], strips: [], changes: [], labels: { learned: 0, waiting: 0, repeated: 0 }, unused: [], told: [], unspent: 0, clusters: { live: 0, cold: 0 },
  });

  test('finds the last items with their verdicts and embeddings, older ones only in the memory, and the same after a takeover', () => {
    const changelog = new Map<string, Change>();
    const keep = (changes: Iterable<Change>): void => {
      for (const change of changes) changelog.set(`${change.kind}/${change.key}`, change);
    };
    const engine = new Engine(late);
    const journal = new Journal(engine, true, 1000);
    const row = { seq: 2, id: 'item-2', cluster: 0, digest: '', classes: [] };
    engine.memory.add(row, new Float32Array(D).fill(2));
    const remembered = { ...batch(0, 500), changes: [{ kind: 'admitted', key: 2, value: packAdmitted(row) }] };
    for (let from = 0; from < REACH + 3000; from += 500) keep(journal.records(from === 0 ? remembered : batch(from, 500)));
    const restored = new Journal(new Engine(late), true, 1000);
    restored.restore(changelog.values());
    for (const one of [journal, restored]) {
      expect(one.find('item-2999')).toBe(null);
      expect(one.find('item-2')).toEqual({ seq: 2, stream: 's', admitted: true, embedding: new Float32Array(D).fill(2) });
      expect(one.find('item-3000')).toEqual({ seq: 3000, stream: 's', admitted: true, embedding: new Float32Array(D).fill(3000) });
      expect(one.find(`item-${REACH + 2999}`)).toEqual({ seq: REACH + 2999, stream: 's', admitted: false, embedding: new Float32Array(D).fill(REACH + 2999) });
      expect(one.nextSeq).toBe(REACH + 3000);
    }
  });

  test('knows what was decided long ago when it is sent again, as far back as is wanted, and the same after a takeover', () => {
    const changelog = new Map<string, Change>();
    const journal = new Journal(new Engine(late), true, 2000);
    for (let from = 0; from < REACH + 4000; from += 500) for (const change of journal.records(batch(from, 500))) changelog.set(`${change.kind}/${change.key}`, change);
    const restored = new Journal(new Engine(late), true, 2000);
    restored.restore(changelog.values());
    for (const one of [journal, restored]) expect([1999, 2000, 3999, 4000, REACH + 3999].map((n) => one.knows(`item-${n}`))).toEqual([false, true, true, true, true]);
    // No state of an item is left but that.
    expect([...changelog.values()].filter(({ kind, value }) => kind === 'item' && value !== null).length).toBe(REACH);
  });

  test('knows who an item is until the batch that let it go is written: that one may have amended it', () => {
    const engine = new Engine(late);
    const journal = new Journal(engine, true, 1000);
    const row = { seq: 2, id: 'item-2', cluster: 0, digest: '', classes: [] };
    engine.memory.add(row, new Float32Array(D).fill(2));
    const decide = (from: number): void => {
      for (const _ of journal.records(batch(from, 500))) continue;
    };
    for (let from = 0; from < REACH + 1500; from += 500) decide(from);
    expect(journal.who(2).id).toBe('item-2');
    engine.memory.drop(new Set([0]));
    decide(REACH + 1500);
    expect([journal.find('item-2'), journal.who(2).id]).toEqual([null, 'item-2']);
    decide(REACH + 2000);
    expect(() => journal.who(2)).toThrow('item 2 is no longer known');
  });

  test('writes the embeddings that a restore asks for, and of what is rejected only where labels may come', () => {
    const bytes = (lateLabels: boolean): readonly number[] => {
      const engine = new Engine(settings({ lateLabels }));
      engine.memory.add({ seq: 0, id: 'item-0', cluster: 0, digest: '', classes: [] }, new Float32Array(D));
      return [...new Journal(engine, lateLabels, 1000).records(batch(0, 2))].filter(({ kind }) => kind === 'item').map(({ value }) => value?.length ?? 0);
    };
    const [known = 0, other = 0] = bytes(true);
    expect(known).toBe(other);
    expect(bytes(false)).toEqual([known, known - 4 * D]);
  });

  test('has no embedding at hand for labels that cannot come', () => {
    const journal = new Journal(new Engine(settings()), false, 1000);
    for (const _ of journal.records(batch(0, 3))) continue;
    expect(journal.knows('item-1')).toBe(true);
    expect(journal.find('item-1')).toBe(null);
  });
});
