/** What is left of an item that was forgotten: its place in the sequence, and enough to know its id again when somebody gives it. */
import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { versionOf } from './database.ts';
import type { Gone, GoneCounts } from './types.ts';
import { number, numberOrNull, type Row, text } from './values.ts';

/** The version of the tables that has them. */
const FROM_VERSION = 6;
const PRUNED_FROM_VERSION = 8;

/** @returns 32 bytes: whoever has the id can tell that it was forgotten, nobody can read it from them */
export function hashOfId(id: string): Uint8Array {
  return createHash('sha256').update('sluice: an item that is gone\n').update(Buffer.from(id, 'utf16le')).digest();
}

/** The first 8 bytes of it: of a hundred million items one in ten thousand folders has two that share one. */
export function shortHashOfId(id: string): bigint {
  return Buffer.from(hashOfId(id)).readBigInt64LE();
}

export function goneOf(db: DatabaseSync, id: string): readonly Gone[] {
  if (versionOf(db) < FROM_VERSION) return [];
  return db.prepare('SELECT seq, verdict, time, after FROM gone WHERE id = ? ORDER BY seq').all(hashOfId(id)).map(goneFrom);
}

/** What was forgotten and what was pruned. */
export function goneCounts(db: DatabaseSync): GoneCounts {
  const pruned = versionOf(db) < PRUNED_FROM_VERSION ? undefined : db.prepare('SELECT admit, reject, dead FROM pruned_counts').get();
  const rows = versionOf(db) < FROM_VERSION ? [] : db.prepare('SELECT verdict, count(*) AS count FROM gone GROUP BY verdict').all();
  const count = (verdict: Gone['verdict']): number => number(rows.find((row) => row['verdict'] === verdict)?.['count'] ?? 0) + number(pruned?.[verdict] ?? 0);
  return { admit: count('admit'), reject: count('reject'), dead: count('dead') };
}

function goneFrom(row: Row): Gone {
  return { seq: number(row['seq']), verdict: text(row['verdict']) as Gone['verdict'], time: numberOrNull(row['time'] ?? null), after: number(row['after']) };
}
