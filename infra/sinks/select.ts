import type { Reader, StoredDecision } from '../store/types.ts';
import type { Selection } from './types.ts';

/** The verdicts of an export, in order of seq. */
export function selected(reader: Reader, selection: Selection): Iterable<StoredDecision> {
  return selection === 'all' ? reader.decisions() : reader.decisions(selection);
}

/** How many those are, without reading them. */
export function countSelected(reader: Reader, selection: Selection): number {
  const gone = reader.gone();
  const admitted = reader.totals().admitted - gone.admit;
  const decided = reader.totals().decided - gone.admit - gone.reject;
  return selection === 'all' ? decided : selection === 'admit' ? admitted : decided - admitted;
}
