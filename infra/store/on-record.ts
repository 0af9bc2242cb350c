/** What an output folder holds of an id, and of which source. */
import type { DatabaseSync } from 'node:sqlite';
import type { OnRecord } from '../../operators/ports.ts';
import type { RunEntry } from './types.ts';
import { number, toText } from './values.ts';

/** @param runs in order of seq: a record is of the source of the last run at or before its seq */
export function onRecord(db: DatabaseSync, runs: readonly RunEntry[], source: string): (id: string) => OnRecord {
  const seqs = db.prepare('SELECT seq, 1 AS decided FROM items WHERE id = ?1 UNION ALL SELECT seq, 0 AS decided FROM dead WHERE id = ?1');
  const ofSource = (seq: number): boolean => runs.findLast((run) => run.seq <= seq)?.config.source === source;
  return (id) => {
    const rows = seqs.all(toText(id));
    return { ofSource: rows.filter((row) => ofSource(number(row['seq']))).length, decided: rows.some((row) => row['decided'] === 1) };
  };
}
