/** What is kept of a data set that a run is told to know (`--known`): the embedding of each picture, so that it is embedded once, and its classes. One SQLite file beside the run's own. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SluiceError } from '../../schemas/errors.ts';
import { transaction } from './database.ts';
import { eachRow } from './each-row.ts';
import { storeFailure } from './failure.ts';
import { KNOWN } from './schema.ts';
import { bytes, fromVector, json, text, toText, toVector } from './values.ts';

/** `Slkn`. */
const APPLICATION_ID = 0x536c6b6e;

export interface KnownItem {
  readonly id: string;
  /** What a file is known by without reading it, and how it was embedded: where either differs it is embedded anew. */
  readonly stamp: string;
  /** SHA-256 of the file, hex. */
  readonly digest: string;
  readonly classes: readonly string[];
  /** Unit length. */
  readonly embedding: Float32Array;
}

export interface KnownStore {
  /** Of the picture with this id and stamp, whether it was embedded before. */
  readonly has: (id: string, stamp: string) => boolean;
  /** All or nothing of it. @param again items that were embedded before, with the classes they have now */
  put(items: readonly KnownItem[], again: readonly Pick<KnownItem, 'id' | 'classes'>[]): void;
  /** Forgets what was neither put nor named since it was opened: the data set does not hold it any more. */
  sweep(): void;
  /** By id. */
  items(): Iterable<Omit<KnownItem, 'stamp'>>;
  close(): void;
}

/**
 * To be opened by the one who holds the folder.
 * @throws SluiceError SLUICE_E_STORE_CORRUPT, SLUICE_E_NOT_WRITABLE, SLUICE_E_DISK_FULL
 */
export function openKnown(dir: string): KnownStore {
  const file = join(dir, KNOWN);
  return opened(file, () => {
    const db = new DatabaseSync(file);
    db.exec('PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    const application = Number(db.prepare('PRAGMA application_id').get()?.['application_id']);
    if (application !== 0 && application !== APPLICATION_ID) throw new SluiceError('SLUICE_E_STORE_CORRUPT', `${file} is a database of another program.`);
    db.exec(`CREATE TABLE IF NOT EXISTS known(id ANY NOT NULL UNIQUE, stamp TEXT NOT NULL, digest TEXT NOT NULL, classes TEXT NOT NULL, vector BLOB NOT NULL) STRICT;
      CREATE TEMP TABLE named(id ANY NOT NULL UNIQUE) STRICT; PRAGMA application_id = ${APPLICATION_ID}`);
    return db;
  });
}

/** The one of a folder, as it was left. @throws SluiceError SLUICE_E_NOT_FOUND where there is none */
export function readKnown(dir: string): Pick<KnownStore, 'items' | 'close'> {
  const file = join(dir, KNOWN);
  if (!existsSync(file)) throw new SluiceError('SLUICE_E_NOT_FOUND', `${dir} holds nothing of a known data set: there is no ${KNOWN} in it.`);
  return opened(file, () => new DatabaseSync(file, { readOnly: true }));
}

function opened(file: string, open: () => DatabaseSync): KnownStore {
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      throw storeFailure(thrown, file);
    }
  };
  const db = guard(open);
  const has = guard(() => db.prepare('SELECT 1 FROM known WHERE id = ? AND stamp = ?'));
  return {
    has: (id, stamp) => guard(() => has.get(toText(id), stamp) !== undefined),
    put: (items, again) => guard(() => transaction(db, () => {
      const put = db.prepare('INSERT OR REPLACE INTO known(id, stamp, digest, classes, vector) VALUES(?, ?, ?, ?, ?)');
      const update = db.prepare('UPDATE known SET classes = ? WHERE id = ?');
      const name = db.prepare('INSERT OR IGNORE INTO named(id) VALUES(?)');
      for (const { id, stamp, digest, classes, embedding } of items) put.run(toText(id), stamp, digest, JSON.stringify(classes), toVector(embedding));
      for (const { id, classes } of again) update.run(JSON.stringify(classes), toText(id));
      for (const { id } of [...items, ...again]) name.run(toText(id));
    })),
    sweep: () => guard(() => db.exec('DELETE FROM known WHERE id NOT IN (SELECT id FROM named)')),
    *items() {
      try {
        for (const row of eachRow(db, 'SELECT id, digest, classes, vector FROM known ORDER BY id')) {
          yield { id: text(row['id']), digest: text(row['digest']), classes: json<string[]>(row['classes']), embedding: fromVector(bytes(row['vector'])) };
        }
      } catch (thrown) {
        throw storeFailure(thrown, file);
      }
    },
    close: () => db.close(),
  };
}
