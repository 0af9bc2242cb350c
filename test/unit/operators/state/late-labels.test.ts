/** Labels from outside the stream's own order, in the engine: of decided items, of items that are still to come, again, and corrected. */
import { describe, expect, test } from 'vitest';
import { ExternalLog, externalOf, type External } from '../../../../operators/state/external.ts';
import { packLabel, REACH, unpackLabel, type LateLabel } from '../../../../operators/state/late-label.ts';
import { Waiting } from '../../../../operators/state/waiting.ts';
import { Unpacker } from '../../../../operators/state/codec.ts';
import { Engine } from '../../../../operators/state/engine.ts';
import type { Box } from '../../../../schemas/sample.ts';
import { LaneHost } from '../../../support/lane-host.ts';
import { embeddingOf, items, settings, type Spec } from '../../../support/streams.ts';

const label = (id: string | number, name: string, letter = 0): LateLabel => ({ id: typeof id === 'number' ? `item-${id}` : id, classes: [name], letter: new Uint8Array([letter]) });
const specs = (count: number, named = true): Spec[] => Array.from({ length: count }, (_, i) => ({ kind: i % 5, jitter: 0.3, label: named ? `class ${i % 5}` : null }));

/** A class's decayed count as the changelog has it; 0 where there is none. */
function counts(host: LaneHost): Readonly<Record<string, number>> {
  const rows = host.state.filter((line) => line.startsWith('class/')).map((line) => new Unpacker(new Uint8Array(Buffer.from(line.split(' ')[1] ?? '', 'base64'))));
  return Object.fromEntries(rows.map((row) => [row.text(), row.f64()]));
}

const verdictOf = (host: LaneHost, seq: number): string | undefined => host.decisions[seq]?.verdict;
const firstWith = (host: LaneHost, verdict: string): number => host.decisions.findIndex((decision) => decision.verdict === verdict && decision.seq > 50);

/** 200 items without labels, the first 50 then labelled. */
async function labelled(budget = 0.25): Promise<LaneHost> {
  const host = new LaneHost(settings({ budget, lateLabels: true, reveal: { when: 'never' } }));
  await host.decide(items(1, specs(200, false)));
  await host.label(Array.from({ length: 50 }, (_, i) => label(i, `class ${i % 5}`)));
  return host;
}

describe('of a decided item', () => {
  test('is learned and held against what the head knew before: a wrong one is to be reviewed, a right one is not', async () => {
    const host = await labelled();
    const { amends, labels, unused } = await host.label([label(60, 'class 0'), label(61, 'class 0')]);
    expect({ labels, unused }).toEqual({ labels: { learned: 2, waiting: 0, repeated: 0 }, unused: [] });
    expect(amends.map(({ seq, review }) => [seq, review])).toEqual([[60, false], [61, true]]);
    const [right = 1, wrong = 0] = amends.map(({ suspicion }) => suspicion);
    expect(right).toBeLessThan(0.2);
    expect(wrong).toBeGreaterThan(0.5);
  });

  test('counts for its classes where the item was admitted and the label is believed, and only there', async () => {
    const host = await labelled();
    const [admitted, rejected] = [firstWith(host, 'admit'), firstWith(host, 'reject')];
    const before = counts(host);
    await host.label([label(rejected, `class ${rejected % 5}`)]);
    expect(counts(host)).toEqual(before);
    await host.label([label(admitted, `class ${(admitted + 1) % 5}`)]);
    expect(counts(host)).toEqual(before);
    await host.label([label(admitted, `class ${admitted % 5}`)]);
    const name = `class ${admitted % 5}`;
    expect(counts(host)[name]).toBeCloseTo((before[name] ?? 0) + 1, 1);
  });

  test('takes the place of one that the sample carried and that was to be shown later', async () => {
    const host = new LaneHost(settings({ budget: 1, lateLabels: true, reveal: { when: 'admitted', after: 30 } }));
    await host.decide(items(1, specs(10)));
    expect(verdictOf(host, 4)).toBe('admit');
    await host.label([label(4, 'class 9')]);
    await host.decide(items(1, specs(60)).slice(10));
    expect(host.batches.flatMap(({ amends }) => amends).filter(({ seq }) => seq === 4).length).toBe(1);
    expect(Object.keys(counts(host))).toContain('class 9');
  });
});

describe('that comes again', () => {
  test('the same one changes nothing but the log, whether it came with the sample, later or early', async () => {
    const host = new LaneHost(settings({ budget: 1, lateLabels: true }));
    await host.decide(items(1, [...specs(40), ...specs(1, false)]));
    const first = await host.label([label(40, 'class 0'), label('to come', 'class 1')]);
    expect(first.labels).toEqual({ learned: 1, waiting: 1, repeated: 0 });
    const state = host.state.filter((line) => !line.startsWith('external/'));
    const again = await host.label([label(7, 'class 2'), label(40, 'class 0'), label('to come', 'class 1')]);
    expect(again).toMatchObject({ labels: { learned: 0, waiting: 0, repeated: 3 }, amends: [], unused: [] });
    expect(host.state.filter((line) => !line.startsWith('external/'))).toEqual(state);
    expect(host.events.map(({ after }) => after)).toEqual([40, 40, 40, 40, 40]);
  });

  test('another one corrects it: the newest is amended and counts, the earlier one no more', async () => {
    const host = new LaneHost(settings({ budget: 1, lateLabels: true, reveal: { when: 'never' } }));
    await host.decide(items(1, specs(10, false)));
    await host.label([label(3, 'cat')]);
    await host.decide(items(1, specs(20, false)).slice(10));
    const { amends, labels } = await host.label([label(3, 'dog')]);
    expect({ seqs: amends.map(({ seq }) => seq), labels }).toEqual({ seqs: [3], labels: { learned: 1, waiting: 0, repeated: 0 } });
    expect(counts(host)['cat']).toBeCloseTo(0, 12);
    expect(counts(host)['dog']).toBe(1);
    // Back again is a correction too.
    await host.label([label(3, 'cat')]);
    expect(counts(host)['cat']).toBeCloseTo(1, 12);
    expect(counts(host)['dog']).toBeCloseTo(0, 12);
  });
});

describe('a correction', () => {
  test('is judged as if its item had never shown the wrong class, whose place the right one takes in the head', async () => {
    // Few items of many copies: the wrong label weighs as much as the right ones.
    const host = new LaneHost(settings({ budget: 1, lateLabels: true }));
    const wrong = specs(96).map((spec, i) => (i === 90 ? { ...spec, label: 'class 3' } : spec));
    await host.decide(items(1, wrong));
    const lessons = host.state.filter((line) => line.startsWith('label/')).length;
    const { amends } = await host.label([{ ...label(90, 'class 0') }]);
    expect(amends[0]).toMatchObject({ seq: 90, review: false });
    expect(amends[0]?.suspicion).toBeLessThan(0.2);
    // The lesson says what is forgotten: the label with the number 91.
    const rows = host.state.filter((line) => line.startsWith('label/')).map((line) => new Unpacker(new Uint8Array(Buffer.from(line.split(' ')[1] ?? '', 'base64'))));
    expect(rows.length).toBe(lessons + 1);
    expect(rows.map((row) => [row.f64(), row.texts(), row.ended ? null : [row.f64(), row.texts()]]).filter(([, , earlier]) => earlier !== null)).toEqual([[90, ['class 0'], [91, ['class 3']]]]);
  });

  test('of boxes whose objects were looked at replaces what the label showed, not only what was believed of it', async () => {
    const host = new LaneHost(settings({ budget: 1, lateLabels: true, objects: true }));
    const box = (name: string, x: number): Box => ({ class: name, bbox: [x, 0, 60, 60] });
    const shown = items(1, [{ kind: 0, jitter: 0.1 }]).map((item) => ('sample' in item ? { ...item, sample: { ...item.sample, label: [box('cat', 0), box('dog', 100), box('dog', 100)] } } : item));
    await host.decide(shown);
    expect(counts(host)).toEqual({ cat: 1, dog: 1 });
    const both = { id: 'item-0', classes: ['cat', 'dog'], letter: new Uint8Array() };
    expect((await host.label([both])).labels).toEqual({ learned: 0, waiting: 0, repeated: 1 });
    await host.reopen();
    const { labels, amends } = await host.label([{ ...both, classes: ['bird', 'cat'] }]);
    expect({ labels, seqs: amends.map(({ seq }) => seq) }).toEqual({ labels: { learned: 1, waiting: 0, repeated: 0 }, seqs: [0] });
    expect(counts(host)).toEqual({ cat: 1, dog: 0, bird: 1 });
  });
});

describe('of an item that is not decided yet', () => {
  test('waits, and is then shown with it, whatever the sample carries', async () => {
    const host = new LaneHost(settings({ budget: 1, lateLabels: true, reveal: { when: 'never' } }));
    await host.decide(items(1, specs(60, false)));
    await host.label([...Array.from({ length: 60 }, (_, i) => label(i, `class ${i % 5}`)), label(60, 'class 3'), label(61, 'class 1')]);
    await host.reopen();
    await host.decide(items(1, specs(63)).slice(60));
    expect(host.decisions.slice(60).map(({ suspicion, review }) => [suspicion === null ? null : suspicion > 0.5, review])).toEqual([[true, true], [false, false], [null, false]]);
    expect(host.state.filter((line) => line.startsWith('waiting/'))).toEqual([]);
    // It was used up: the same again is a repetition, another one a correction.
    expect((await host.label([label(61, 'class 1'), label(60, 'class 0')])).labels).toEqual({ learned: 1, waiting: 0, repeated: 1 });
  });

  test('waits on where the item was a dead letter', async () => {
    const host = new LaneHost(settings({ budget: 1, lateLabels: true }));
    await host.label([label(0, 'class 0')]);
    await host.decide(items(1, [{ kind: 0, jitter: 0.1, failed: true }]));
    expect((await host.label([label(0, 'class 0')])).labels.repeated).toBe(1);
    await host.decide(items(1, [{ kind: 0, jitter: 0.1 }]));
    expect(host.decisions.map(({ id, seq, suspicion }) => [id, seq, suspicion !== null])).toEqual([['item-0', 1, true]]);
    expect(host.events.map(({ after }) => after)).toEqual([-1, 0]);
  });
});

describe('that nobody can use', () => {
  test('one whose item came too long ago waits like one that has not come, unless it is in the memory', () => {
    const engine = new Engine(settings({ lateLabels: true }));
    const embedding = embeddingOf(1, 5, { kind: 1, jitter: 0.1 });
    const of = { seq: 5, stream: 'default', admitted: false, embedding };
    expect(engine.label(label(5, 'a'), 5 + REACH - 1, of).as).toBe('learned');
    expect(engine.label(label(5, 'b'), 5 + REACH, of).as).toBe('waiting');
    engine.memory.add({ seq: 5, id: 'item-5', cluster: 0, digest: '', classes: [] }, embedding);
    expect(engine.label(label(5, 'c'), 5 + REACH, of).as).toBe('learned');
  });

  test('waits for so many items and no longer, and is handed back as it came', () => {
    const waiting = new Waiting();
    waiting.add({ n: 0, after: 10, label: label('x', 'a', 7) });
    waiting.add({ n: 1, after: 12, label: label('y', 'a', 8) });
    expect(waiting.expire(10 + REACH)).toEqual([]);
    expect(waiting.expire(11 + REACH)).toEqual([{ id: 'x', letter: new Uint8Array([7]), code: 'SLUICE_E_LABEL_UNUSED', cause: `no item with this id came within ${REACH} items` }]);
    expect([waiting.of('x'), waiting.of('y')]).toEqual([null, ['a']]);
  });

  test('the arrival of an item hands back those that have waited too long', async () => {
    const engine = new Engine(settings({ lateLabels: true }));
    engine.label(label('never', 'a'), -1, null);
    const sample = { id: 'x', uri: '', stream: '', time: null, label: null, origin: null };
    expect(engine.arrive({ seq: REACH - 1, sample, digest: '' }).unused).toEqual([]);
    expect(engine.arrive({ seq: REACH, sample, digest: '' }).unused.map(({ id }) => id)).toEqual(['never']);
  });

  test('the oldest make room where too many or too large ones wait', () => {
    const waiting = new Waiting();
    for (let n = 0; n < 10_000; n++) expect(waiting.add({ n, after: 0, label: label(n, 'a') })).toEqual([]);
    expect(waiting.add({ n: 10_000, after: 0, label: label('one more', 'a') }).map(({ id, cause }) => [id, cause])).toEqual([['item-0', 'too many labels wait for items that have not come']]);
    const large = new Waiting();
    const big = (n: number): LateLabel => ({ id: String(n), classes: ['a'], letter: new Uint8Array(6 * 2 ** 20) });
    expect([0, 1, 2].map((n) => large.add({ n, after: 0, label: big(n) }).map(({ id }) => id))).toEqual([[], [], ['0']]);
  });
});

describe('the log of what comes from outside', () => {
  const event = (bytes: number, after = 0): External => ({ kind: 'label', after, payload: packLabel({ id: 'x', classes: [], letter: new Uint8Array(bytes) }) });

  test('holds what took effect and after which item', async () => {
    const host = new LaneHost(settings({ lateLabels: true }));
    await host.label([label(0, 'early', 1)]);
    await host.decide(items(1, specs(3)));
    await host.label([label(1, 'late', 2)]);
    expect(host.events.map(({ kind, after, payload }) => ({ kind, after, label: unpackLabel(payload) }))).toEqual([
      { kind: 'label', after: -1, label: label(0, 'early', 1) },
      { kind: 'label', after: 2, label: label(1, 'late', 2) },
    ]);
  });

  test('is bounded in number and bytes; numbers go on after a takeover', () => {
    const log = new ExternalLog();
    for (let n = 0; n < 20_000; n++) log.add(event(1));
    expect(log.takeChanges().every((change) => externalOf(change) !== null)).toBe(true);
    log.add(event(1));
    const [added, dropped] = log.takeChanges();
    expect([added?.key, dropped]).toEqual([20_000, { kind: 'external', key: 0, value: null }]);
    const next = new ExternalLog();
    next.restoreRow(20_000, added?.value ?? new Uint8Array());
    expect(next.add(event(65 * 2 ** 20))).toBe(20_001);
    expect(next.takeChanges().map(({ key, value }) => [key, value === null])).toEqual([[20_001, false], [20_000, true], [20_001, true]]);
  });
});
