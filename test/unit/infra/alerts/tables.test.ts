import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { acknowledge, readStanding } from '../../../../infra/alerts/standing.ts';
import { temporaryFolder } from '../store/world.ts';

test('what somebody who was killed left half written is taken back by who reads next', () => {
  const [dir, left] = [temporaryFolder(), temporaryFolder()];
  acknowledge(dir, 'whole', { at: 1, by: null, note: null });
  const db = new DatabaseSync(join(dir, 'alerts.db'));
  // So small a cache that a part of the transaction is in the file before it ends.
  db.exec('PRAGMA cache_size = 1; BEGIN IMMEDIATE');
  const insert = db.prepare('INSERT INTO acknowledged(alert, at, by, note) VALUES(?, 1, NULL, ?)');
  for (let i = 0; i < 500; i++) insert.run(`half ${i}`, 'n'.repeat(500));
  for (const file of ['alerts.db', 'alerts.db-journal']) copyFileSync(join(dir, file), join(left, file));
  db.close();
  expect([...readStanding(left, 0).acknowledged.keys()]).toEqual(['whole']);
  expect(existsSync(join(left, 'alerts.db-journal'))).toBe(false);
});
