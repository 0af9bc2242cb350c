import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openReader } from '../../../../infra/store/reader.ts';
import { openStore } from '../../../../infra/store/sqlite.ts';
import { plainBatch } from './decisions.ts';
import { codeOf, temporaryFolder } from './world.ts';

const FAULTS: readonly (readonly [string, (file: string) => void])[] = [
  ['a text', (file) => writeFileSync(file, 'this is no database, but my diary\n'.repeat(50))],
  ['a database of another program', (file) => { rmSync(file); edit(file, 'CREATE TABLE mine(x)'); }],
  ['another application id', (file) => edit(file, 'PRAGMA application_id = 7')],
  ['a newer format', (file) => edit(file, 'PRAGMA user_version = 999')],
  ['a file that was cut', (file) => truncateSync(file, 8192 * 3)],
  ['figures that do not fit the rows', (file) => edit(file, 'UPDATE figures SET decided = decided + 1')],
];

function edit(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

test.for(FAULTS)('what is no whole database of ours is refused and left as it is: %s', ([, spoil]) => {
  const dir = temporaryFolder();
  const file = join(dir, 'sluice.db');
  const store = openStore(dir);
  store.commit(plainBatch(0, 300));
  store.close();
  spoil(file);
  const before = readFileSync(file);
  expect(codeOf(() => openStore(dir))).toBe('SLUICE_E_STORE_CORRUPT');
  if (!before.includes('SQLite format 3')) expect(readFileSync(file).equals(before)).toBe(true);
});

test.for(FAULTS.slice(0, 5))('a reader refuses it too: %s', ([, spoil]) => {
  const dir = temporaryFolder();
  const file = join(dir, 'sluice.db');
  const store = openStore(dir);
  store.commit(plainBatch(0, 300));
  store.close();
  spoil(file);
  expect(codeOf(() => openReader(dir))).toBe('SLUICE_E_STORE_CORRUPT');
});

test('a database of another program keeps every byte', () => {
  const dir = temporaryFolder();
  const file = join(dir, 'sluice.db');
  edit(file, 'CREATE TABLE mine(x); INSERT INTO mine VALUES(1)');
  const before = readFileSync(file);
  expect(codeOf(() => openStore(dir))).toBe('SLUICE_E_STORE_CORRUPT');
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('a damaged page in the middle ends the run with its error when it is reached', () => {
  const dir = temporaryFolder();
  const file = join(dir, 'sluice.db');
  const store = openStore(dir);
  store.commit(plainBatch(0, 3000));
  store.close();
  const size = statSync(file).size;
  const handle = openSync(file, 'r+');
  for (let at = 8192 * 16; at < size - 8192; at += 8192) writeSync(handle, Buffer.alloc(4096, 0xa5), 0, 4096, at);
  closeSync(handle);
  expect(codeOf(() => {
    const again = openStore(dir);
    try {
      const look = again.onRecord('any');
      for (let i = 0; i < 3000; i += 100) look(`photos/${i}.jpg`);
    } finally {
      again.close();
    }
  })).toBe('SLUICE_E_STORE_CORRUPT');
});

test('what a run leaves that was killed at its very start is a new folder', () => {
  const dir = temporaryFolder();
  writeFileSync(join(dir, 'sluice.db'), '');
  const store = openStore(dir);
  expect(store.nextSeq).toBe(0);
  store.close();
});

test('a folder is made where there is none, with all above it', () => {
  const dir = join(temporaryFolder(), 'a', 'b');
  openStore(dir).close();
  expect(statSync(join(dir, 'sluice.db')).isFile()).toBe(true);
});

test('a file where the folder should be is told of', () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, 'x');
  expect(codeOf(() => openStore(file))).toBe('SLUICE_E_NOT_WRITABLE');
  expect(codeOf(() => openStore(join(file, 'below')))).toBe('SLUICE_E_NOT_WRITABLE');
  expect(codeOf(() => openReader(file))).toBe('SLUICE_E_NOT_FOUND');
  expect(readFileSync(file, 'utf8')).toBe('x');
});

test('a database that is a link is refused: it may lead to somebody else', () => {
  const dir = temporaryFolder();
  const other = temporaryFolder();
  symlinkSync(join(other, 'theirs.db'), join(dir, 'sluice.db'));
  expect(codeOf(() => openStore(dir))).toBe('SLUICE_E_NOT_WRITABLE');
  expect(existsSync(join(other, 'theirs.db'))).toBe(false);
});

test('a place that takes no folders is an error at once, and a path through a file too', { timeout: 5000 }, () => {
  expect(codeOf(() => openStore('/proc/nope'))).toBe('SLUICE_E_NOT_WRITABLE');
  const dir = temporaryFolder();
  writeFileSync(join(dir, 'file'), '');
  expect(codeOf(() => openStore(join(dir, 'file')))).toBe('SLUICE_E_NOT_WRITABLE');
  expect(codeOf(() => openStore(join(dir, 'file', 'below')))).toBe('SLUICE_E_NOT_WRITABLE');
  openStore(join(dir, 'a', 'b', 'c')).close();
  expect(existsSync(join(dir, 'a', 'b', 'c', 'sluice.db'))).toBe(true);
});
