import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openReader } from '../../../../infra/store/reader.ts';
import { openStore } from '../../../../infra/store/sqlite.ts';
import type { Reader } from '../../../../infra/store/types.ts';
import { batchOf, decisionAt, plainBatch } from './decisions.ts';
import { codeOf, kill, startChild, temporaryFolder, untilDecided, withoutRoot } from './world.ts';

test('a folder without a run is told of', () => {
  const dir = temporaryFolder();
  expect(codeOf(() => openReader(join(dir, 'nowhere')))).toBe('SLUICE_E_NOT_FOUND');
  expect(codeOf(() => openReader(dir))).toBe('SLUICE_E_NOT_FOUND');
  expect(readdirSync(dir)).toEqual([]);
  new DatabaseSync(join(dir, 'sluice.db')).close();
  expect(codeOf(() => openReader(dir))).toBe('SLUICE_E_NOT_FOUND');
});

test('what is not there is null, or an error where a seq names it', () => {
  const dir = temporaryFolder();
  const store = openStore(dir);
  store.commit(plainBatch(0, 1));
  store.close();
  const reader = openReader(dir);
  expect([reader.decision('x'), reader.deadOf('x'), reader.origin(0)]).toEqual([null, [], null]);
  expect(codeOf(() => reader.embedding(1))).toBe('SLUICE_E_NOT_FOUND');
  reader.close();
  reader.close();
});

test('verdicts are chosen and come in order of seq', () => {
  const dir = temporaryFolder();
  const store = openStore(dir);
  store.commit(plainBatch(0, 7));
  store.close();
  const reader = openReader(dir);
  const seqs = (verdict?: 'admit' | 'reject') => [...reader.decisions(verdict)].map((d) => d.seq);
  expect([seqs(), seqs('admit'), seqs('reject')]).toEqual([[0, 1, 2, 3, 4, 5, 6], [0, 3, 6], [1, 2, 4, 5]]);
  reader.close();
});

/** The parts that one state of the folder must agree on. */
function agreeing(reader: Reader): number {
  const all = [...reader.decisions()].map((d) => d.seq);
  const { decided, admitted } = reader.totals();
  expect(all).toEqual(Array.from({ length: decided }, (_, i) => i));
  expect([...reader.decisions('admit')].length).toBe(admitted);
  if (decided > 0) expect(reader.embedding(decided - 1)[0]).toBe(decided - 1);
  return decided;
}

test('while a run writes, a reader sees one state, and the next one after refresh', async () => {
  const dir = temporaryFolder();
  const { child } = await startChild(dir, 'write');
  const reader = openReader(dir);
  let last = 0;
  for (let round = 0; round < 10; round++) {
    // However slow the writer is, it comes on.
    while (reader.totals().decided === last) {
      await setTimeout(5);
      reader.refresh();
    }
    last = agreeing(reader);
    await setTimeout(20);
    expect(agreeing(reader)).toBe(last);
  }
  reader.close();
  await kill(child);
  const after = openReader(dir);
  expect(agreeing(after)).toBeGreaterThanOrEqual(last);
  after.close();
});

test('commits go on while a reader is in the middle of a scan', () => {
  const dir = temporaryFolder();
  const store = openStore(dir);
  store.commit(plainBatch(0, 10));
  const reader = openReader(dir);
  const seen: number[] = [];
  for (const { seq } of reader.decisions()) {
    seen.push(seq);
    store.commit(plainBatch(store.nextSeq, 1));
  }
  expect(seen.length).toBe(10);
  reader.refresh();
  expect(agreeing(reader)).toBe(20);
  for (const { seq } of reader.decisions()) if (seq === 3) break;
  store.close();
  expect(agreeing(reader)).toBe(20);
  reader.close();
  expect(readdirSync(dir).sort()).toEqual(['.lock', 'sluice.db']);
});

test('what a killed run committed is read, and the next run goes on after it', async () => {
  const dir = temporaryFolder();
  const { child } = await startChild(dir, 'write');
  await untilDecided(dir);
  await kill(child);
  expect(existsSync(join(dir, 'sluice.db-wal'))).toBe(true);
  const reader = openReader(dir);
  const decided = agreeing(reader);
  reader.close();
  const store = openStore(dir);
  expect(store.nextSeq).toBe(decided);
  expect(decided % 8).toBe(0);
  expect([...store.state()].map((record) => Buffer.from(record.value ?? []).toString())).toEqual([String(decided)]);
  store.commit(batchOf({ decisions: [decisionAt(decided)] }));
  store.close();
});

/** Makes a folder and all in it read-only. */
function bar(dir: string): void {
  for (const name of readdirSync(dir)) chmodSync(join(dir, name), 0o444);
  chmodSync(dir, 0o555);
}

test('a folder one may not write can be read after a clean end, is not touched, and is refused to a run', () => {
  const dir = temporaryFolder();
  const store = openStore(dir);
  store.commit(plainBatch(0, 5));
  store.close();
  bar(dir);
  const before = readdirSync(dir);
  withoutRoot(() => {
    const reader = openReader(dir);
    expect(agreeing(reader)).toBe(5);
    reader.refresh();
    expect(readdirSync(dir)).toEqual(before);
    reader.close();
    expect(codeOf(() => openStore(dir))).toBe('SLUICE_E_NOT_WRITABLE');
  });
  expect(readdirSync(dir)).toEqual(before);
});

test('a folder one may not write can be read while its run writes and after that was killed', async () => {
  const dir = temporaryFolder();
  const { child } = await startChild(dir, 'write');
  chmodSync(dir, 0o555);
  const count = (): number => withoutRoot(() => {
    const reader = openReader(dir);
    const decided = agreeing(reader);
    reader.close();
    return decided;
  });
  const first = count();
  while (count() === first) await setTimeout(5);
  await kill(child);
  expect(count()).toBeGreaterThan(first);
  // Without its -shm the -wal can only be read by someone who may write one.
  rmSync(join(dir, 'sluice.db-shm'));
  expect(codeOf(count)).toBe('SLUICE_E_NOT_WRITABLE');
});

test('a folder whose name means something in a URL is a folder like others', () => {
  const dir = join(temporaryFolder(), 'a?mode=memory#b%20c d\'"é');
  const store = openStore(dir);
  store.commit(plainBatch(0, 2));
  const reader = openReader(dir);
  expect(agreeing(reader)).toBe(2);
  reader.close();
  store.close();
});

test('a damaged page is told of when it is reached', () => {
  const dir = temporaryFolder();
  const store = openStore(dir);
  store.commit(plainBatch(0, 2000));
  store.close();
  const db = new DatabaseSync(join(dir, 'sluice.db'));
  const pages = Number(db.prepare('PRAGMA page_count').get()?.['page_count']);
  db.close();
  const file = join(dir, 'sluice.db');
  writeFileSync(file, Buffer.alloc(8192 * (pages - 20), 0xa5), { flag: 'r+', flush: true });
  expect(codeOf(() => openReader(dir))).toBe('SLUICE_E_STORE_CORRUPT');
});
