/** What an output folder holds of an id, and of which source. */
import type { DatabaseSync } from 'node:sqlite';
import type { RunEntry } from './types.ts';
import { number, toText } from './values.ts';

export interface OnRecord {
  /** Verdicts and dead letters that entries of this source with this id have got. */
  readonly ofSource: number;
  /** Whether the folder holds the id at all, from whatever source. */
  readonly any: boolean;
}

/** @param runs in order of seq: a record is of the source of the last run at or before its seq */
export function onRecord(db: DatabaseSync, runs: readonly RunEntry[], source: string): (id: string) => OnRecord {
  const seqs = db.prepare('SELECT seq FROM items WHERE id = ?1 UNION ALL SELECT seq FROM dead WHERE id = ?1');
  const ofSource = (seq: number): boolean => runs.findLast((run) => run.seq <= seq)?.config.source === source;
  return (id) => {
    const rows = seqs.all(toText(id));
    return { ofSource: rows.filter((row) => ofSource(number(row['seq']))).length, any: rows.length > 0 };
  };
}
