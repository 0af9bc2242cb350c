/**
 * The file DIR/alerts.db: what people say of alerts and how far each sink has got. A file of its own, since people write to it while a run holds the folder, and since an alert
 * itself is written with the items it comes from: the alerts of sluice.db, in the order of their numbers, are the outbox, and a sink's place is the number it has come to.
 */
import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { SluiceError } from '../../schemas/errors.ts';
import { resultCode, storeFailure } from '../store/failure.ts';
import { ALERTS } from '../store/schema.ts';
import { number } from '../store/values.ts';

/** `Slua`. */
const APPLICATION_ID = 0x536c7561;
const VERSION = 1;
const PATIENCE_MS = 5000;
/** SQLite's READONLY, of a connection that only reads: who was killed left half of a write behind. */
const UNFINISHED = 8;

/** `until`: milliseconds since 1970. `muted`: alerts that a mute was in force for when they were raised. `watch`: the number up to which that was looked at. */
const TABLES = `
CREATE TABLE acknowledged(alert TEXT PRIMARY KEY, at REAL NOT NULL, by TEXT, note TEXT) STRICT;
CREATE TABLE mutes(number INTEGER PRIMARY KEY, kind TEXT, stream TEXT, cluster INTEGER, until REAL NOT NULL) STRICT;
CREATE TABLE muted(alert TEXT PRIMARY KEY) STRICT;
CREATE TABLE watch(one INTEGER PRIMARY KEY CHECK(one = 1), number INTEGER NOT NULL) STRICT;
CREATE TABLE sinks(name TEXT PRIMARY KEY, number INTEGER NOT NULL, tries INTEGER NOT NULL, delivered INTEGER NOT NULL, given_up INTEGER NOT NULL) STRICT;
`;

/** @param patienceMs how long to wait for another who writes. @throws SluiceError SLUICE_E_STORE_CORRUPT, SLUICE_E_NOT_WRITABLE, SLUICE_E_DISK_FULL, SLUICE_E_BUSY */
export function openTables(dir: string, patienceMs: number): DatabaseSync {
  const file = join(dir, ALERTS);
  // In a folder that others may write to, a link could lead to somebody's file.
  if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true) throw new SluiceError('SLUICE_E_NOT_WRITABLE', `${file} is a link; it must be a file of its own.`);
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(file, { timeout: patienceMs });
    // Of two that make it at once one waits for the other, and finds it made.
    db.exec('BEGIN IMMEDIATE');
    if (pragma(db, 'user_version') === 0 && pragma(db, 'application_id') === 0) db.exec(`${TABLES} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${VERSION}`);
    check(db, file);
    db.exec('COMMIT');
    return db;
  } catch (thrown) {
    db?.close();
    throw storeFailure(thrown, file);
  }
}

/** Null where there is none. @throws SluiceError as above */
export function readTables(dir: string): DatabaseSync | null {
  const file = join(dir, ALERTS);
  if (!existsSync(file)) return null;
  let db: DatabaseSync | null = null;
  try {
    const url = pathToFileURL(file);
    url.search = 'mode=ro';
    db = new DatabaseSync(url, { timeout: PATIENCE_MS });
    check(db, file);
    return db;
  } catch (thrown) {
    db?.close();
    // Who opens it to write takes that back.
    if (resultCode(thrown) === UNFINISHED) return openTables(dir, PATIENCE_MS);
    throw storeFailure(thrown, file);
  }
}

function check(db: DatabaseSync, file: string): void {
  if (pragma(db, 'application_id') !== APPLICATION_ID) throw new SluiceError('SLUICE_E_STORE_CORRUPT', `${file} is a database of another program.`);
  const version = pragma(db, 'user_version');
  if (version !== VERSION) throw new SluiceError('SLUICE_E_STORE_CORRUPT', `${file} has format ${version}; this version of Sluice knows ${VERSION}.`);
}

function pragma(db: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}
