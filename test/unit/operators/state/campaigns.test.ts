import { describe, expect, test } from 'vitest';
import { type Campaign, Campaigns, unpackCampaigns } from '../../../../operators/state/campaigns.ts';
import { Engine } from '../../../../operators/state/engine.ts';
import { type External, externalOf } from '../../../../operators/state/external.ts';
import { unpackCampaign } from '../../../../schemas/campaign.ts';
import { decideAll, facts, type MemoryStore } from '../../../support/embedded-host.ts';
import { embeddingOf, items, settings, type Spec } from '../../../support/streams.ts';

const example = (kind: number): Float32Array => embeddingOf(1, -kind, { kind, jitter: 0 });
const more = (part: object = {}): Campaign => ({ kind: 'more', name: 'more', from: 0.5, weight: 20, cap: null, examples: [example(3)], ...part });
const none: Campaign = { kind: 'none', name: 'none', from: 0.5, examples: [example(3), example(2)] };

/** Four kinds in turn, each item another picture. */
const specs = Array.from({ length: 400 }, (_, i): Spec => ({ kind: i % 4, jitter: 1, label: `class ${i % 4}` }));
const stream = items(1, specs);
const asked = (list: readonly Campaign[], after: number): External => {
  const some = new Campaigns();
  some.set([none]);
  return { kind: 'campaigns', after, payload: some.set(list) ?? new Uint8Array() };
};
const kept = (store: MemoryStore, kind: number, from = 0): number => store.decisions.filter(({ seq, verdict }) => seq >= from && seq % 4 === kind && verdict === 'admit').length;
const standings = (store: MemoryStore): unknown[] => [...store.state()].flatMap(({ kind, value }) => (kind === 'campaign' && value !== null ? [unpackCampaign(value)] : []));

describe('campaigns', () => {
  test('more like these: they take the budget from the next item on, and each reason names the campaign', async () => {
    const plain = await decideAll(settings(), stream);
    const store = await decideAll(settings(), stream, { events: [asked([more()], 99)] });
    expect(facts(store)).not.toEqual(facts(plain));
    expect(store.decisions.slice(0, 100)).toEqual(plain.decisions.slice(0, 100));
    expect(kept(store, 3, 100)).toBeGreaterThan(2 * kept(plain, 3, 100));
    const admitted = store.decisions.filter(({ verdict }) => verdict === 'admit').length;
    expect(admitted).toBeLessThanOrEqual(104);
    const { reasons } = store.decisions.find(({ seq, verdict }) => seq > 200 && seq % 4 === 3 && verdict === 'admit') ?? { reasons: [] };
    expect(reasons.find(({ code }) => code === 'campaign:more')).toMatchObject({ threshold: 0.5 });
    const answered = store.decisions.filter(({ verdict, reasons: all }) => verdict === 'admit' && all.some(({ code }) => code === 'campaign:more'));
    expect(standings(store)).toEqual([{ name: 'more', admitted: answered.length, cap: null }]);
  });

  test('a cap: then it asks for no more', async () => {
    const store = await decideAll(settings(), stream, { events: [asked([more({ cap: 7 })], -1)] });
    const answered = store.decisions.filter(({ reasons }) => reasons.some(({ code }) => code === 'campaign:more'));
    expect(answered.filter(({ verdict }) => verdict === 'admit').length).toBe(7);
    expect(answered.every(({ seq }) => seq <= (answered.at(-1)?.seq ?? 0))).toBe(true);
    expect(store.decisions.some(({ seq, verdict }) => seq > (answered.at(-1)?.seq ?? 0) && seq % 4 === 3 && verdict === 'reject')).toBe(true);
    expect(standings(store)).toEqual([{ name: 'more', admitted: 7, cap: 7 }]);
  });

  test('none of these: not eligible, whatever else speaks for them', async () => {
    const store = await decideAll(settings({ budget: 1 }), stream, { events: [asked([none, more()], 199)] });
    const after = store.decisions.filter(({ seq }) => seq >= 200);
    const barred = after.filter(({ reasons: [first] }) => first?.code === 'unwanted:none');
    expect(barred.length).toBeGreaterThan(80);
    expect(barred.every(({ verdict }) => verdict === 'reject')).toBe(true);
    expect(barred.filter(({ seq }) => seq % 4 >= 2).length).toBeGreaterThan(0.8 * barred.length);
    expect(after.filter(({ seq, verdict }) => seq % 4 < 2 && verdict === 'admit').length).toBeGreaterThan(50);
  });

  test('all of a class: by the label where it is shown, else as far as the classifier is sure', async () => {
    const wanted: Campaign = { kind: 'class', name: 'ones', class: 'class 1', from: 0.8, weight: 20, cap: null };
    const store = await decideAll(settings(), stream, { events: [asked([wanted], 99)] });
    expect(kept(store, 1, 100)).toBeGreaterThan(2 * kept(await decideAll(settings(), stream), 1, 100));
    // Learned for half the stream, then without labels.
    const half = items(1, specs.map((spec, i) => (i < 200 ? spec : { ...spec, label: null })));
    const unlabelled = await decideAll(settings(), half, { events: [asked([wanted], 199)] });
    expect(kept(unlabelled, 1, 200)).toBeGreaterThan(30);
    expect(kept(unlabelled, 1, 200)).toBeGreaterThan(2 * kept(unlabelled, 2, 200));
    const reason = unlabelled.decisions.filter(({ seq }) => seq >= 200).flatMap(({ reasons }) => reasons).find(({ code }) => code === 'campaign:ones');
    expect(reason?.value).toBeLessThan(1);
  });

  test('the same decisions for every batch size, stopped and restored on the way, and from the log', async () => {
    const events = [asked([more({ cap: 9 }), none], 57), asked([more({ cap: 20 })], 201), asked([], 333)];
    const whole = await decideAll(settings(), stream, { events });
    for (const batch of [1, 7, 400]) expect(facts(await decideAll(settings(), stream, { events, batch }))).toEqual(facts(whole));
    const stopped = await decideAll(settings(), stream.slice(0, 250), { events: events.slice(0, 2) });
    const restored = await decideAll(settings(), stream, { store: stopped, events: events.slice(2) });
    expect(facts(restored)[0]).toEqual(facts(whole)[0]);
    const logged = [...whole.state()].flatMap((change) => externalOf(change) ?? []);
    expect(logged.map(({ kind, after }) => [kind, after])).toEqual([['campaigns', 57], ['campaigns', 201], ['campaigns', 333]]);
    expect(facts(await decideAll(settings(), stream, { events: logged }))).toEqual(facts(whole));
    expect(standings(whole)).toEqual([]);
  });

  test('what is asked for already is no event; a campaign that goes on under its name keeps its count', async () => {
    const engine = new Engine(settings());
    engine.campaign([more()], 5);
    engine.takeChanges();
    engine.campaign([more()], 9);
    expect(engine.takeChanges().filter(({ kind }) => kind === 'external')).toEqual([]);
    const store = await decideAll(settings(), stream, { events: [asked([more({ cap: 5 })], -1), asked([none, more({ cap: 8 })], 200)] });
    expect(standings(store)).toEqual([{ name: 'more', admitted: expect.any(Number) as number, cap: 8 }]);
    expect((standings(store)[0] as { admitted: number }).admitted).toBeGreaterThanOrEqual(5);
  });

  test('packed and back', () => {
    const list: readonly Campaign[] = [more({ cap: 3 }), none, { kind: 'class', name: 'c', class: 'a "b"', from: 0.9, weight: 1, cap: null }];
    expect(unpackCampaigns(new Campaigns().set(list) ?? new Uint8Array())).toEqual(list);
  });
});
