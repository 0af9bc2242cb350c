/** Opening DIR/sluice.db for its one writer, and telling it from files of another kind. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SluiceError } from '../../schemas/errors.ts';
import { APPLICATION_ID, DATABASE, TABLES, UPGRADES, VERSION } from './schema.ts';
import { storeFailure } from './failure.ts';
import { number } from './values.ts';
import { makeFolders } from './folders.ts';

/** A reader that closes last, or recovers what a killed run left, holds the file for a moment. */
const PATIENCE_MS = 5000;

/** The version of the tables of a database of ours. */
export type Kind = number | 'blank';

/**
 * WAL lets readers work while a run writes. NORMAL syncs at checkpoints only: a killed process loses nothing that was
 * committed; a power cut may lose the last commits whole, and the run goes on from before them.
 * Pages of 8 KB hold two or three thumbnails with little waste.
 * @throws SluiceError SLUICE_E_STORE_CORRUPT, SLUICE_E_NOT_WRITABLE, SLUICE_E_DISK_FULL
 */
export function openForWriting(dir: string): DatabaseSync {
  const file = join(dir, DATABASE);
  // In a folder that others may write to, a link could lead to somebody's file.
  if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true) throw new SluiceError('SLUICE_E_NOT_WRITABLE', `${file} is a link; it must be a file of its own.`);
  let db: DatabaseSync | null = null;
  try {
    const opened = new DatabaseSync(file, { timeout: PATIENCE_MS });
    db = opened;
    // Of a new file alone: pages that become free can be given back.
    opened.exec('PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL');
    const kind = identify(opened, file);
    opened.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 67108864');
    // A first write at once: a disk that is full or read-only shows before any work is done.
    transaction(opened, () => {
      if (kind === 'blank') opened.exec(`${TABLES} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${VERSION}`);
      else upgrade(opened, kind);
    });
    checkFigures(opened, file);
    return opened;
  } catch (thrown) {
    db?.close();
    throw storeFailure(thrown, file);
  }
}

/**
 * @returns the version of the tables, or `blank` for a database without tables, as a run that was killed at its very start leaves behind
 * @throws SluiceError SLUICE_E_STORE_CORRUPT for a database of another program or of a newer version
 */
export function identify(db: DatabaseSync, file: string): Kind {
  const application = pragma(db, 'application_id');
  const version = versionOf(db);
  if (application === 0 && version === 0 && number(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n']) === 0) return 'blank';
  if (application !== APPLICATION_ID) throw new SluiceError('SLUICE_E_STORE_CORRUPT', `${file} is a database of another program.`);
  if (version !== VERSION && !UPGRADES.has(version)) throw new SluiceError('SLUICE_E_STORE_CORRUPT', `${file} has format ${version}; this version of Sluice knows ${VERSION}.`);
  return version;
}

/** Brings the tables from an earlier version to this one; earlier versions of Sluice then refuse them. */
function upgrade(db: DatabaseSync, from: number): void {
  for (let version = from; version < VERSION; version++) db.exec(UPGRADES.get(version) ?? '');
  db.exec(`UPDATE figures SET one = 1; PRAGMA user_version = ${VERSION}`);
}

/** All of `work` or nothing of it. */
export function transaction(db: DatabaseSync, work: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    work();
    db.exec('COMMIT');
  } catch (thrown) {
    // A full disk may have rolled it back already.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw thrown;
  }
}

/** @throws SluiceError SLUICE_E_NOT_WRITABLE, SLUICE_E_DISK_FULL */
export function makeFolder(dir: string): void {
  try {
    makeFolders(dir);
  } catch (thrown) {
    throw storeFailure(thrown, dir);
  }
}

/** The figures must agree with the last row: a cheap sign that no part of the file is of another time. */
function checkFigures(db: DatabaseSync, file: string): void {
  const row = db.prepare('SELECT decided + dead AS due, 1 + max(coalesce((SELECT max(seq) FROM items), -1), coalesce((SELECT max(seq) FROM dead), -1), coalesce((SELECT max(seq) FROM gone), -1)) AS found FROM figures').get();
  if (row === undefined || row['due'] !== row['found']) throw new SluiceError('SLUICE_E_STORE_CORRUPT', `${file} counts ${String(row?.['due'])} items but its rows end before item ${String(row?.['found'])}.`);
}

/** Of the tables; a folder that is only read keeps the one it has. */
export function versionOf(db: DatabaseSync): number {
  return pragma(db, 'user_version');
}

function pragma(db: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}
