/** The store of the embedded host: one SQLite file in the output folder, one transaction a batch. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Change } from '../../schemas/decision.ts';
import type { Batch, OnRecord, Store } from '../../operators/ports.ts';
import type { AnnotationFaults } from '../../schemas/annotations.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { checkBatch } from './check.ts';
import { makeFolder, openForWriting, transaction } from './database.ts';
import { eachRow } from './each-row.ts';
import { storeFailure } from './failure.ts';
import { outboxOf } from './outbox.ts';
import { Leaver, type Recut } from './forget.ts';
import { Pruner } from './prune.ts';
import { DATABASE } from './schema.ts';
import { lock, type Lock } from './lock.ts';
import { onRecord } from './on-record.ts';
import { runOf, totalsOf } from './rows.ts';
import { bytes, fromVector, number, numberOrNull, text, toText, toVector } from './values.ts';
import type { AnnotationCounts, RunConfig, RunEntry, Totals } from './types.ts';
import { annotationCounts } from './annotations.ts';
import type { Outbox } from '../alerts/types.ts';
import { batchWriter, type BatchWriter, changeWriter } from './write.ts';

/**
 * Opens the output folder for its one writer; makes it where it is not there.
 * @throws SluiceError SLUICE_E_BUSY where another writer has it, SLUICE_E_STORE_CORRUPT, SLUICE_E_NOT_WRITABLE, SLUICE_E_DISK_FULL
 */
export function openStore(dir: string): SqliteStore {
  makeFolder(dir);
  const held = lock(dir);
  try {
    return new SqliteStore(dir, held, openForWriting(dir));
  } catch (thrown) {
    held.release();
    throw storeFailure(thrown, dir);
  }
}

/** Items in which the last one of a stream is looked for. */
const LOOKED_AT = 100_000;

export class SqliteStore implements Store {
  readonly dir: string;
  readonly #lock: Lock;
  readonly #db: DatabaseSync;
  readonly #write: BatchWriter;
  readonly #vector: StatementSync;
  readonly #file: number;
  #totals: Totals;

  constructor(dir: string, held: Lock, db: DatabaseSync) {
    this.dir = dir;
    this.#lock = held;
    this.#db = db;
    this.#write = batchWriter(db);
    this.#vector = db.prepare('SELECT vector FROM vectors WHERE seq = ?');
    this.#file = statSync(join(dir, DATABASE)).ino;
    this.#totals = totalsOf(db.prepare('SELECT * FROM figures').get());
  }

  get nextSeq(): number {
    return this.#totals.decided + this.#totals.dead;
  }

  totals(): Totals {
    return this.#totals;
  }

  /**
   * Writes all of the batch or nothing; after a failure the same batch may be committed again.
   * @throws SluiceError SLUICE_E_DISK_FULL, SLUICE_E_NOT_WRITABLE; SLUICE_E_INTERNAL where seqs leave a gap, a number is not finite,
   * an id has a verdict already or an amended item has none
   */
  commit(batch: Batch): void {
    checkBatch(batch, this.nextSeq);
    this.#checkThere();
    const after = totalsAfter(this.#totals, batch);
    this.#guard(() => transaction(this.#db, () => this.#write(batch, after)));
    this.#totals = after;
  }

  /**
   * From now on all is of another model. All of it or nothing.
   * @param state all records, of two with one kind and key the later; null takes one out. @param vectors of each item that has one
   */
  swapModel({ config, state, vectors }: { readonly config: RunConfig; readonly state: Iterable<Change>; readonly vectors: Iterable<readonly [seq: number, vector: Float32Array]> }): void {
    this.#checkThere();
    this.#guard(() => transaction(this.#db, () => {
      this.#db.exec('DELETE FROM state');
      const put = changeWriter(this.#db);
      for (const change of state) put(change);
      const move = this.#db.prepare('UPDATE vectors SET vector = ? WHERE seq = ?');
      for (const [seq, vector] of vectors) move.run(toVector(vector), seq);
      this.#db.prepare('INSERT OR REPLACE INTO runs(seq, config) VALUES(?, ?)').run(this.nextSeq, JSON.stringify(config));
    }));
  }

  /** What there is to know and to write where items are taken out. */
  leaver(): Leaver {
    return this.#guard(() => new Leaver(this.#db));
  }

  /** What lets the oldest go. */
  pruner(): Pruner {
    return new Pruner(this.#db);
  }

  /** Takes out what `leaver` has chosen, with what that changes. All of it or nothing. @throws SluiceError as `commit` does */
  forget(batch: Batch, leaver: Leaver, recut: readonly Recut[]): void {
    checkBatch(batch, this.nextSeq);
    this.#checkThere();
    const after = totalsAfter(this.#totals, batch);
    this.#guard(() => transaction(this.#db, () => {
      this.#write(batch, after);
      leaver.write(recut, this.nextSeq - 1);
    }));
    this.#totals = after;
  }

  /**
   * Builds the file anew from what it holds, so that nothing of what was taken out is left in gaps of it or beside it. Needs twice its space meanwhile.
   * @throws SluiceError SLUICE_E_BUSY where somebody reads the folder, SLUICE_E_DISK_FULL
   */
  scrub(): void {
    const [done] = this.#guard(() => {
      this.#db.exec('VACUUM');
      return this.#db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
    });
    if (done?.['busy'] !== 0) throw new SluiceError('SLUICE_E_BUSY', `What was taken out of ${this.dir} is gone for every reader, but one that is still at work keeps traces of it in ${DATABASE}-wal: run the same command again when it has ended.`);
  }

  /** A database that was removed can be written to its end, and all of it is lost. */
  #checkThere(): void {
    const found = statSync(join(this.dir, DATABASE), { throwIfNoEntry: false });
    if (found?.ino !== this.#file) throw new SluiceError('SLUICE_E_NOT_WRITABLE', `${join(this.dir, DATABASE)} was removed or replaced while the run was at work.`);
  }

  /** The configurations that were in force, in order of seq. */
  runs(): readonly RunEntry[] {
    return this.#guard(() => this.#db.prepare('SELECT seq, config FROM runs ORDER BY seq').all().map(runOf));
  }

  /** Looks ids up as they are on record now. To be asked for after `recordRun`. */
  onRecord(source: string): (id: string) => OnRecord {
    const runs = this.runs();
    const look = onRecord(this.#db, runs, source);
    return (id) => this.#guard(() => look(id));
  }

  /** Read it to its end before the next commit. @param kind of records, all where it is left out */
  *state(kind?: string): Iterable<Change> {
    try {
      for (const row of eachRow(this.#db, `SELECT kind, key, value FROM state ${kind === undefined ? '' : 'WHERE kind = ? '}ORDER BY kind, key`, ...(kind === undefined ? [] : [kind]))) {
        yield { kind: text(row['kind']), key: number(row['key']), value: bytes(row['value']) };
      }
    } catch (thrown) {
      throw storeFailure(thrown, this.dir);
    }
  }

  /** Rejected items that have a thumbnail. */
  *picturedRejects(): Iterable<{ readonly seq: number; readonly id: string }> {
    try {
      for (const row of eachRow(this.#db, 'SELECT items.seq, items.id FROM thumbnails JOIN items ON items.seq = thumbnails.seq WHERE admitted = 0')) yield { seq: number(row['seq']), id: text(row['id']) };
    } catch (thrown) {
      throw storeFailure(thrown, this.dir);
    }
  }

  /** Numbers of an embedding; null where there is none. */
  dimension(): number | null {
    const row = this.#guard(() => this.#db.prepare('SELECT vector FROM vectors LIMIT 1').get());
    return row === undefined ? null : fromVector(bytes(row['vector'])).length;
  }

  /** @throws SluiceError SLUICE_E_STORE_CORRUPT where there is none: the state names only items that have one */
  embedding(seq: number): Float32Array {
    const row = this.#guard(() => this.#vector.get(seq));
    if (row === undefined) throw new SluiceError('SLUICE_E_STORE_CORRUPT', `${this.dir} holds no embedding of item ${seq}.`);
    return fromVector(bytes(row['vector']));
  }

  /** The entry with the greatest seq: the configuration in force; null for a new folder. */
  lastRun(): RunEntry | null {
    const row = this.#guard(() => this.#db.prepare('SELECT seq, config FROM runs ORDER BY seq DESC LIMIT 1').get());
    return row === undefined ? null : runOf(row);
  }

  /** Logs the configuration in force from item `seq` on; what is in force already is not logged twice, and of two for one seq the later holds. */
  recordRun(seq: number, config: RunConfig): void {
    const last = this.lastRun();
    if (last !== null && seq < last.seq) throw new SluiceError('SLUICE_E_INTERNAL', `A run from item ${seq} cannot follow one from item ${last.seq}.`);
    const value = JSON.stringify(config);
    if (last !== null && JSON.stringify(last.config) === value) return;
    this.#guard(() => this.#db.prepare('INSERT OR REPLACE INTO runs(seq, config) VALUES(?, ?)').run(seq, value));
  }

  /** Keeps the format-wide data of a source; the latest of one source holds. */
  recordHeader(source: string, header: string): void {
    this.#guard(() => this.#db.prepare('INSERT INTO headers(source, header) VALUES(?, ?) ON CONFLICT(source) DO UPDATE SET header = excluded.header').run(toText(source), toText(header)));
  }

  /** Keeps the bad annotations of a source that belong to no item of it; the latest of one source hold. */
  recordFaults(source: string, faults: readonly AnnotationFaults[]): void {
    const gone = (): unknown => this.#db.prepare('DELETE FROM faults WHERE source = ?').run(toText(source));
    if (faults.length === 0) return void this.#guard(gone);
    const insert = this.#db.prepare('INSERT INTO faults(source, code, count, causes) VALUES(?, ?, ?, ?)');
    this.#guard(() => transaction(this.#db, () => {
      gone();
      for (const { code, count, causes } of faults) insert.run(toText(source), code, count, JSON.stringify(causes));
    }));
  }

  /** What is known of the annotations of the whole folder. */
  annotations(): AnnotationCounts {
    return this.#guard(() => annotationCounts(this.#db));
  }

  /** Of a stream, among the last 100,000 items; milliseconds since 1970. Null where it has none. */
  lastTime(stream: string): number | null {
    const row = this.#guard(() => this.#db.prepare('SELECT time FROM items WHERE seq >= ? AND stream = ? AND time IS NOT NULL ORDER BY seq DESC LIMIT 1').get(this.nextSeq - LOOKED_AT, toText(stream)));
    return numberOrNull(row?.['time'] ?? null);
  }

  /** Its alerts as the outbox of what tells of them. */
  get outbox(): Outbox {
    return outboxOf(this.#db);
  }

  /**
   * Brings everything into the one file, as far as readers allow, and lets go of the folder whatever happens.
   * @throws SluiceError SLUICE_E_DISK_FULL where that needs space that is not there; nothing committed is lost by it
   */
  close(): void {
    if (!this.#db.isOpen) return;
    try {
      // Readers that are still at work must not hold up the end of the run.
      this.#guard(() => this.#db.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)'));
    } finally {
      try {
        this.#db.close();
      } finally {
        this.#lock.release();
      }
    }
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      throw storeFailure(thrown, this.dir);
    }
  }
}

function totalsAfter(before: Totals, batch: Batch): Totals {
  return {
    decided: before.decided + batch.decisions.length,
    admitted: before.admitted + batch.decisions.filter((d) => d.verdict === 'admit').length + (batch.turned ?? []).reduce((sum, { verdict }) => sum + (verdict === 'admit' ? 1 : -1), 0),
    dead: before.dead + batch.dead.length,
    unspent: batch.unspent,
    transactions: before.transactions + 1,
  };
}
