/**
 * Versions: a name for what a folder had admitted at one time. The items are not copied. What changes of an item later (its label is corrected, its suspicion looked at again, its
 * verdict turned round) is kept as it was for the newest version that has it, the first time it changes: triggers do it, so that no code that writes can forget to. A version reads of
 * each item the oldest row kept for it or a later version, and where there is none, the item.
 */

/** What of an item may change. */
export const CHANGING: readonly string[] = ['admitted', 'review', 'reasons', 'label', 'suspicion', 'suspicion_now', 'split'];

/** What lies beside the items: the table, its column, and where it is kept. */
export const BESIDE = [
  { table: 'origins', column: 'origin', kept: 'past_origins' },
  { table: 'objects', column: 'findings', kept: 'past_objects' },
] as const;

const OF_SOME_VERSION = (row: 'OLD' | 'NEW'): string => `${row}.seq <= (SELECT max(after) FROM versions)`;
const NEWEST = '(SELECT max(number) FROM versions)';

/** An outer INSERT OR REPLACE would make a trigger's own OR IGNORE one as well, hence NOT EXISTS. */
const NOT_KEPT = (table: string, row: 'OLD' | 'NEW'): string => `NOT EXISTS (SELECT 1 FROM ${table} WHERE seq = ${row}.seq AND version = ${NEWEST})`;

/** Forgetting an item takes what was kept of it along. */
const beside = ({ table, column, kept }: (typeof BESIDE)[number]): string => `
CREATE TABLE IF NOT EXISTS ${kept}(seq INTEGER NOT NULL, version INTEGER NOT NULL, ${column} ANY, UNIQUE(seq, version)) STRICT;
${(['UPDATE', 'DELETE'] as const).map((event) => `CREATE TRIGGER IF NOT EXISTS keep_${table}_${event.toLowerCase()} BEFORE ${event} ON ${table}
WHEN ${OF_SOME_VERSION('OLD')} AND ${NOT_KEPT(kept, 'OLD')} AND EXISTS (SELECT 1 FROM items WHERE seq = OLD.seq)
BEGIN INSERT INTO ${kept} VALUES(OLD.seq, ${NEWEST}, OLD.${column}); END;`).join('\n')}
CREATE TRIGGER IF NOT EXISTS keep_${table}_insert AFTER INSERT ON ${table}
WHEN ${OF_SOME_VERSION('NEW')} AND ${NOT_KEPT(kept, 'NEW')}
BEGIN INSERT INTO ${kept} VALUES(NEW.seq, ${NEWEST}, NULL); END;`;

export const VERSIONS = `
CREATE TABLE IF NOT EXISTS versions(
  number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, after INTEGER NOT NULL, made INTEGER NOT NULL, decided INTEGER NOT NULL, admitted INTEGER NOT NULL, labelled INTEGER NOT NULL,
  digest TEXT NOT NULL, headers ANY NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS past_items(
  seq INTEGER NOT NULL, version INTEGER NOT NULL, admitted INTEGER NOT NULL, review INTEGER NOT NULL, reasons TEXT NOT NULL, label TEXT, suspicion REAL, suspicion_now REAL, split TEXT,
  UNIQUE(seq, version)
) STRICT;
CREATE TRIGGER IF NOT EXISTS keep_items BEFORE UPDATE OF ${CHANGING.join(', ')} ON items
WHEN ${OF_SOME_VERSION('OLD')} AND (OLD.admitted = 1 OR NEW.admitted = 1) AND ${NOT_KEPT('past_items', 'OLD')}
BEGIN INSERT INTO past_items VALUES(OLD.seq, ${NEWEST}, ${CHANGING.map((column) => `OLD.${column}`).join(', ')}); END;
${BESIDE.map(beside).join('\n')}
CREATE TRIGGER IF NOT EXISTS forget_kept AFTER DELETE ON items
BEGIN ${['past_items', ...BESIDE.map(({ kept }) => kept)].map((table) => `DELETE FROM ${table} WHERE seq = OLD.seq;`).join(' ')} END;
`;
