/** What people have said of the alerts of a folder: acknowledged, muted. Written while a run may hold the folder. */
import type { DatabaseSync } from 'node:sqlite';
import type { Alert } from '../../schemas/decision.ts';
import { type Mute, mutes, type Scope } from '../../schemas/mute.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { storeFailure } from '../store/failure.ts';
import { number, numberOrNull, type Row, text, textOrNull } from '../store/values.ts';
import { openTables, readTables } from './tables.ts';

const PATIENCE_MS = 5000;
/** In force at once: each is held against each alert. */
const MOST_MUTES = 1000;

export interface Acknowledged {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly by: string | null;
  readonly note: string | null;
}

/** Of all alerts of a folder, by their ids. */
export interface Standing {
  readonly acknowledged: ReadonlyMap<string, Acknowledged>;
  readonly muted: ReadonlySet<string>;
  readonly mutes: readonly Mute[];
}

/** @param now milliseconds since 1970: mutes that are over are left out. @throws SluiceError SLUICE_E_STORE_CORRUPT, SLUICE_E_NOT_WRITABLE, SLUICE_E_BUSY */
export function readStanding(dir: string, now: number): Standing {
  const db = readTables(dir);
  if (db === null) return { acknowledged: new Map(), muted: new Set(), mutes: [] };
  return guarded(dir, db, () => ({
    acknowledged: new Map(db.prepare('SELECT alert, at, by, note FROM acknowledged').all().map((row) => [text(row['alert']), { at: number(row['at']), by: textOrNull(row['by'] ?? null), note: textOrNull(row['note'] ?? null) }])),
    muted: new Set(db.prepare('SELECT alert FROM muted').all().map((row) => text(row['alert']))),
    mutes: mutesIn(db, now),
  }));
}

/** Says that somebody has seen to an alert; said again, the later holds. */
export function acknowledge(dir: string, alert: string, { at, by, note }: Acknowledged): void {
  const db = openTables(dir, PATIENCE_MS);
  guarded(dir, db, () => db.prepare('INSERT OR REPLACE INTO acknowledged(alert, at, by, note) VALUES(?, ?, ?, ?)').run(alert, at, by, note));
}

/** Those that are over are removed by the way; one of the same scope is replaced. @throws SluiceError SLUICE_E_USAGE where too many are in force */
export function mute(dir: string, scope: Scope, until: number, now: number): void {
  const db = openTables(dir, PATIENCE_MS);
  guarded(dir, db, () => {
    db.exec('BEGIN IMMEDIATE');
    db.prepare('DELETE FROM mutes WHERE until <= ?').run(now);
    remove(db, scope);
    if (mutesIn(db, now).length >= MOST_MUTES) throw new SluiceError('SLUICE_E_USAGE', `${MOST_MUTES} mutes are in force; end some with sluice alerts unmute.`);
    db.prepare('INSERT INTO mutes(kind, stream, cluster, until) VALUES(?, ?, ?, ?)').run(scope.kind, scope.stream, scope.cluster, until);
    db.exec('COMMIT');
  });
}

/** @returns whether there was one in force */
export function unmute(dir: string, scope: Scope, now: number): boolean {
  const db = openTables(dir, PATIENCE_MS);
  return guarded(dir, db, () => {
    db.prepare('DELETE FROM mutes WHERE until <= ?').run(now);
    return remove(db, scope);
  });
}

export function mutesIn(db: DatabaseSync, now: number): Mute[] {
  return db.prepare('SELECT kind, stream, cluster, until FROM mutes WHERE until > ? ORDER BY number').all(now).map(muteOf);
}

/** Whether one of them is in force for the alert. */
export function isMuted(inForce: readonly Mute[], alert: Alert): boolean {
  return inForce.some((each) => mutes(each, alert));
}

function remove(db: DatabaseSync, { kind, stream, cluster }: Scope): boolean {
  return db.prepare('DELETE FROM mutes WHERE kind IS ? AND stream IS ? AND cluster IS ?').run(kind, stream, cluster).changes > 0;
}

function muteOf(row: Row): Mute {
  return { kind: textOrNull(row['kind'] ?? null), stream: textOrNull(row['stream'] ?? null), cluster: numberOrNull(row['cluster'] ?? null), until: number(row['until']) };
}

/** Closes the file whatever happens; what is not committed by then is undone. */
function guarded<T>(dir: string, db: DatabaseSync, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw storeFailure(thrown, dir);
  } finally {
    db.close();
  }
}
