import type { Reader, StoredDecision } from '../store/types.ts';
import type { Selection } from './types.ts';

/** The verdicts of an export, in order of seq. */
export function selected(reader: Reader, selection: Selection): Iterable<StoredDecision> {
  return selection === 'all' ? reader.decisions() : reader.decisions(selection);
}

/** How many those are, without reading them. */
export function countSelected(reader: Reader, selection: Selection): number {
  const { decided, admitted } = reader.totals();
  return selection === 'all' ? decided : selection === 'admit' ? admitted : decided - admitted;
}
