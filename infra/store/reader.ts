/** Reading an output folder, also while a run writes to it, and from a disk that cannot be written. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { eachRow } from './each-row.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { unpackCampaign } from '../../schemas/campaign.ts';
import type { Label } from '../../schemas/sample.ts';
import { unpackStanding } from '../../schemas/target.ts';
import { allFaults, annotationCounts, faultsOfItem } from './annotations.ts';
import { identify, versionOf } from './database.ts';
import { resultCode, storeFailure } from './failure.ts';
import { goneCounts, goneOf } from './gone.ts';
import { alertOf, deadOf, decisionOf, runOf, selectAlert, selectItem, totalsOf } from './rows.ts';
import { DATABASE } from './schema.ts';
import { thumbnails } from './thumbnails.ts';
import type { Reader } from './types.ts';
import { heldBy, versionsOf } from './versions.ts';
import { bytes, fromVector, json, number, type Row, text, toText } from './values.ts';

/** A run that opens, closes or recovers the file holds it for a moment. */
const PATIENCE_MS = 5000;

/**
 * @throws SluiceError SLUICE_E_NOT_FOUND where the folder holds no run, SLUICE_E_STORE_CORRUPT, SLUICE_E_NOT_WRITABLE where a run was
 * cut off and the folder cannot be written to put it right
 */
export function openReader(dir: string): Reader {
  const file = join(dir, DATABASE);
  if (!existsSync(file)) throw new SluiceError('SLUICE_E_NOT_FOUND', `${dir} holds no run: there is no ${DATABASE} in it.`);
  try {
    return readerOf(dir, connect(file));
  } catch (thrown) {
    throw storeFailure(thrown, file);
  }
}

/**
 * Opened for writing though it only reads: SQLite needs that to recover what a killed run left, and to take its side files away
 * again. On a read-only disk it falls back to reading by itself, which a WAL database allows only with its side files there;
 * without a -wal nothing is pending, and the one file can be read as it is.
 */
function connect(file: string): DatabaseSync {
  try {
    return snapshot(file, 'mode=rw');
  } catch (thrown) {
    const barred = [8, 10, 14].includes(resultCode(thrown) ?? 0); // READONLY, IOERR, CANTOPEN
    if (!barred || pending(file)) throw thrown;
    return snapshot(file, 'mode=ro&immutable=1');
  }
}

function pending(file: string): boolean {
  const wal = `${file}-wal`;
  return existsSync(wal) && statSync(wal).size > 0;
}

function snapshot(file: string, query: string): DatabaseSync {
  const url = pathToFileURL(file);
  url.search = query;
  const db = new DatabaseSync(url, { timeout: PATIENCE_MS });
  try {
    db.exec('PRAGMA query_only = 1; BEGIN');
    if (identify(db, file) === 'blank') throw new SluiceError('SLUICE_E_NOT_FOUND', `${file} holds no run yet.`);
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

function readerOf(dir: string, db: DatabaseSync): Reader {
  function guard<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      throw storeFailure(thrown, dir);
    }
  }
  function* guarded<T>(iterate: () => Iterable<T>): Generator<T> {
    try {
      yield* iterate();
    } catch (thrown) {
      throw storeFailure(thrown, dir);
    }
  }
  function* rows<T>(sql: string, map: (row: Row) => T, ...values: SQLInputValue[]): Generator<T> {
    yield* guarded(function* () {
      for (const row of eachRow(db, sql, ...values)) yield map(row);
    });
  }
  function prepared<T>(sql: string, map: (row: Row) => T): (value: SQLInputValue) => T | null {
    const statement = db.prepare(sql);
    return (value) => guard(() => {
      const row = statement.get(value);
      return row === undefined ? null : map(row);
    });
  }
  function required<T>(found: T | null, seq: number): T {
    if (found === null) throw new SluiceError('SLUICE_E_NOT_FOUND', `Item ${seq} of ${dir} has no verdict.`);
    return found;
  }

  const items = selectItem(versionOf(db));
  const decision = prepared(`${items} WHERE id = ?`, decisionOf);
  const vector = prepared('SELECT vector FROM vectors WHERE seq = ?', (row) => fromVector(bytes(row['vector'])));
  const placeOf = prepared('SELECT strip, place FROM thumbnails WHERE seq = ?', (row) => ({ strip: number(row['strip']), place: number(row['place']) }));
  const strip = prepared('SELECT jpeg FROM strips WHERE strip = ?', (row) => bytes(row['jpeg']));
  const origin = prepared('SELECT origin FROM origins WHERE seq = ?', (row) => text(row['origin']));
  const reader: Reader = {
    dir,
    runs: () => [...rows('SELECT seq, config FROM runs ORDER BY seq', runOf)],
    headers: () => [...rows('SELECT source, header FROM headers ORDER BY number', (row) => ({ source: text(row['source']), header: text(row['header']) }))],
    totals: () => guard(() => totalsOf(db.prepare('SELECT * FROM figures').get())),
    decisions: (verdict) =>
      verdict === undefined ? rows(`${items} ORDER BY seq`, decisionOf) : rows(`${items} WHERE admitted = ? ORDER BY seq`, decisionOf, verdict === 'admit' ? 1 : 0),
    decisionsFrom: (seq, most) => [...rows(`${items} WHERE seq >= ? ORDER BY seq LIMIT ?`, decisionOf, seq, most)],
    decision: (id) => decision(toText(id)),
    earlierLabels: (seq) =>
      versionOf(db) < 3 ? [] : [...rows('SELECT after, label FROM corrections WHERE seq = ? ORDER BY number', (row) => ({ after: number(row['after']), label: row['label'] === null ? null : json<Label>(row['label']) }), seq)],
    goneOf: (id) => guard(() => goneOf(db, id)),
    gone: () => guard(() => goneCounts(db)),
    dead: () => rows('SELECT seq, id, code, cause FROM dead ORDER BY seq', deadOf),
    deadOf: (id) => [...rows('SELECT seq, id, code, cause FROM dead WHERE id = ? ORDER BY seq', deadOf, toText(id))],
    faults: () => guarded(() => allFaults(db)),
    faultsOf: (seq) => guard(() => faultsOfItem(db, seq)),
    annotations: () => guard(() => annotationCounts(db)),
    alerts: () => rows(`${selectAlert(versionOf(db))} ORDER BY seq, number`, alertOf),
    targets: () => [...rows("SELECT value FROM state WHERE kind = 'target' ORDER BY key", (row) => unpackStanding(bytes(row['value'])))],
    campaigns: () => [...rows("SELECT value FROM state WHERE kind = 'campaign' ORDER BY key", (row) => unpackCampaign(bytes(row['value'])))],
    versions: () => guard(() => versionsOf(db)),
    asOf: (name) => heldBy(db, reader, name),
    state: (kind) => [...rows('SELECT kind, key, value FROM state WHERE kind = ? ORDER BY key', (row) => ({ kind: text(row['kind']), key: number(row['key']), value: bytes(row['value']) }), kind)],
    embedding: (seq) => required(vector(seq), seq),
    pictured: (seq) => placeOf(seq) !== null,
    thumbnails: (seqs) => thumbnails(seqs, placeOf, strip),
    origin,
    refresh: () => guard(() => {
      db.exec('COMMIT; BEGIN');
      db.prepare('SELECT one FROM figures').get();
    }),
    close: () => {
      if (db.isOpen) db.close();
    },
  };
  return reader;
}
