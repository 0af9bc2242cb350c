/** Taking items out of a folder's database for good: every row that tells of one, and every place in other rows that names it. */
import type { DatabaseSync } from 'node:sqlite';
import { blankStrip } from '../media/thumbnail.ts';
import { goneOf, hashOfId } from './gone.ts';
import { isKept } from './media.ts';
import { decisionOf, selectItem } from './rows.ts';
import { VERSION } from './schema.ts';
import type { StoredDecision } from './types.ts';
import { bytes, fromVector, json, number, type Row, text, toText } from './values.ts';

/** A strip of thumbnails without those that go; null where all of it goes. */
export interface Recut {
  readonly strip: number;
  readonly jpeg: Uint8Array | null;
}

/** In place of a verdict. */
const NAMED = 'named';

/** Rows that lie beside an item under its seq. Items go first: what watches over their rows is told once. */
const BESIDE = ['items', 'vectors', 'thumbnails', 'origins', 'objects', 'corrections', 'faults'];

export class Leaver {
  readonly #db: DatabaseSync;

  /** @param db its writer's connection */
  constructor(db: DatabaseSync) {
    this.#db = db;
    db.exec('PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON; CREATE TEMP TABLE IF NOT EXISTS leaving(seq INTEGER PRIMARY KEY, id ANY NOT NULL, verdict TEXT NOT NULL, time REAL) STRICT');
  }

  /** Seqs of a stream's items with times before one, in order. */
  before(stream: string, time: number): readonly number[] {
    return this.#db.prepare('SELECT seq FROM items WHERE stream = ? AND time < ? ORDER BY seq').all(toText(stream), time).map((row) => number(row['seq']));
  }

  seqOf(id: string): number | null {
    const row = this.#db.prepare('SELECT seq FROM items WHERE id = ?').get(toText(id));
    return row === undefined ? null : number(row['seq']);
  }

  /** Whether rows were let go for their age: then an id without one may still be named somewhere. */
  get somePruned(): boolean {
    return number(this.#db.prepare('SELECT admit + reject + dead AS count FROM pruned_counts').get()?.['count']) > 0;
  }

  /** Whether an item with this id was forgotten before. */
  isGone(id: string): boolean {
    return goneOf(this.#db, id).length > 0;
  }

  item(seq: number): StoredDecision {
    return decisionOf(this.#db.prepare(`${selectItem(VERSION)} WHERE seq = ?`).get(seq) ?? {});
  }

  /** Dead letters with this id. */
  deadOf(id: string): readonly number[] {
    return this.#db.prepare('SELECT seq FROM dead WHERE id = ? ORDER BY seq').all(toText(id)).map((row) => number(row['seq']));
  }

  /** Chooses what all that follows is about: items, dead letters, and ids that may stand elsewhere though their rows were pruned. */
  choose(items: readonly StoredDecision[], dead: readonly { readonly seq: number; readonly id: string }[], pruned: readonly string[]): void {
    this.#db.exec('DELETE FROM leaving');
    const insert = this.#db.prepare('INSERT INTO leaving(seq, id, verdict, time) VALUES(?, ?, ?, ?)');
    for (const { seq, id, verdict, time } of items) insert.run(seq, toText(id), verdict, time);
    for (const { seq, id } of dead) insert.run(seq, toText(id), 'dead', null);
    for (const [i, id] of pruned.entries()) insert.run(-1 - i, toText(id), NAMED, null);
  }

  /** Embeddings of the latest items of a cluster that stay. */
  others(cluster: number, most: number): readonly Float32Array[] {
    const rows = this.#db.prepare('SELECT vector FROM vectors WHERE seq IN (SELECT seq FROM items WHERE cluster = ? AND seq NOT IN (SELECT seq FROM leaving) ORDER BY seq DESC LIMIT ?) ORDER BY seq').all(cluster, most);
    return rows.map((row) => fromVector(bytes(row['vector'])));
  }

  /** Of these pictures those that an item shows which stays. */
  shared(digests: readonly string[]): ReadonlySet<string> {
    const same = this.#db.prepare('SELECT uri FROM items WHERE digest = ? AND admitted = 1 AND seq NOT IN (SELECT seq FROM leaving)');
    return new Set(digests.filter((digest) => same.all(digest).some((row) => isKept(text(row['uri']), digest))));
  }

  /** The strips in which thumbnails of what goes lie among others. */
  async recut(): Promise<readonly Recut[]> {
    const places = new Map<number, number[]>();
    for (const row of this.#db.prepare('SELECT strip, place FROM thumbnails WHERE seq IN (SELECT seq FROM leaving)').all()) {
      const strip = number(row['strip']);
      places.set(strip, [...(places.get(strip) ?? []), number(row['place'])]);
    }
    const cut: Recut[] = [];
    for (const [strip, going] of places) cut.push({ strip, jpeg: await this.#without(strip, going) });
    return cut;
  }

  async #without(strip: number, going: readonly number[]): Promise<Uint8Array | null> {
    const all = number(this.#db.prepare('SELECT count(*) AS count FROM thumbnails WHERE strip = ?').get(strip)?.['count']);
    if (all === going.length) return null;
    return await blankStrip(bytes(this.#db.prepare('SELECT jpeg FROM strips WHERE strip = ?').get(strip)?.['jpeg']), going);
  }

  /** Inside a transaction of the caller. @param after seq of the last item by then */
  write(recut: readonly Recut[], after: number): void {
    const insert = this.#db.prepare('INSERT INTO gone(seq, id, verdict, time, after) VALUES(?, ?, ?, ?, ?)');
    for (const row of this.#db.prepare('SELECT seq, id, verdict, time FROM leaving WHERE seq >= 0 ORDER BY seq').all()) insert.run(number(row['seq']), hashOfId(text(row['id'])), text(row['verdict']), row['time'] ?? null, after);
    for (const table of BESIDE) this.#db.exec(`DELETE FROM ${table} WHERE seq IN (SELECT seq FROM leaving WHERE verdict <> 'dead')`);
    this.#db.exec("DELETE FROM dead WHERE seq IN (SELECT seq FROM leaving WHERE verdict = 'dead')");
    this.#db.exec('UPDATE items SET nearest = NULL WHERE nearest IN (SELECT id FROM leaving)');
    this.#unname();
    const [blank, remove] = [this.#db.prepare('UPDATE strips SET jpeg = ? WHERE strip = ?'), this.#db.prepare('DELETE FROM strips WHERE strip = ?')];
    for (const { strip, jpeg } of recut) {
      if (jpeg === null) remove.run(strip);
      else blank.run(jpeg, strip);
    }
    this.#db.exec('DELETE FROM leaving');
  }

  /** Alerts show these items no more. */
  #unname(): void {
    const known = this.#db.prepare('SELECT 1 FROM leaving WHERE id = ?');
    const update = this.#db.prepare('UPDATE alerts SET exemplars = ? WHERE number = ?');
    for (const row of this.#db.prepare('SELECT number, exemplars FROM alerts').all() as Row[]) {
      const exemplars = json<readonly string[]>(row['exemplars']);
      const kept = exemplars.filter((id) => known.get(toText(id)) === undefined);
      if (kept.length < exemplars.length) update.run(JSON.stringify(kept), number(row['number']));
    }
  }
}
