/** Bad annotations in the store: written with their items, counted, and folders from before there were any. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openReader } from '../../../../infra/store/reader.ts';
import { openStore } from '../../../../infra/store/sqlite.ts';
import { VERSION } from '../../../../infra/store/schema.ts';
import type { AnnotationFaults } from '../../../../schemas/annotations.ts';
import { batchOf, decisionAt, plainBatch } from './decisions.ts';
import { codeOf, temporaryFolder } from './world.ts';

const box = (count: number): AnnotationFaults => ({ code: 'SLUICE_E_ANNOTATION_BOX', count, causes: ['a\ud800', 'b\n"c"'] });
const stray = (count: number): AnnotationFaults => ({ code: 'SLUICE_E_ANNOTATION_IMAGE', count, causes: ['annotations[3]'] });

test('come back by place, and counted by code; those of a source once, however often it is opened', () => {
  const dir = temporaryFolder();
  const store = openStore(dir);
  store.recordFaults('coco:/a', [stray(7)]);
  store.recordFaults('coco:/a', [stray(5)]);
  store.recordFaults('coco:/b', [stray(1)]);
  const decisions = [decisionAt(0, { label: [] }), decisionAt(1, { label: null }), decisionAt(2, { label: [] }), decisionAt(3, { label: 'cat' })];
  store.commit(batchOf({ decisions, faults: [{ seq: 2, ...box(3) }, { seq: 2, ...stray(1) }, { seq: 1, ...box(4) }] }));
  const counts = { bad: { SLUICE_E_ANNOTATION_BOX: 7, SLUICE_E_ANNOTATION_IMAGE: 7 }, imagesWithout: 2 };
  expect(store.annotations()).toEqual(counts);
  store.recordFaults('coco:/b', []);
  store.close();
  const reader = openReader(dir);
  expect([...reader.faults()]).toEqual([
    { id: null, seq: null, ...stray(5) },
    { id: 'photos/1.jpg', seq: 1, ...box(4) },
    { id: 'photos/2.jpg', seq: 2, ...box(3) },
    { id: 'photos/2.jpg', seq: 2, ...stray(1) },
  ]);
  expect([reader.faultsOf(1).length, reader.faultsOf(2).length, reader.faultsOf(3)]).toEqual([1, 2, []]);
  expect(reader.annotations()).toEqual({ ...counts, bad: { ...counts.bad, SLUICE_E_ANNOTATION_IMAGE: 6 } });
  reader.close();
});

test('are written with their batch or not at all', () => {
  const store = openStore(temporaryFolder());
  expect(codeOf(() => store.commit(batchOf({ decisions: [decisionAt(0)], faults: [{ seq: 0, ...box(1) }], amends: [{ seq: 9, suspicion: 0.5, review: false }] })))).toBe('SLUICE_E_INTERNAL');
  expect(store.annotations().bad).toEqual({});
  store.close();
});

/** A folder as the first version wrote it. */
function earlier(): string {
  const dir = temporaryFolder();
  const store = openStore(dir);
  store.commit(plainBatch(0, 3));
  store.close();
  const db = new DatabaseSync(join(dir, 'sluice.db'));
  db.exec('DROP TABLE faults; DROP TABLE objects; DROP TABLE corrections; ALTER TABLE alerts DROP COLUMN id; ALTER TABLE alerts DROP COLUMN first_seen; ALTER TABLE alerts DROP COLUMN growth; ALTER TABLE alerts DROP COLUMN nearest_known; PRAGMA user_version = 1');
  db.close();
  return dir;
}

test('a folder of the first version is read as it is, and nothing in it changes', () => {
  const dir = earlier();
  const before = readFileSync(join(dir, 'sluice.db'));
  const reader = openReader(dir);
  expect([[...reader.faults()], reader.faultsOf(0), reader.annotations(), reader.totals().decided]).toEqual([[], [], { bad: {}, imagesWithout: 0 }, 3]);
  expect(before.equals(readFileSync(join(dir, 'sluice.db')))).toBe(true);
  // A run that goes on in it meanwhile brings it up to date.
  const store = openStore(dir);
  store.commit(batchOf({ decisions: [decisionAt(3)], faults: [{ seq: 3, ...box(2) }] }));
  expect([...reader.faults()]).toEqual([]);
  reader.refresh();
  expect([...reader.faults()]).toEqual([{ id: 'photos/3.jpg', seq: 3, ...box(2) }]);
  reader.close();
  store.close();
});

test('a folder of the first version goes on, and is of this version from then on', () => {
  const dir = earlier();
  const store = openStore(dir);
  expect([store.nextSeq, store.annotations().bad]).toEqual([3, {}]);
  store.commit(batchOf({ decisions: [decisionAt(3)], faults: [{ seq: 3, ...box(2) }] }));
  store.close();
  const again = openStore(dir);
  expect(again.annotations().bad).toEqual({ SLUICE_E_ANNOTATION_BOX: 2 });
  again.close();
  const db = new DatabaseSync(join(dir, 'sluice.db'));
  expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: VERSION });
  db.close();
});
