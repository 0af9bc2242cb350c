/** What a folder lets go of with age: rows, thumbnails, and which pictures went with them. What numbers, counts and the same source again need stays. */
import type { DatabaseSync } from 'node:sqlite';
import { transaction } from './database.ts';
import { shortHashOfId } from './gone.ts';
import { number, numberOrNull, text, toText } from './values.ts';
import { unpictureWriter } from './write.ts';

export interface Aged {
  readonly seq: number;
  readonly id: string;
  readonly uri: string;
  readonly time: number | null;
  readonly verdict: 'admit' | 'reject';
  readonly digest: string;
  /** Whether there is a thumbnail of it. */
  readonly pictured: boolean;
}

/** How an item goes: its picture and thumbnail alone, since the engine still needs it as such; its row as well; and whether its source may hand it out again. */
export interface Parting extends Aged {
  readonly keepRow: boolean;
  readonly mayReturn: boolean;
}

const BESIDE = ['items', 'vectors', 'origins', 'objects', 'corrections', 'faults'];

export class Pruner {
  readonly #db: DatabaseSync;

  /** @param db its writer's connection */
  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Items behind a seq, oldest first. @param before seq from which none is told */
  next(behind: number, before: number, limit: number): readonly Aged[] {
    return this.#db.prepare('SELECT seq, id, uri, time, admitted, digest, EXISTS (SELECT 1 FROM thumbnails WHERE thumbnails.seq = items.seq) AS pictured FROM items WHERE seq > ? AND seq < ? ORDER BY seq LIMIT ?').all(behind, before, limit).map((row) => ({
      seq: number(row['seq']),
      id: text(row['id']),
      uri: text(row['uri']),
      time: numberOrNull(row['time'] ?? null),
      verdict: row['admitted'] === 1 ? 'admit' : 'reject',
      digest: text(row['digest']),
      pictured: row['pictured'] === 1,
    }));
  }

  /** Whether an admitted item of another seq shows the same picture at the same place. */
  shared({ seq, uri, digest }: Aged): boolean {
    return this.#db.prepare('SELECT 1 FROM items WHERE digest = ? AND admitted = 1 AND seq <> ? AND uri = ?').get(digest, seq, toText(uri)) !== undefined;
  }

  /** Bytes that the rows take. */
  get bytes(): number {
    const of = (name: string): number => number(this.#db.prepare(`PRAGMA ${name}`).get()?.[name]);
    return (of('page_count') - of('freelist_count')) * of('page_size');
  }

  /** All of it or nothing. @param upTo seq up to which dead letters go; they have no time */
  part(items: readonly Parting[], upTo: number): void {
    const unpicture = unpictureWriter(this.#db);
    const removals = BESIDE.map((table) => this.#db.prepare(`DELETE FROM ${table} WHERE seq = ?`));
    const remember = this.#db.prepare('INSERT OR IGNORE INTO pruned(id, seq, decided) VALUES(?, ?, ?)');
    const count = this.#db.prepare('UPDATE pruned_counts SET admit = admit + ?, reject = reject + ?, dead = dead + ?');
    transaction(this.#db, () => {
      const gone = { admit: 0, reject: 0 };
      for (const { seq, id, verdict, keepRow, mayReturn } of items) {
        unpicture(seq);
        if (keepRow) continue;
        for (const removal of removals) removal.run(seq);
        if (mayReturn) remember.run(shortHashOfId(id), seq, 1);
        gone[verdict] += 1;
      }
      const dead = this.#db.prepare('SELECT seq, id FROM dead WHERE seq <= ?').all(upTo);
      for (const row of dead) remember.run(shortHashOfId(text(row['id'])), number(row['seq']), 0);
      this.#db.prepare('DELETE FROM dead WHERE seq <= ?').run(upTo);
      count.run(gone.admit, gone.reject, dead.length);
    });
  }

  /** Gives free pages back to the disk, so many at most; of a file made by an earlier version they are used again instead. */
  shrink(pages: number): void {
    this.#db.exec(`PRAGMA incremental_vacuum(${pages})`);
  }
}
