/** The tables of DIR/sluice.db, and how a file is known to be one. */
import { VERSIONS } from './past.ts';

export const DATABASE = 'sluice.db';
export const LOCK = '.lock';
/** See infra/alerts/tables.ts. */
export const ALERTS = 'alerts.db';

/** What is kept of a known data set. */
export const KNOWN = 'known.db';

/** What is prepared for a change of the model; see reembedded.ts. */
export const REEMBEDDED = 'reembedded.db';

/** What an export must never overwrite. */
export const STORE_FILES: readonly string[] = [...[DATABASE, KNOWN, REEMBEDDED].flatMap((name) => [name, `${name}-wal`, `${name}-shm`]), LOCK, ALERTS, `${ALERTS}-journal`];

/** `Sluc`; `file` and every reader tell our database from another by it. */
export const APPLICATION_ID = 0x536c7563;

/** Raised with every change of the tables. */
export const VERSION = 8;

/** Bad annotations by kind: of an item, or of a source those that belong to no image of it. */
const FAULTS = `
CREATE TABLE faults(
  number INTEGER PRIMARY KEY, seq INTEGER, source ANY, code TEXT NOT NULL, count INTEGER NOT NULL, causes TEXT NOT NULL, CHECK((seq IS NULL) <> (source IS NULL))
) STRICT;
CREATE INDEX faults_by_seq ON faults(seq);
`;

/** What was found of the objects of an item, as JSON; no row where none were looked at. */
const OBJECTS = 'CREATE TABLE objects(seq INTEGER PRIMARY KEY, findings TEXT NOT NULL) STRICT;';

/** Labels that were corrected, with what of the source went with them, as they were before, the oldest of an item first: the first is the one that was given. `after`: seq of the last item by then. */
const CORRECTIONS = `
CREATE TABLE corrections(number INTEGER PRIMARY KEY, seq INTEGER NOT NULL, after INTEGER NOT NULL, label TEXT, origin ANY) STRICT;
CREATE INDEX corrections_by_seq ON corrections(seq);
`;

/**
 * Items that are gone: their verdict (`dead` for a dead letter) and time, and the seq of the last item by then. `id`: a hash, by which it is known again (gone.ts).
 */
const GONE = `
CREATE TABLE IF NOT EXISTS gone(seq INTEGER PRIMARY KEY, id BLOB NOT NULL, verdict TEXT NOT NULL, time REAL, after INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS gone_by_id ON gone(id);
`;

/** Items whose rows were let go for their age, as far as their source may hand them out again: a short hash of the id (gone.ts); and how many there were in all. */
const PRUNED = `
CREATE TABLE IF NOT EXISTS pruned(id INTEGER NOT NULL, seq INTEGER NOT NULL, decided INTEGER NOT NULL, PRIMARY KEY(id, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pruned_counts(one INTEGER PRIMARY KEY CHECK(one = 1), admit INTEGER NOT NULL, reject INTEGER NOT NULL, dead INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO pruned_counts VALUES(1, 0, 0, 0);
CREATE INDEX IF NOT EXISTS admitted_by_digest ON items(digest) WHERE admitted = 1;
`;

/** Whose thumbnails a strip holds. */
const STRIPS = 'CREATE INDEX IF NOT EXISTS thumbnails_by_strip ON thumbnails(strip);';

/** What alerts of the first versions do not have. */
const ALERT = ['id TEXT', 'first_seen TEXT', 'growth REAL', 'nearest_known TEXT'];

/** What brings the tables of an earlier version to the next one, by version. A folder that is only read stays as it is. */
export const UPGRADES: ReadonlyMap<number, string> = new Map([
  [1, `${FAULTS}${OBJECTS}`],
  [2, CORRECTIONS],
  [3, `ALTER TABLE alerts ADD COLUMN ${ALERT.join('; ALTER TABLE alerts ADD COLUMN ')};`],
  [4, VERSIONS],
  [5, GONE],
  [6, STRIPS],
  [7, PRUNED],
]);

/**
 * Items are narrow; what is large and rarely read lies in tables of its own under the same seq. Ids may be BLOBs (see values.ts),
 * hence ANY.
 * State is no WITHOUT ROWID table: its values of 1 to 2 KB would spill to an overflow page each.
 */
export const TABLES = `
CREATE TABLE items(
  seq INTEGER PRIMARY KEY, id ANY NOT NULL UNIQUE, uri ANY NOT NULL, stream ANY NOT NULL, time REAL, admitted INTEGER NOT NULL, review INTEGER NOT NULL,
  reasons TEXT NOT NULL, score REAL NOT NULL, novelty REAL NOT NULL, cluster INTEGER NOT NULL, share REAL NOT NULL, nearest ANY, similarity REAL,
  label TEXT, suspicion REAL, suspicion_now REAL, quality TEXT NOT NULL, split TEXT, digest TEXT NOT NULL
) STRICT;
CREATE TABLE vectors(seq INTEGER PRIMARY KEY, vector BLOB NOT NULL) STRICT;
CREATE TABLE strips(strip INTEGER PRIMARY KEY, jpeg BLOB NOT NULL) STRICT;
CREATE TABLE thumbnails(seq INTEGER PRIMARY KEY, strip INTEGER NOT NULL, place INTEGER NOT NULL) STRICT;
${STRIPS}
CREATE TABLE origins(seq INTEGER PRIMARY KEY, origin ANY NOT NULL) STRICT;
CREATE TABLE dead(seq INTEGER PRIMARY KEY, id ANY NOT NULL, code TEXT NOT NULL, cause ANY NOT NULL) STRICT;
CREATE INDEX dead_by_id ON dead(id);
CREATE TABLE alerts(
  number INTEGER PRIMARY KEY, seq INTEGER NOT NULL, kind TEXT NOT NULL, cluster INTEGER, time REAL, support REAL NOT NULL, exemplars TEXT NOT NULL, streams TEXT NOT NULL,
  ${ALERT.join(', ')}
) STRICT;
CREATE TABLE state(kind TEXT NOT NULL, key INTEGER NOT NULL, value BLOB NOT NULL, UNIQUE(kind, key)) STRICT;
CREATE TABLE runs(seq INTEGER PRIMARY KEY, config TEXT NOT NULL) STRICT;
CREATE TABLE headers(number INTEGER PRIMARY KEY, source ANY NOT NULL UNIQUE, header ANY NOT NULL) STRICT;
CREATE TABLE figures(
  one INTEGER PRIMARY KEY CHECK(one = 1), decided INTEGER NOT NULL, admitted INTEGER NOT NULL, dead INTEGER NOT NULL, unspent REAL NOT NULL, transactions INTEGER NOT NULL
) STRICT;
INSERT INTO figures VALUES(1, 0, 0, 0, 0, 0);
${FAULTS}${OBJECTS}${CORRECTIONS}${VERSIONS}${GONE}${PRUNED}`;
