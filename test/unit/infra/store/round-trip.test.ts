import fc from 'fast-check';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { Alert, Amend, BoxFault, Change, DeadLetter, Decision } from '../../../../schemas/decision.ts';
import type { Label } from '../../../../schemas/sample.ts';
import { openReader } from '../../../../infra/store/reader.ts';
import { openStore } from '../../../../infra/store/sqlite.ts';
import { batchOf, CONFIG, decisionAt } from './decisions.ts';
import { codeOf, temporaryFolder } from './world.ts';

/** Any string at all: controls, NUL, halves of surrogate pairs. */
const odd = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }), fc.constantFrom('', '\0', '\ud800', '\udfff\0', "a'b\"c", '../../x', 'é', 'e\u0301'));
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const bytes = fc.uint8Array({ maxLength: 40 });
const reason = fc.record({ code: odd, value: finite, threshold: finite, object: fc.nat() }, { requiredKeys: ['code', 'value', 'threshold'] });
const box = fc.oneof(
  fc.record({ class: odd, bbox: fc.tuple(finite, finite, finite, finite) }),
  fc.record({ class: odd, bbox: fc.tuple(finite, finite, finite, finite), relative: fc.constant(true as const) }),
  fc.record({ class: odd, bbox: fc.tuple(finite, finite, finite, finite), crowd: fc.constant(true as const) }),
);
const label: fc.Arbitrary<Label> = fc.oneof(fc.constant(null), odd, fc.array(box, { maxLength: 3 }));
const finding = fc.record({
  index: fc.nat(), class: odd, bbox: fc.tuple(finite, finite, finite, finite), cluster: fc.option(fc.maxSafeInteger()), share: fc.option(finite), suspicion: fc.option(finite), suggested: fc.option(odd),
  faults: fc.subarray<BoxFault>(['outside', 'duplicate', 'implausible']),
});
/** Ids of clusters are never negative; what was rejected unseen has none, nor any of the others. */
const sight = fc.oneof(
  { weight: 4, arbitrary: fc.record({ score: finite, novelty: finite, cluster: fc.maxSafeNat(), share: finite }) },
  fc.constant({ score: null, novelty: null, cluster: null, share: null, quality: null, embedding: new Float32Array(0) }),
);
const decision: fc.Arbitrary<Decision> = fc.tuple(sight, fc.record({
  seq: fc.constant(0),
  id: odd,
  uri: odd,
  stream: odd,
  time: fc.option(fc.oneof(fc.integer({ min: -8.64e15, max: 8.64e15 }), fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true }))),
  verdict: fc.constantFrom('admit', 'reject'),
  review: fc.boolean(),
  reasons: fc.array(reason, { maxLength: 3 }),
  nearest: fc.option(fc.record({ id: odd, similarity: finite })),
  label,
  suspicion: fc.option(finite),
  quality: fc.record({ brightness: finite, contrast: finite, sharpness: finite, width: fc.nat(), height: fc.nat() }),
  split: fc.constantFrom(null, 'train', 'validation'),
  objects: fc.array(finding, { maxLength: 2 }),
  digest: odd.filter((text) => text.isWellFormed()),
  embedding: fc.array(float, { maxLength: 20 }).map((values) => Float32Array.from(values)),
  origin: fc.option(odd),
})).map(([seen, rest]) => ({ ...rest, ...seen }));

/** JSON and SQLite know no -0. */
function withoutNegativeZero<T>(value: T): T {
  if (typeof value === 'number') return (value + 0) as T;
  if (Array.isArray(value)) return value.map(withoutNegativeZero) as T;
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, withoutNegativeZero(v)])) as T;
  return value;
}

test('every field of a verdict comes back as it was, whatever the strings', () => {
  const dir = temporaryFolder();
  let run = 0;
  fc.assert(
    fc.property(decision, (given) => {
      const place = join(dir, String((run += 1)));
      const store = openStore(place);
      store.commit(batchOf({ decisions: [given] }));
      expect(store.onRecord('any')(given.id).decided).toBe(true);
      const seen = given.cluster !== null;
      if (seen) expect(store.embedding(0)).toEqual(given.embedding);
      store.close();
      const reader = openReader(place);
      const { embedding, origin, ...rest } = given;
      const wanted = withoutNegativeZero({ ...rest, suspicionNow: given.suspicion });
      expect([...reader.decisions()]).toEqual([wanted]);
      expect(reader.decision(given.id)).toEqual(wanted);
      if (seen) expect(reader.embedding(0)).toEqual(embedding);
      expect(reader.origin(0)).toBe(origin);
      reader.close();
    }),
    { numRuns: 60 },
  );
});

test('a -0 comes back as 0, except in embeddings, which keep every bit', () => {
  const dir = temporaryFolder();
  const store = openStore(dir);
  store.commit(batchOf({ decisions: [decisionAt(0, { score: -0, reasons: [{ code: 'x', value: -0, threshold: -0 }], embedding: Float32Array.of(-0) })] }));
  store.close();
  const reader = openReader(dir);
  const back = reader.decision('photos/0.jpg');
  expect(Object.is(back?.score, 0)).toBe(true);
  expect(Object.is(back?.reasons[0]?.value, 0)).toBe(true);
  expect(Object.is(reader.embedding(0)[0], -0)).toBe(true);
  reader.close();
});

test('ids that differ only in a lone surrogate stay two ids', () => {
  const dir = temporaryFolder();
  const store = openStore(dir);
  store.commit(batchOf({ decisions: [decisionAt(0, { id: 'a\ud800' }), decisionAt(1, { id: 'a\ud801' }), decisionAt(2, { id: 'a\ufffd' })] }));
  expect(['a\ud800', 'a\ud801', 'a\ufffd', 'a\ud802'].map((id) => store.onRecord('any')(id).decided)).toEqual([true, true, true, false]);
  store.close();
});

test('dead letters, alerts and the state come back as they were', () => {
  const letter = fc.record({ id: odd, code: fc.constantFrom('SLUICE_E_IMAGE_EMPTY', 'SLUICE_E_ID_REPEATED'), cause: odd });
  const known = finite.map((value) => value + 0);
  const alert: fc.Arbitrary<Alert> = fc.record({
    id: fc.stringMatching(/^[0-9a-f]{32}$/),
    kind: fc.constantFrom('novel', 'growth', 'health.clock'),
    cluster: fc.option(fc.maxSafeInteger()),
    time: fc.option(fc.integer()),
    seq: fc.nat(),
    support: known,
    exemplars: fc.array(odd, { maxLength: 3 }),
    streams: fc.array(odd, { maxLength: 3 }),
    firstSeen: fc.option(fc.record({ seq: fc.nat(), time: fc.option(fc.integer()) })),
    growth: fc.option(known),
    nearestKnown: fc.option(fc.record({ cluster: fc.nat(), distance: known })),
  });
  const change = fc.record({ kind: fc.constantFrom('cluster', 'head', 'a'), key: fc.maxSafeInteger(), value: bytes });
  const dir = temporaryFolder();
  let run = 0;
  fc.assert(
    fc.property(fc.array(letter, { maxLength: 4 }), fc.array(alert, { maxLength: 3 }), fc.array(change, { maxLength: 6 }), (letters, alerts, changes) => {
      const place = join(dir, String((run += 1)));
      const dead: DeadLetter[] = letters.map((given, seq) => ({ ...given, seq }));
      const store = openStore(place);
      store.commit(batchOf({ dead, alerts, changes }));
      for (const { id } of dead) expect(store.onRecord('any')(id).decided).toBe(false);
      const state = [...store.state()].map((record) => ({ ...record, value: new Uint8Array(record.value ?? []) }));
      expect(state).toEqual(latest(changes));
      store.close();
      const reader = openReader(place);
      expect([...reader.dead()]).toEqual(dead);
      for (const { id } of dead) expect(reader.deadOf(id)).toEqual(dead.filter((other) => other.id === id));
      expect([...reader.alerts()]).toEqual(withoutNegativeZero(alerts.toSorted((a, b) => a.seq - b.seq)));
      reader.close();
    }),
    { numRuns: 40 },
  );
});

/** One record for each (kind, key), the last one, ordered by kind, then key. */
function latest(changes: readonly Change[]): Change[] {
  const byKey = new Map(changes.map((change) => [`${change.kind} ${change.key}`, change]));
  return [...byKey.values()].sort((a, b) => (a.kind === b.kind ? a.key - b.key : a.kind < b.kind ? -1 : 1));
}

test('a state record that becomes null is gone, also after reopening', () => {
  const dir = temporaryFolder();
  const store = openStore(dir);
  const value = Uint8Array.of(1);
  store.commit(batchOf({ changes: [{ kind: 'cluster', key: 2, value }, { kind: 'cluster', key: -1, value }, { kind: 'budget', key: 9, value }] }));
  store.commit(batchOf({ changes: [{ kind: 'cluster', key: 2, value: null }, { kind: 'cluster', key: 77, value: null }, { kind: 'budget', key: 9, value: Uint8Array.of(2, 3) }] }));
  store.close();
  const again = openStore(dir);
  expect([...again.state()].map(({ kind, key, value: now }) => [kind, key, [...(now ?? [])]])).toEqual([['budget', 9, [2, 3]], ['cluster', -1, [1]]]);
  again.close();
});

test('the first suspicion stays, the latest is kept beside it, and review follows', () => {
  const dir = temporaryFolder();
  const store = openStore(dir);
  const amends = (list: Amend[]): void => store.commit(batchOf({ amends: list }));
  store.commit(batchOf({ decisions: [decisionAt(0, { suspicion: 0.2 }), decisionAt(1)], amends: [{ seq: 1, suspicion: 0.9, review: true }] }));
  amends([{ seq: 0, suspicion: 0.7, review: true }]);
  amends([{ seq: 1, suspicion: 0.1, review: false }]);
  store.close();
  const reader = openReader(dir);
  expect([...reader.decisions()].map(({ suspicion, suspicionNow, review }) => [suspicion, suspicionNow, review])).toEqual([[0.2, 0.7, true], [0.9, 0.1, false]]);
  reader.close();
});

test('the run log keeps what was in force from which item on; the same again is not logged', () => {
  const dir = temporaryFolder();
  const store = openStore(dir);
  expect(store.lastRun()).toBeNull();
  store.recordRun(0, CONFIG);
  store.recordRun(0, { ...CONFIG, seed: 2 });
  store.recordRun(5, { ...CONFIG, seed: 2 });
  store.recordRun(9, { ...CONFIG, seed: 3 });
  expect(store.lastRun()).toEqual({ seq: 9, config: { ...CONFIG, seed: 3 } });
  expect(codeOf(() => store.recordRun(4, CONFIG))).toBe('SLUICE_E_INTERNAL');
  store.recordHeader('coco:/a.json', '{"categories":[]}');
  store.recordHeader('yolo:/b', '{}');
  store.recordHeader('coco:/a.json', '{"categories":[1]}');
  store.close();
  const reader = openReader(dir);
  expect(reader.runs()).toEqual([{ seq: 0, config: { ...CONFIG, seed: 2 } }, { seq: 9, config: { ...CONFIG, seed: 3 } }]);
  expect(reader.headers()).toEqual([{ source: 'coco:/a.json', header: '{"categories":[1]}' }, { source: 'yolo:/b', header: '{}' }]);
  reader.close();
});

test('what an earlier version did not know was not in force', () => {
  const dir = temporaryFolder();
  const store = openStore(dir);
  store.recordRun(0, { ...CONFIG, per: 'stream', validationShare: 0.5, guard: '/g', known: '/k', objects: '8' });
  store.close();
  const db = new DatabaseSync(join(dir, 'sluice.db'));
  db.exec("UPDATE runs SET config = json_remove(config, '$.per', '$.validationShare', '$.guard', '$.known', '$.objects')");
  db.close();
  const reader = openReader(dir);
  expect(reader.runs()).toEqual([{ seq: 0, config: { ...CONFIG, per: 'fleet', validationShare: 0, guard: null, known: null, objects: 'off' } }]);
  reader.close();
});
