/** The alerts of a folder in the order of their numbers, which are given in the transaction of the items they come from. */
import type { DatabaseSync } from 'node:sqlite';
import type { Outbox } from '../alerts/types.ts';
import { storeFailure } from './failure.ts';
import { alertOf, selectAlert } from './rows.ts';
import { DATABASE, VERSION } from './schema.ts';
import { number } from './values.ts';

export function outboxOf(db: DatabaseSync): Outbox {
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      throw storeFailure(thrown, DATABASE);
    }
  };
  return {
    last: () => guard(() => number(db.prepare('SELECT coalesce(max(number), 0) AS last FROM alerts').get()?.['last'])),
    after: (after, limit) =>
      guard(() => db.prepare(`${selectAlert(VERSION)} WHERE number > ? ORDER BY number LIMIT ?`).all(after, limit).map((row) => ({ number: number(row['number']), alert: alertOf(row) }))),
    count: (after, last) => guard(() => number(db.prepare('SELECT count(*) AS count FROM alerts WHERE number > ? AND number <= ?').get(after, last)?.['count'])),
  };
}
