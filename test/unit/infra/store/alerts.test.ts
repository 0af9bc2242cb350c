/** Alerts of folders that earlier versions wrote. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openReader } from '../../../../infra/store/reader.ts';
import { openStore } from '../../../../infra/store/sqlite.ts';
import type { Alert } from '../../../../schemas/decision.ts';
import { someAlert } from '../../../support/alerts.ts';
import { batchOf, decisionAt } from './decisions.ts';
import { temporaryFolder } from './world.ts';

const before = someAlert({ id: 'old-1', seq: 0, firstSeen: null });
const since = someAlert({ seq: 1, growth: 6.5, nearestKnown: { cluster: 3, distance: 0.25 } });

function alertsIn(dir: string): readonly Alert[] {
  const reader = openReader(dir);
  const alerts = [...reader.alerts()];
  reader.close();
  return alerts;
}

test('of a folder of the second version they have ids, before and after it is brought up to date', () => {
  const dir = temporaryFolder();
  const file = join(dir, 'sluice.db');
  const first = openStore(dir);
  first.commit(batchOf({ decisions: [decisionAt(0)], alerts: [before] }));
  first.close();
  const db = new DatabaseSync(file);
  for (const column of ['id', 'first_seen', 'growth', 'nearest_known']) db.exec(`ALTER TABLE alerts DROP COLUMN ${column}`);
  db.exec('DROP TABLE gone; DROP TABLE corrections; PRAGMA user_version = 2');
  db.close();
  const bytes = readFileSync(file);
  expect(alertsIn(dir)).toEqual([before]);
  expect(bytes.equals(readFileSync(file))).toBe(true);
  const store = openStore(dir);
  store.commit(batchOf({ decisions: [decisionAt(1)], alerts: [since] }));
  store.close();
  expect(alertsIn(dir)).toEqual([before, since]);
});
