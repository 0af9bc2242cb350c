/** What is prepared for a change of the model: the embeddings of a folder's pictures by the new one, in a SQLite file beside its own, while runs go on with the old one. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { transaction } from './database.ts';
import { storeFailure } from './failure.ts';
import { REEMBEDDED } from './schema.ts';
import { bytes, fromVector, json, textOrNull, toVector } from './values.ts';

/** An object of its label whose crop was embedded: its place among the boxes, in pixels. */
interface Crop {
  readonly index: number;
  readonly class: string;
  readonly bbox: readonly [x: number, y: number, width: number, height: number];
  readonly embedding: Float32Array;
}

/** A picture as the new model sees it; all embeddings of unit length. */
export interface Reembedded {
  readonly seq: number;
  readonly embedding: Float32Array;
  readonly objects: readonly Crop[];
  /** Of what lies beside its objects. */
  readonly background: Float32Array | null;
}

export interface ReembeddedStore {
  /** Whether a picture was embedded, or sought in vain. */
  has(seq: number): boolean;
  /** Null where it was not. */
  of(seq: number): Reembedded | null;
  /** All or nothing of it. @param gone seqs of pictures that are not to be had */
  put(items: readonly Reembedded[], gone: readonly number[]): void;
  close(): void;
  /** Closes it and takes its files away. */
  remove(): void;
}

const GONE = new Uint8Array();

/** As it is kept: the embeddings of picture, objects and background one after the other. */
interface Around {
  readonly objects: readonly Omit<Crop, 'embedding'>[];
  readonly background: boolean;
}

/**
 * For one process at a time.
 * @param how model and settings that the embeddings are of: what is there of others is of no use and goes. @param dimension of them
 * @throws SluiceError SLUICE_E_BUSY where another process prepares, SLUICE_E_STORE_CORRUPT, SLUICE_E_NOT_WRITABLE, SLUICE_E_DISK_FULL
 */
export function openReembedded(dir: string, how: string, dimension: number): ReembeddedStore {
  const file = join(dir, REEMBEDDED);
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      throw storeFailure(thrown, file);
    }
  };
  const db = guard(() => prepared(file, how));
  const close = (): void => {
    if (db.isOpen) db.close();
  };
  const statements = guard(() => ({
    has: db.prepare('SELECT 1 FROM pictures WHERE seq = ?'),
    of: db.prepare('SELECT vectors, around FROM pictures WHERE seq = ?'),
    put: db.prepare('INSERT OR REPLACE INTO pictures(seq, vectors, around) VALUES(?, ?, ?)'),
  }));
  return {
    has: (seq) => guard(() => statements.has.get(seq) !== undefined),
    of: (seq) => guard(() => {
      const row = statements.of.get(seq);
      if (row === undefined) return null;
      const rows = fromVector(bytes(row['vectors']));
      if (rows.length === 0) return null;
      const at = (i: number): Float32Array => rows.subarray(i * dimension, (i + 1) * dimension);
      const around = textOrNull(row['around'] ?? null);
      const { objects, background }: Around = around === null ? { objects: [], background: false } : json<Around>(around);
      return { seq, embedding: at(0), objects: objects.map((object, i) => ({ ...object, embedding: at(1 + i) })), background: background ? at(1 + objects.length) : null };
    }),
    put: (items, gone) => guard(() => transaction(db, () => {
      for (const { seq, embedding, objects, background } of items) {
        const rows = [embedding, ...objects.map((object) => object.embedding), ...(background === null ? [] : [background])];
        const vectors = new Float32Array(rows.length * dimension);
        rows.forEach((row, i) => vectors.set(row, i * dimension));
        const around: Around = { objects: objects.map(({ index, class: name, bbox }) => ({ index, class: name, bbox })), background: background !== null };
        statements.put.run(seq, toVector(vectors), rows.length === 1 ? null : JSON.stringify(around));
      }
      for (const seq of gone) statements.put.run(seq, GONE, null);
    })),
    close,
    remove: () => {
      close();
      removeReembedded(dir);
    },
  };
}

/** What was prepared is gone, whoever is at it. */
export function removeReembedded(dir: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(join(dir, `${REEMBEDDED}${end}`), { force: true });
}

function prepared(file: string, how: string): DatabaseSync {
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    // A first write at once: whoever has the file open keeps others out.
    transaction(db, () => {
      db.exec('CREATE TABLE IF NOT EXISTS made(one INTEGER PRIMARY KEY CHECK(one = 1), how TEXT NOT NULL) STRICT; CREATE TABLE IF NOT EXISTS pictures(seq INTEGER PRIMARY KEY, vectors BLOB NOT NULL, around TEXT) STRICT');
      if (db.prepare('SELECT how FROM made').get()?.['how'] !== how) db.exec('DELETE FROM pictures');
      db.prepare('INSERT OR REPLACE INTO made(one, how) VALUES(1, ?)').run(how);
    });
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}
