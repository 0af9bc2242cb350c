/** What a folder holds of bad annotations. */
import type { DatabaseSync } from 'node:sqlite';
import { eachRow } from './each-row.ts';
import { versionOf } from './database.ts';
import type { AnnotationCounts, StoredFaults } from './types.ts';
import { json, number, numberOrNull, type Row, text, textOrNull } from './values.ts';

const COLUMNS = 'SELECT faults.seq, items.id, code, count, causes FROM faults LEFT JOIN items ON items.seq = faults.seq';

/** Folders that nobody has written to since the first version have no such table. Those that belong to no item first, then in order of seq. */
export function allFaults(db: DatabaseSync): Iterable<StoredFaults> {
  return versionOf(db) >= 2 ? mapped(eachRow(db, `${COLUMNS} ORDER BY faults.seq, number`)) : [];
}

export function faultsOfItem(db: DatabaseSync, seq: number): readonly StoredFaults[] {
  return versionOf(db) >= 2 ? [...mapped(eachRow(db, `${COLUMNS} WHERE faults.seq = ? ORDER BY number`, seq))] : [];
}

function* mapped(rows: Iterable<Row>): Generator<StoredFaults> {
  for (const row of rows) yield faultsOf(row);
}

function faultsOf(row: Row): StoredFaults {
  return { id: textOrNull(row['id'] ?? null), seq: numberOrNull(row['seq'] ?? null), code: text(row['code']), count: number(row['count']), causes: json<readonly string[]>(row['causes']) };
}

export function annotationCounts(db: DatabaseSync): AnnotationCounts {
  const bad = versionOf(db) >= 2 ? db.prepare('SELECT code, sum(count) AS count FROM faults GROUP BY code ORDER BY code').all() : [];
  // An empty list: somebody looked and drew nothing. Where nothing but bad ones were drawn the label is NULL.
  const without = db.prepare("SELECT count(*) AS count FROM items WHERE label = '[]'").get();
  return { bad: Object.fromEntries(bad.map((row) => [text(row['code']), number(row['count'])])), imagesWithout: number(without?.['count']) };
}
