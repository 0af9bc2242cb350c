/** What an output folder holds of an id, and of which source. Of what is gone it holds that it was there. */
import type { DatabaseSync } from 'node:sqlite';
import type { OnRecord } from '../../operators/ports.ts';
import { hashOfId, shortHashOfId } from './gone.ts';
import type { RunEntry } from './types.ts';
import { number, toText } from './values.ts';

/** @param runs in order of seq: a record is of the source of the last run at or before its seq */
export function onRecord(db: DatabaseSync, runs: readonly RunEntry[], source: string): (id: string) => OnRecord {
  // Node 22.15 takes numbered parameters for named ones: the value is given twice.
  const seqs = db.prepare('SELECT seq, 1 AS decided FROM items WHERE id = ? UNION ALL SELECT seq, 0 AS decided FROM dead WHERE id = ?');
  const gone = db.prepare("SELECT seq, verdict <> 'dead' AS decided FROM gone WHERE id = ?");
  const pruned = db.prepare('SELECT seq, decided FROM pruned WHERE id = ?');
  const ofSource = (seq: number): boolean => runs.findLast((run) => run.seq <= seq)?.config.source === source;
  return (id) => {
    const name = toText(id);
    const rows = [...seqs.all(name, name), ...gone.all(hashOfId(id)), ...pruned.all(shortHashOfId(id))];
    return { ofSource: rows.filter((row) => ofSource(number(row['seq']))).length, decided: rows.some((row) => row['decided'] === 1) };
  };
}
