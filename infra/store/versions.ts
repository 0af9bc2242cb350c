/** Making a version, and reading a folder as one has it. */
import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { SluiceError } from '../../schemas/errors.ts';
import { openForWriting, transaction, versionOf } from './database.ts';
import { eachRow } from './each-row.ts';
import { storeFailure } from './failure.ts';
import { BESIDE, CHANGING } from './past.ts';
import { COLUMNS, decisionOf, totalsOf } from './rows.ts';
import type { HeldReader, Reader, StoredDecision, Version } from './types.ts';
import { json, number, type Row, text, textOrNull, toText } from './values.ts';

/** Names stand in commands as `DIR:NAME`. */
const NAME = /^[\w.-]{1,64}$/;

/**
 * Gives what a folder has admitted by now a name. Also while a run works on it: the run's next commit waits for a moment.
 * @param now milliseconds since 1970
 * @returns the version, and whether it is new: the same name for the same ids and labels is the version that is there
 * @throws SluiceError SLUICE_E_USAGE where the name is none, or that of a version of something else; SLUICE_E_NOT_FOUND where nothing is decided yet
 */
export function makeVersion(dir: string, name: string, now: number): { readonly version: Version; readonly added: boolean } {
  if (!NAME.test(name)) throw new SluiceError('SLUICE_E_USAGE', `${JSON.stringify(name)} is no name for a version: up to 64 letters, digits, "_", "." and "-".`);
  const db = openForWriting(dir);
  try {
    let made: { readonly version: Version; readonly added: boolean } | null = null;
    transaction(db, () => {
      made = add(db, dir, name, now);
    });
    if (made === null) throw new SluiceError('SLUICE_E_INTERNAL', 'A version was neither made nor found.');
    return made;
  } catch (thrown) {
    throw storeFailure(thrown, dir);
  } finally {
    db.close();
  }
}

function add(db: DatabaseSync, dir: string, name: string, now: number): { readonly version: Version; readonly added: boolean } {
  const { decided, admitted, dead } = totalsOf(db.prepare('SELECT * FROM figures').get());
  if (decided === 0) throw new SluiceError('SLUICE_E_NOT_FOUND', `${dir} holds no verdicts yet.`);
  const known = versionsOf(db);
  const { digest, labelled } = digestOf(eachRow(db, 'SELECT id, label FROM items WHERE admitted = 1 ORDER BY id'));
  const same = known.find((version) => version.name === name);
  if (same !== undefined && same.digest !== digest) {
    throw new SluiceError('SLUICE_E_USAGE', `${dir} has a version ${name} of ${same.admitted} items, and what is admitted now differs from it; a version never changes: give another name.`);
  }
  if (same !== undefined) return { version: same, added: false };
  const version: Version = { name, number: known.length + 1, after: decided + dead - 1, made: now, decided, admitted, labelled, digest };
  const headers = db.prepare('SELECT source, header FROM headers ORDER BY number').all().map((row) => [text(row['source']), text(row['header'])]);
  db.prepare('INSERT INTO versions VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)').run(version.number, name, version.after, now, decided, admitted, labelled, digest, toText(JSON.stringify(headers)));
  return { version, added: true };
}

/** @param rows id and label, by id */
function digestOf(rows: Iterable<Row>): { readonly digest: string; readonly labelled: number; readonly count: number } {
  const hash = createHash('sha256');
  let [labelled, count] = [0, 0];
  for (const row of rows) {
    const label = textOrNull(row['label'] ?? null);
    hash.update(`${JSON.stringify([text(row['id']), label])}\n`);
    count += 1;
    if (label !== null) labelled += 1;
  }
  return { digest: hash.digest('hex'), labelled, count };
}

/** None where the tables are of a time before versions. */
export function versionsOf(db: DatabaseSync): readonly Version[] {
  if (versionOf(db) < 5) return [];
  return db.prepare('SELECT * FROM versions ORDER BY number').all().map((row) => ({
    name: text(row['name']),
    number: number(row['number']),
    after: number(row['after']),
    made: number(row['made']),
    decided: number(row['decided']),
    admitted: number(row['admitted']),
    labelled: number(row['labelled']),
    digest: text(row['digest']),
  }));
}

const KEPT = ['past_items', ...BESIDE.map((each) => each.kept)];

/** What a version holds, for its number once for each table of KEPT, and the seq of its last item. (A numbered parameter such as `?1` would do for both; Node 22.15 takes it for a name.) */
const HELD = (() => {
  const kept = (table: string): string => `LEFT JOIN ${table} ON ${table}.seq = items.seq AND ${table}.version = (SELECT min(version) FROM ${table} AS p WHERE p.seq = items.seq AND p.version >= ?)`;
  const columns = COLUMNS.split(', ').map((column) => (CHANGING.includes(column) ? `CASE WHEN past_items.seq IS NULL THEN items.${column} ELSE past_items.${column} END AS ${column}` : `items.${column}`));
  const besides = BESIDE.map((each) => `CASE WHEN ${each.kept}.seq IS NULL THEN (SELECT ${each.column} FROM ${each.table} WHERE ${each.table}.seq = items.seq) ELSE ${each.kept}.${each.column} END AS ${each.column}`);
  return `WITH held AS (SELECT ${[...columns, ...besides].join(', ')} FROM items ${KEPT.map(kept).join(' ')} WHERE items.seq <= ?)`;
})();

/** @param whole reads the folder as it is now */
export function heldBy(db: DatabaseSync, whole: Reader, name: string): HeldReader {
  const versions = versionsOf(db);
  const version = versions.find((each) => each.name === name);
  if (version === undefined) {
    throw new SluiceError('SLUICE_E_NOT_FOUND', `${whole.dir} has no version ${JSON.stringify(name)}${versions.length === 0 ? '' : `; there are ${versions.map((each) => each.name).join(', ')}`}.`);
  }
  const { number: n, after, digest, admitted, decided } = version;
  const at = [...KEPT.map(() => n), after];
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      throw storeFailure(thrown, whole.dir);
    }
  };
  const found = guard(() => digestOf(eachRow(db, `${HELD} SELECT id, label FROM held WHERE admitted = 1 ORDER BY id`, ...at)));
  if (found.count === admitted ? found.digest !== digest : found.count > admitted) throw new SluiceError('SLUICE_E_STORE_CORRUPT', `the version ${name} of ${whole.dir} does not hold any more what it was made of.`);
  const one = db.prepare(`${HELD} SELECT * FROM held WHERE admitted = 1 AND id = ?`);
  const originOf = db.prepare(`${HELD} SELECT origin FROM held WHERE seq = ?`);
  function* all(): Generator<StoredDecision> {
    try {
      for (const row of eachRow(db, `${HELD} SELECT * FROM held WHERE admitted = 1 ORDER BY seq`, ...at)) yield decisionOf(row);
    } catch (thrown) {
      throw storeFailure(thrown, whole.dir);
    }
  }
  return {
    ...whole,
    version,
    forgotten: admitted - found.count,
    runs: () => whole.runs().filter(({ seq }) => seq <= after),
    headers: () => guard(() => json<[string, string][]>(db.prepare('SELECT headers FROM versions WHERE number = ?').get(n)?.['headers']).map(([source, header]) => ({ source, header }))),
    totals: () => ({ ...whole.totals(), decided, admitted: found.count, dead: after + 1 - decided }),
    // What is gone of it does not count in its totals.
    gone: () => ({ admit: 0, reject: 0, dead: 0 }),
    decisions: (verdict) => (verdict === 'reject' ? [] : all()),
    decisionsFrom: (from, most) => [...all()].filter(({ seq }) => seq >= from).slice(0, most),
    decision: (id) => guard(() => {
      const row = one.get(...at, toText(id));
      return row === undefined ? null : decisionOf(row);
    }),
    origin: (seq) => guard(() => textOrNull(originOf.get(...at, seq)?.['origin'] ?? null)),
  };
}
