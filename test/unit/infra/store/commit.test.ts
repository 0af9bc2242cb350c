import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { Decision } from '../../../../schemas/decision.ts';
import { openReader } from '../../../../infra/store/reader.ts';
import { openStore } from '../../../../infra/store/sqlite.ts';
import { CONFIG, batchOf, decisionAt, plainBatch } from './decisions.ts';
import { codeOf, temporaryFolder } from './world.ts';
import { someAlert } from '../../../support/alerts.ts';

test('totals and the next seq follow the commits and survive reopening', () => {
  const dir = temporaryFolder();
  const store = openStore(dir);
  store.commit({ ...plainBatch(0, 4), unspent: 2 });
  store.commit(batchOf({ decisions: [decisionAt(5)], dead: [{ seq: 4, id: 'x', code: 'SLUICE_E_IMAGE_EMPTY', cause: 'no bytes' }], unspent: 3 }));
  const wanted = { decided: 5, admitted: 2, dead: 1, unspent: 3, transactions: 2 };
  expect([store.nextSeq, store.totals()]).toEqual([6, wanted]);
  store.close();
  const again = openStore(dir);
  expect([again.nextSeq, again.totals()]).toEqual([6, wanted]);
  again.close();
});

test('what is on record of an id is told by source, verdicts apart from dead letters', () => {
  const store = openStore(temporaryFolder());
  const dead = (seq: number, id = 'photos/0.jpg') => ({ seq, id, code: 'SLUICE_E_ID_REPEATED', cause: 'again' });
  const [here, there] = [CONFIG.source, 'csv:/elsewhere.csv'];
  store.recordRun(0, CONFIG);
  store.commit(batchOf({ decisions: [decisionAt(0)], dead: [dead(1), dead(2, 'bad.jpg')] }));
  store.recordRun(3, { ...CONFIG, source: there });
  store.commit(batchOf({ dead: [dead(3)] }));
  store.recordRun(4, CONFIG);
  store.commit(batchOf({ dead: [dead(4)] }));
  const ids = ['photos/0.jpg', 'bad.jpg', 'none.jpg'];
  expect(ids.map(store.onRecord(here))).toEqual([{ ofSource: 3, decided: true }, { ofSource: 1, decided: false }, { ofSource: 0, decided: false }]);
  expect(ids.map(store.onRecord(there))).toEqual([{ ofSource: 1, decided: true }, { ofSource: 0, decided: false }, { ofSource: 0, decided: false }]);
  store.close();
});

test.for([
  ['a gap before the batch', [1]],
  ['a gap in it', [0, 2]],
  ['a seq twice', [0, 0]],
  ['a seq that was used', [-1, 0]],
  ['no number', [Number.NaN]],
] as const)('seqs that do not go on are refused: %s', ([, seqs]) => {
  const store = openStore(temporaryFolder());
  expect(codeOf(() => store.commit(batchOf({ decisions: seqs.map((seq, i) => decisionAt(seq, { id: `${i}` })) })))).toBe('SLUICE_E_INTERNAL');
  expect(store.nextSeq).toBe(0);
  store.close();
});

const BAD: readonly (readonly [string, Partial<Decision>])[] = [
  ['score', { score: Number.NaN }],
  ['novelty', { novelty: Infinity }],
  ['share', { share: -Infinity }],
  ['cluster', { cluster: 0.5 }],
  ['suspicion', { suspicion: Number.NaN }],
  ['similarity', { nearest: { id: 'a', similarity: Number.NaN } }],
  ['reason value', { reasons: [{ code: 'x', value: Number.NaN, threshold: 0 }] }],
  ['reason threshold', { reasons: [{ code: 'x', value: 0, threshold: Infinity }] }],
  ['quality', { quality: { brightness: Number.NaN, contrast: 0, sharpness: 0, width: 1, height: 1 } }],
  ['box', { label: [{ class: 'a', bbox: [0, 0, Number.NaN, 1] }] }],
  ['embedding', { embedding: Float32Array.of(0, Number.NaN) }],
  ['time', { time: 8.64e15 + 1 }],
];

test.for(BAD)('a number that is not finite is refused: %s', ([, change]) => {
  const store = openStore(temporaryFolder());
  expect(codeOf(() => store.commit(batchOf({ decisions: [decisionAt(0, change)] })))).toBe('SLUICE_E_INTERNAL');
  store.commit(batchOf({ decisions: [decisionAt(0)] }));
  expect(store.totals().decided).toBe(1);
  store.close();
});

/** Everything a batch can change, so that a half-written one would show somewhere. */
function fullBatch(first: number) {
  return batchOf({
    decisions: [decisionAt(first), decisionAt(first + 1)],
    dead: [{ seq: first + 2, id: `dead ${first}`, code: 'SLUICE_E_IMAGE_EMPTY', cause: 'no bytes' }],
    amends: [{ seq: first, suspicion: 0.5, review: true }],
    alerts: [someAlert({ seq: first })],
    changes: [{ kind: 'cluster', key: first, value: Uint8Array.of(first) }],
    strips: [{ jpeg: Uint8Array.of(1, 2, first), seqs: [first] }],
    unspent: first,
  });
}

function everythingIn(dir: string): unknown {
  const db = new DatabaseSync(join(dir, 'sluice.db'), { readOnly: true });
  const tables = ['items', 'vectors', 'strips', 'thumbnails', 'origins', 'dead', 'alerts', 'state', 'figures'];
  const found = tables.map((table) => db.prepare(`SELECT * FROM ${table}`).all());
  db.close();
  return found;
}

const BROKEN: readonly (readonly [string, (first: number) => ReturnType<typeof fullBatch>])[] = [
  ['an id that has a verdict', (first) => ({ ...fullBatch(first), decisions: [decisionAt(first), decisionAt(first + 1, { id: 'photos/0.jpg' })] })],
  ['an amend of an item without a verdict', (first) => ({ ...fullBatch(first), amends: [{ seq: first, suspicion: 1, review: true }, { seq: 2, suspicion: 1, review: true }] })],
  ['a state record that is no bytes', (first) => ({ ...fullBatch(first), changes: [...fullBatch(first).changes, { kind: 'x', key: 1, value: 'text' as unknown as Uint8Array }] })],
];

test.for(BROKEN)('a commit that fails half-way leaves nothing behind and the store usable: %s', ([, broken]) => {
  const dir = temporaryFolder();
  const store = openStore(dir);
  store.commit(fullBatch(0));
  const before = everythingIn(dir);
  expect(codeOf(() => store.commit(broken(3)))).toBe('SLUICE_E_INTERNAL');
  expect(everythingIn(dir)).toEqual(before);
  expect([store.nextSeq, store.totals().transactions]).toEqual([3, 1]);
  store.commit(fullBatch(3));
  expect([store.nextSeq, store.totals().transactions, store.totals().unspent]).toEqual([6, 2, 3]);
  store.close();
});

test('an embedding of an item without a verdict is a fault of the program', () => {
  const store = openStore(temporaryFolder());
  store.commit(batchOf({ dead: [{ seq: 0, id: 'x', code: 'SLUICE_E_IMAGE_EMPTY', cause: 'no bytes' }] }));
  expect(codeOf(() => store.embedding(0))).toBe('SLUICE_E_STORE_CORRUPT');
  store.close();
});

test('the clean end of a run leaves one file and the empty lock', () => {
  const dir = temporaryFolder();
  const store = openStore(dir);
  store.commit(plainBatch(0, 10));
  store.close();
  store.close();
  expect(readdirSync(dir).sort()).toEqual(['.lock', 'sluice.db']);
  expect(statSync(join(dir, '.lock')).size).toBe(0);
});

test('a folder that has seen billions of items goes on', () => {
  const dir = temporaryFolder();
  openStore(dir).close();
  const far = 2 ** 52;
  const db = new DatabaseSync(join(dir, 'sluice.db'));
  db.exec(`UPDATE figures SET decided = ${far}, admitted = 1; INSERT INTO dead VALUES(${far - 1}, 'x', 'y', 'z')`);
  db.close();
  const store = openStore(dir);
  expect(store.nextSeq).toBe(far);
  store.commit(batchOf({ decisions: [decisionAt(far), decisionAt(far + 1)] }));
  store.close();
  const reader = openReader(dir);
  expect([...reader.decisions()].map((d) => d.seq)).toEqual([far, far + 1]);
  expect(reader.embedding(far + 1)).toEqual(decisionAt(far + 1).embedding);
  reader.close();
});
