/** Versions hold what they were made of, whatever happens to the items later. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { exportTo } from '../../../../infra/sinks/export.ts';
import { openReader } from '../../../../infra/store/reader.ts';
import { openStore, type SqliteStore } from '../../../../infra/store/sqlite.ts';
import type { Reader } from '../../../../infra/store/types.ts';
import { makeVersion } from '../../../../infra/store/versions.ts';
import type { Decision, ObjectFinding } from '../../../../schemas/decision.ts';
import type { Box } from '../../../../schemas/sample.ts';
import { batchOf, CONFIG, decisionAt, plainBatch } from './decisions.ts';
import { codeOf, temporaryFolder } from './world.ts';

const finding: ObjectFinding = { index: 0, class: 'cat', bbox: [1, 2, 3, 4], cluster: 1, share: 0.5, suspicion: 0.25, suggested: null, faults: [] };
const boxes = (name: string): readonly Box[] => [{ class: name, bbox: [1, 2, 3, 4] }];
/** Admitted: 0, 3, 6, 9. */
const some = (seq: number): Decision => decisionAt(seq, { label: boxes('cat'), suspicion: 0.25, origin: seq === 6 ? null : `{"image":{"id":${seq}},"annotations":[{"id":${seq},"category_id":1,"bbox":[1,2,3,4]}]}`, objects: [finding] });
const header = '{"categories":[{"id":1,"name":"cat"}]}';

function folder(): { readonly dir: string; readonly store: SqliteStore } {
  const dir = temporaryFolder();
  const store = openStore(dir);
  onTestFinished(() => store.close());
  store.recordRun(0, CONFIG);
  store.recordHeader(CONFIG.source, header);
  store.commit(batchOf({ decisions: Array.from({ length: 10 }, (_, seq) => some(seq)) }));
  return { dir, store };
}

function reading<T>(dir: string, work: (reader: Reader) => T): T {
  const reader = openReader(dir);
  try {
    return work(reader);
  } finally {
    reader.close();
  }
}

async function exported(dir: string, options: { version?: string; since?: string }, warned: string[] = []): Promise<readonly string[]> {
  const to = join(temporaryFolder(), 'out');
  mkdirSync(to);
  const reader = openReader(dir);
  try {
    for (const format of ['jsonl', 'csv']) await exportTo(reader, { format, to: join(to, format), verdict: 'admit', ...options }, (line) => warned.push(line));
    await exportTo(reader, { format: 'coco', to, verdict: 'admit', ...options }, () => {});
  } finally {
    reader.close();
  }
  return ['jsonl', 'csv', 'annotations/instances.json'].map((file) => readFileSync(join(to, file), 'utf8'));
}

/** Everything that can happen to what a version holds: amends, corrections with and without origin, verdicts turned round, new items, other headers and settings. */
function happen(store: SqliteStore, dir: string): void {
  store.commit(batchOf({ amends: [{ seq: 0, suspicion: 0.875, review: true }, { seq: 9, suspicion: 0.5, review: false }] }));
  store.commit(batchOf({ corrections: [{ seq: 3, label: boxes('dog'), origin: null, objects: [] }, { seq: 6, label: boxes('dog'), origin: '{"image":{"id":6},"annotations":null}', objects: [{ ...finding, class: 'dog' }] }] }));
  const db = new DatabaseSync(join(dir, 'sluice.db'));
  db.exec("UPDATE items SET admitted = 0 WHERE seq = 9; UPDATE items SET admitted = 1, label = '\"turned\"' WHERE seq = 4");
  db.close();
  store.recordRun(store.nextSeq, { ...CONFIG, seed: 99, source: 'folder:/elsewhere' });
  store.recordHeader(CONFIG.source, '{"categories":[{"id":1,"name":"renamed"}]}');
  store.recordHeader('folder:/elsewhere', '{"categories":[{"id":1,"name":"another"}]}');
  store.commit(plainBatch(store.nextSeq, 5));
}

describe('a version', () => {
  test('exports the same bytes whatever happens later, and so do those made in between', async () => {
    const { dir, store } = folder();
    const { version, added } = makeVersion(dir, 'v1', 1000);
    expect({ version, added }).toMatchObject({ added: true, version: { name: 'v1', number: 1, after: 9, made: 1000, decided: 10, admitted: 4, labelled: 4 } });
    const first = await exported(dir, { version: 'v1' });
    happen(store, dir);
    makeVersion(dir, 'v2', 2000);
    const second = await exported(dir, { version: 'v2' });
    expect(second).not.toEqual(first);
    expect(second).toEqual(await exported(dir, {}));
    store.commit(batchOf({ amends: [{ seq: 0, suspicion: 0.125, review: false }], corrections: [{ seq: 0, label: boxes('bird'), origin: null, objects: [] }, { seq: 3, label: boxes('bird'), origin: null, objects: [] }, { seq: 12, label: 'late', origin: null, objects: [] }] }));
    store.commit(plainBatch(store.nextSeq, 3));
    expect(await exported(dir, { version: 'v1' })).toEqual(first);
    expect(await exported(dir, { version: 'v2' })).toEqual(second);
    expect(await exported(dir, {})).not.toEqual(second);
    expect(reading(dir, (reader) => reader.asOf('v1').decision('photos/0.jpg'))).toMatchObject({ review: false, suspicionNow: 0.25, label: boxes('cat') });
    expect(reading(dir, (reader) => [reader.asOf('v1').decision('photos/4.jpg'), reader.asOf('v1').decision('photos/12.jpg')])).toEqual([null, null]);
  });

  test('keeps nothing of items where nothing changes, or that no version has', () => {
    const { dir, store } = folder();
    const kept = (): unknown => {
      const db = new DatabaseSync(join(dir, 'sluice.db'), { readOnly: true });
      const rows = db.prepare('SELECT (SELECT count(*) FROM past_items) AS items, (SELECT count(*) FROM past_origins) AS origins, (SELECT count(*) FROM past_objects) AS objects').get();
      db.close();
      return { ...rows };
    };
    store.commit(batchOf({ amends: [{ seq: 0, suspicion: 0.5, review: false }], corrections: [{ seq: 3, label: boxes('dog'), origin: null, objects: [finding] }] }));
    makeVersion(dir, 'v1', 0);
    store.commit(plainBatch(10, 5));
    store.commit(batchOf({ amends: [{ seq: 12, suspicion: 0.5, review: false }, { seq: 1, suspicion: 0.5, review: false }] }));
    expect(kept()).toEqual({ items: 0, origins: 0, objects: 0 });
    for (const suspicion of [0.5, 0.75]) store.commit(batchOf({ amends: [{ seq: 0, suspicion, review: false }] }));
    store.commit(batchOf({ corrections: [{ seq: 0, label: boxes('dog'), origin: null, objects: [finding] }] }));
    expect(kept()).toEqual({ items: 1, origins: 1, objects: 1 });
  });

  test('of the same name is the same where nothing changed, and refused where something did', () => {
    const { dir, store } = folder();
    const { version } = makeVersion(dir, 'v1', 1000);
    store.commit(batchOf({ decisions: [decisionAt(10)], amends: [{ seq: 0, suspicion: 0.5, review: true }] }));
    expect(makeVersion(dir, 'v1', 2000)).toEqual({ version, added: false });
    store.commit(batchOf({ corrections: [{ seq: 0, label: boxes('dog'), origin: null, objects: [] }] }));
    expect(codeOf(() => makeVersion(dir, 'v1', 3000))).toBe('SLUICE_E_USAGE');
    expect(reading(dir, (reader) => reader.versions())).toEqual([version]);
    for (const name of ['', 'a:b', 'a/b', 'x'.repeat(65)]) expect(codeOf(() => makeVersion(dir, name, 0)), name).toBe('SLUICE_E_USAGE');
    expect(codeOf(() => reading(dir, (reader) => reader.asOf('v2')))).toBe('SLUICE_E_NOT_FOUND');
  });

  test('has the digest of any folder with the same ids and labels, in whatever order they came', () => {
    const digests = [[0, 3], [3, 0]].map((seqs) => {
      const dir = temporaryFolder();
      const store = openStore(dir);
      store.commit(batchOf({ decisions: seqs.map((id, seq) => decisionAt(seq, { id: `${id}.jpg`, verdict: 'admit' })) }));
      store.close();
      return makeVersion(dir, 'v', 0).version.digest;
    });
    expect(digests[0]).toBe(digests[1]);
  });

  test('loses what is forgotten, says so, and leaves nothing of it behind; other losses are damage', async () => {
    const { dir, store } = folder();
    makeVersion(dir, 'v1', 0);
    store.commit(batchOf({ corrections: [{ seq: 3, label: boxes('dog'), origin: null, objects: [] }] }));
    const db = new DatabaseSync(join(dir, 'sluice.db'));
    onTestFinished(() => db.close());
    db.exec('DELETE FROM origins WHERE seq = 3; DELETE FROM items WHERE seq = 3; DELETE FROM objects WHERE seq = 3');
    expect(['items', 'origins', 'objects'].map((table) => db.prepare(`SELECT count(*) AS n FROM past_${table}`).get()?.['n'])).toEqual([0, 0, 0]);
    const warned: string[] = [];
    const [lines = ''] = await exported(dir, { version: 'v1' }, warned);
    expect(lines.trim().split('\n')).toHaveLength(3);
    expect(warned[0]).toBe('1 of the 4 items of version v1 were forgotten since and are not in it.');
    db.exec("DROP TRIGGER keep_items; UPDATE items SET admitted = 1 WHERE seq = 4; UPDATE items SET label = '\"x\"' WHERE seq = 0");
    expect(codeOf(() => reading(dir, (reader) => reader.asOf('v1')))).toBe('SLUICE_E_STORE_CORRUPT');
  });

  test('is none in a folder of a time before versions, which is brought up to date by the first', () => {
    const { dir, store } = folder();
    store.close();
    const db = new DatabaseSync(join(dir, 'sluice.db'));
    for (const table of ['past_items', 'past_origins', 'past_objects', 'versions']) db.exec(`DROP TABLE ${table}`);
    for (const trigger of ['keep_items', 'forget_kept', ...['origins', 'objects'].flatMap((table) => ['update', 'delete', 'insert'].map((event) => `keep_${table}_${event}`))]) db.exec(`DROP TRIGGER ${trigger}`);
    db.exec('PRAGMA user_version = 4');
    db.close();
    expect(reading(dir, (reader) => reader.versions())).toEqual([]);
    expect(makeVersion(dir, 'v1', 0).version.admitted).toBe(4);
    expect(reading(dir, (reader) => reader.asOf('v1').totals())).toMatchObject({ decided: 10, admitted: 4 });
  });
});

describe('an export since a version', () => {
  test('has what is admitted now and was not then, and tells of labels that changed', async () => {
    const { dir, store } = folder();
    makeVersion(dir, 'v1', 0);
    expect((await exported(dir, { since: 'v1' }))[0]).toBe('');
    happen(store, dir);
    const warned: string[] = [];
    const [lines = '', , coco = ''] = await exported(dir, { since: 'v1' }, warned);
    expect(lines.trim().split('\n').map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual([4, 12]);
    expect((JSON.parse(coco) as { images: unknown[] }).images).toHaveLength(2);
    expect(warned[0]).toBe('2 items of version v1 have other labels now; sluice diff tells which. Only what is new is written.');
    makeVersion(dir, 'v2', 0);
    store.commit(plainBatch(store.nextSeq, 6));
    expect((await exported(dir, { since: 'v1', version: 'v2' }))[0]).toBe(lines);
  });

  test('is of what is admitted', async () => {
    const { dir } = folder();
    const reader = openReader(dir);
    await expect(exportTo(reader, { format: 'jsonl', to: '-', verdict: 'all', since: 'v1' })).rejects.toMatchObject({ code: 'SLUICE_E_USAGE' });
    await expect(exportTo(reader, { format: 'jsonl', to: '-', verdict: 'admit', since: 'v1' })).rejects.toMatchObject({ code: 'SLUICE_E_NOT_FOUND' });
    reader.close();
  });
});

test('a folder without verdicts has nothing to name', () => {
  const dir = temporaryFolder();
  openStore(dir).close();
  expect(codeOf(() => makeVersion(dir, 'v1', 0))).toBe('SLUICE_E_NOT_FOUND');
});
